"""Scaffold: what an app and a blueprint share, the declaring methods and what they fill.

Law: nothing is run here. Each method writes into one of the public containers, which are
Flask's, so that extensions may write into them as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

from costrel.declare.resources import Resources
from costrel.declare.watched import Telling, WatchedDict, handler_table, hook_table
from costrel.http.door import Door
from costrel.http.event_stream import HEARTBEAT, event_view, is_async_generator
from costrel.http.exceptions import HTTPException, default_exceptions
from costrel.parts.importing import get_root_path

if TYPE_CHECKING:
    from costrel.cli.groups import AppGroup
    from costrel.parts.annotations import RouteCallable

F = TypeVar("F", bound=Callable[..., Any])
View = TypeVar("View", bound="RouteCallable")

# A rule's `inline` where its view sends static files: on an event loop if `STATIC_ON_LOOP` says so
# and nothing stands around the view.
FOR_FILES = "static files"


def setupmethod(function: F) -> F:
    """Make a declaring method refuse to be called once requests are being served."""

    def checked(self: Scaffold, *args: Any, **kwargs: Any) -> Any:
        self._check_setup_finished(function.__name__)
        return function(self, *args, **kwargs)

    return update_wrapper(checked, function)  # type: ignore[return-value]  # of the same signature


class Scaffold(Resources):
    """The declaring methods of an app and of a blueprint.

    :param import_name: the name of the module it is made in, usually ``__name__``.
    :param static_folder: a folder of static files, relative to ``root_path``.
    :param static_url_path: the URL of the static files; the folder's name unless given.
    :param template_folder: a folder of templates, relative to ``root_path``.
    :param root_path: the folder that others are relative to; found by ``import_name``.
    """

    if TYPE_CHECKING:
        cli: AppGroup
    else:
        cli = Door("costrel.cli.groups:app_group", made_once=True)

    name: str

    def __init__(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        root_path: str | None = None,
    ) -> None:
        self.import_name = import_name
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.template_folder = template_folder
        self.root_path = get_root_path(import_name) if root_path is None else root_path
        changed = self._tell_changed = Telling(self._declarations_changed)
        self.view_functions: dict[str, Callable[..., Any]] = WatchedDict(changed)
        self.error_handler_spec: WatchedDict = handler_table(changed)
        self.before_request_funcs: WatchedDict = hook_table(changed)
        self.after_request_funcs: WatchedDict = hook_table(changed)
        self.teardown_request_funcs: WatchedDict = hook_table(changed)
        self.before_websocket_funcs: WatchedDict = hook_table(changed)
        self.after_websocket_funcs: WatchedDict = hook_table(changed)
        self.teardown_websocket_funcs: WatchedDict = hook_table(changed)
        self.url_value_preprocessors: WatchedDict = hook_table(changed)
        self.url_default_functions: WatchedDict = hook_table(changed)
        self.template_context_processors: WatchedDict = hook_table(changed)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _declarations_changed(self) -> None:
        """Called after each change of the containers; what was compiled from them is stale."""

    def _check_setup_finished(self, f_name: str) -> None:
        """Refuse a declaring method that comes too late.

        :raises AssertionError: with the method's name and what to do.
        """
        raise NotImplementedError

    # Routes

    @setupmethod
    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL, for GET."""
        return self._method_route("GET", rule, options)

    @setupmethod
    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL, for POST."""
        return self._method_route("POST", rule, options)

    @setupmethod
    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL, for PUT."""
        return self._method_route("PUT", rule, options)

    @setupmethod
    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL, for DELETE."""
        return self._method_route("DELETE", rule, options)

    @setupmethod
    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL, for PATCH."""
        return self._method_route("PATCH", rule, options)

    def _method_route(
        self, method: str, rule: str, options: dict[str, Any]
    ) -> Callable[[View], View]:
        if "methods" in options:
            raise TypeError(
                f"@{method.lower()}(...) is for {method} alone. "
                "Use @route(..., methods=[...]) for others."
            )
        return self.route(rule, methods=[method], **options)

    @setupmethod
    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a URL.

        :param rule: the URL, with its variables as ``<converter:name>``.
        :param options: ``methods``, ``endpoint``, ``defaults`` and others of a Rule.
        """

        def decorate(view: View) -> View:
            self.add_url_rule(rule, options.pop("endpoint", None), view, **options)
            return view

        return decorate

    @setupmethod
    def websocket(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Declare the decorated function as the handler of a URL's WebSockets.

        :param rule: the URL, with its variables as ``<converter:name>``.
        :param options: ``endpoint``, ``defaults`` and others of a Rule.
        """
        return self.route(rule, websocket=True, handles_websocket=True, **options)

    @setupmethod
    def sse(
        self,
        rule: str,
        *,
        heartbeat: float | None = HEARTBEAT,
        retry: int | None = None,
        **options: Any,
    ) -> Callable[[F], F]:
        """Declare the decorated generator function, sync or async, as a stream of events.

        :param rule: the URL, with its variables as ``<converter:name>``.
        :param heartbeat: seconds without an event after which a comment is sent.
        :param retry: milliseconds after which a client that was cut off connects again.
        :param options: ``endpoint``, ``methods`` and others of a Rule.
        """

        def decorate(function: F) -> F:
            view = event_view(function, heartbeat=heartbeat, retry=retry)
            # Making an async generator takes no time, so the view needs no thread for it.
            options.setdefault("inline", is_async_generator(function))
            self.add_url_rule(rule, options.pop("endpoint", None), view, **options)
            return function

        return decorate

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Declare a URL.

        :param rule: the URL, with its variables as ``<converter:name>``.
        :param endpoint: the name to build the URL by; the view's name unless given.
        :param view_func: the view.
        :param provide_automatic_options: answer OPTIONS with the methods accepted.
        :param options: ``methods``, ``defaults`` and others of a Rule.
        """
        raise NotImplementedError

    @setupmethod
    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Declare the decorated function as the view of an endpoint whose URL is added apart."""

        def decorate(view: F) -> F:
            self.view_functions[endpoint] = view
            return view

        return decorate

    # Hooks

    @setupmethod
    def before_request(self, f: F) -> F:
        """Run a function before each request's view; what it returns, if anything, is answered."""
        self.before_request_funcs[None].append(f)
        return f

    @setupmethod
    def after_request(self, f: F) -> F:
        """Run a function on each response; it returns the response to send."""
        self.after_request_funcs[None].append(f)
        return f

    @setupmethod
    def teardown_request(self, f: F) -> F:
        """Run a function at the end of each request, with the error that ended it or ``None``."""
        self.teardown_request_funcs[None].append(f)
        return f

    @setupmethod
    def before_websocket(self, f: F) -> F:
        """Run a function before each WebSocket's handler; what it returns rejects the WebSocket."""
        self.before_websocket_funcs[None].append(f)
        return f

    @setupmethod
    def after_websocket(self, f: F) -> F:
        """Run a function after each WebSocket, with the response that rejected it or ``None``."""
        self.after_websocket_funcs[None].append(f)
        return f

    @setupmethod
    def teardown_websocket(self, f: F) -> F:
        """Run a function at the end of each WebSocket, with the error that ended it or ``None``."""
        self.teardown_websocket_funcs[None].append(f)
        return f

    @setupmethod
    def context_processor(self, f: F) -> F:
        """Add what a function returns, a dict, to the context of each template."""
        self.template_context_processors[None].append(f)
        return f

    @setupmethod
    def url_value_preprocessor(self, f: F) -> F:
        """Run a function with endpoint and URL values before all else; it may change them."""
        self.url_value_preprocessors[None].append(f)
        return f

    @setupmethod
    def url_defaults(self, f: F) -> F:
        """Run a function with endpoint and values whenever a URL is built; it may add values."""
        self.url_default_functions[None].append(f)
        return f

    @setupmethod
    def errorhandler(self, code_or_exception: type[Exception] | int) -> Callable[[F], F]:
        """Answer errors of a status code, or of an exception class, by the decorated function."""

        def decorate(handler: F) -> F:
            self.register_error_handler(code_or_exception, handler)
            return handler

        return decorate

    @setupmethod
    def register_error_handler(
        self, code_or_exception: type[Exception] | int, f: Callable[..., Any]
    ) -> None:
        """Answer errors of a status code, or of an exception class, by a function."""
        kind, code = self._get_exc_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][kind] = f

    @staticmethod
    def _get_exc_class_and_code(
        exc_class_or_code: type[Exception] | int,
    ) -> tuple[type[Exception], int | None]:
        """The class of errors that is meant, and its status code if it is an HTTP error."""
        kind: Any = exc_class_or_code
        if isinstance(exc_class_or_code, int):
            kind = default_exceptions.get(exc_class_or_code)
            if kind is None:
                raise ValueError(
                    f"{exc_class_or_code} is no HTTP error that can be raised. "
                    "Use a subclass of HTTPException with that code instead."
                )
        if isinstance(kind, Exception):
            raise TypeError(
                f"{kind!r} is an instance, not a class. "
                "Error handlers are for exception classes and status codes."
            )
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            name = getattr(kind, "__name__", repr(kind))
            raise ValueError(  # noqa: TRY004  # Flask's programs expect a ValueError
                f"'{name}' is not a subclass of Exception. "
                "Error handlers are for exception classes and status codes."
            )
        return kind, kind.code if issubclass(kind, HTTPException) else None


def _endpoint_from_view_func(view_func: Callable[..., Any] | None) -> str:
    """The endpoint that a view gets where none is given: its name."""
    if view_func is None:
        raise AssertionError("A rule without an endpoint needs a view, whose name it takes.")
    return view_func.__name__
