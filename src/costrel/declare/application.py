"""Application: what is declared on an app alone, beside what it shares with blueprints."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, ValuesView
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, TypeVar

from costrel.declare.blueprint import Blueprint
from costrel.declare.declared_at import declared_at
from costrel.declare.scaffold import FOR_FILES, Scaffold, _endpoint_from_view_func, setupmethod
from costrel.declare.watched import WatchedList
from costrel.http.aborter import Aborter
from costrel.http.cached import cached_property
from costrel.http.immutable import ImmutableDict
from costrel.http.known_as import known_view
from costrel.parts.config import Config, ConfigAttribute
from costrel.parts.environment import get_debug_flag
from costrel.parts.importing import find_instance_path
from costrel.parts.json_provider import DefaultJSONProvider, JSONProvider
from costrel.parts.sessions import SecureCookieSessionInterface
from costrel.routing.rule import Rule
from costrel.routing.url_map import Map

if TYPE_CHECKING:
    import logging

    from jinja2 import BaseLoader, Environment

    from costrel.parts.sessions import SessionInterface

F = TypeVar("F", bound=Callable[..., Any])

# Flask's names and values; the documentation of each is in docs/config.md.
DEFAULT_CONFIG = ImmutableDict(
    {
        "DEBUG": None,
        "TESTING": False,
        "PROPAGATE_EXCEPTIONS": None,
        "SECRET_KEY": None,
        "SECRET_KEY_FALLBACKS": None,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
        "USE_X_SENDFILE": False,
        "TRUSTED_HOSTS": None,
        "SERVER_NAME": None,
        "APPLICATION_ROOT": "/",
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": None,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": False,
        "SESSION_COOKIE_PARTITIONED": False,
        "SESSION_COOKIE_SAMESITE": None,
        "SESSION_REFRESH_EACH_REQUEST": True,
        "MAX_CONTENT_LENGTH": None,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        "SEND_FILE_MAX_AGE_DEFAULT": None,
        "TRAP_BAD_REQUEST_ERRORS": None,
        "TRAP_HTTP_EXCEPTIONS": False,
        "EXPLAIN_TEMPLATE_LOADING": False,
        "PREFERRED_URL_SCHEME": "http",
        "TEMPLATES_AUTO_RELOAD": None,
        "MAX_COOKIE_SIZE": 4093,
        "PROVIDE_AUTOMATIC_OPTIONS": True,
        "MAX_WEBSOCKET_MESSAGE": 1 << 20,
        "WEBSOCKET_ORIGINS": None,
        "WEBSOCKET_THREADS": 256,
        "STATIC_ON_LOOP": True,
        "WORKER_THREADS": None,
        "SHUTDOWN_TIMEOUT": 10.0,
    }
)


def as_timedelta(value: Any) -> Any:
    """Seconds as a timedelta; all else as it is."""
    return timedelta(seconds=value) if isinstance(value, (int, float)) else value


class Application(Scaffold):
    """The declaring half of the application class. See :class:`costrel.Flask`."""

    aborter_class = Aborter
    app_ctx_globals_class: type[Any]
    config_class = Config
    default_config: Any = DEFAULT_CONFIG
    response_class: type[Any]
    json_provider_class: type[JSONProvider] = DefaultJSONProvider
    jinja_options: dict[str, Any] = {}  # noqa: RUF012  # Flask's name and kind; subclasses replace it
    url_rule_class: type[Rule] = Rule
    url_map_class: type[Map] = Map
    test_client_class: type[Any] | None = None
    test_cli_runner_class: type[Any] | None = None
    session_interface: SessionInterface = SecureCookieSessionInterface()

    testing = ConfigAttribute[bool]("TESTING")
    secret_key = ConfigAttribute[str | bytes | None]("SECRET_KEY")
    permanent_session_lifetime = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME", as_timedelta
    )

    _got_first_request = False

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if instance_path is None:
            instance_path = self.auto_find_instance_path()
        elif not os.path.isabs(instance_path):
            raise ValueError(
                f"instance_path must be absolute, and {instance_path!r} is not. "
                "A relative one would depend on where the program is started."
            )
        self.instance_path = instance_path
        self.config = self.make_config(instance_relative_config)
        self.aborter = self.make_aborter()
        self.json: JSONProvider = self.json_provider_class(self)
        self.url_build_error_handlers: list[Callable[..., str]] = []
        self.teardown_appcontext_funcs: list[Callable[..., Any]] = WatchedList(self._tell_changed)
        self.shell_context_processors: list[Callable[[], dict[str, Any]]] = []
        self.before_serving_funcs: list[Callable[[], Any]] = []
        self.after_serving_funcs: list[Callable[[], Any]] = []
        self.while_serving_gens: list[Callable[[], Any]] = []
        self.blueprints: dict[str, Blueprint] = {}
        self.extensions: dict[str, Any] = {}
        self.subdomain_matching = subdomain_matching
        self.url_map = self.url_map_class(host_matching=host_matching)
        self._add_static_route(static_host, host_matching)

    def _add_static_route(self, static_host: str | None, host_matching: bool) -> None:
        """Declare the URL of the static files, if there is a folder of them."""
        if not self.has_static_folder:
            return
        if bool(static_host) != host_matching:
            raise AssertionError(
                "static_host and host_matching go together: with host_matching the static files "
                "need a host of their own, without it they have none."
            )
        self.add_url_rule(
            f"{self.static_url_path}/<path:filename>",
            endpoint="static",
            host=static_host,
            view_func=known_view(self._static_view()),
            inline=FOR_FILES,
        )

    def _static_view(self) -> Callable[..., Any]:
        """The view of the static files; it does not keep the app alive."""
        raise NotImplementedError

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            raise AssertionError(
                f"The setup method {f_name!r} can no longer be called on the application: "
                "it has handled its first request, so what is declared now would not take effect "
                "everywhere. Make sure that all imports, decorators and functions that set up the "
                "application have run before it is served."
            )

    # What it is fitted with

    @cached_property
    def name(self) -> str:
        """The app's name: its module's, or the script's."""
        if self.import_name != "__main__":
            return self.import_name
        import __main__  # noqa: PLC0415  # the script as it is when the name is first asked for

        file = getattr(__main__, "__file__", None)
        if file is None:
            return "__main__"
        return str(os.path.splitext(os.path.basename(file))[0])

    @cached_property
    def logger(self) -> logging.Logger:
        """The app's logger, of the app's name."""
        # logging takes 8 ms to import, and a quiet app never logs.
        from costrel.parts.logger import create_logger  # noqa: PLC0415

        return create_logger(self)

    @cached_property
    def jinja_env(self) -> Environment:
        """The Jinja environment, made when first used."""
        return self.create_jinja_environment()

    def create_jinja_environment(self) -> Environment:
        """Make the Jinja environment."""
        raise NotImplementedError

    def create_global_jinja_loader(self) -> BaseLoader:
        """Make the loader that finds templates in the app and its blueprints."""
        raise NotImplementedError

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Whether a template's values are escaped: by its ending, and always if it has no name."""
        return filename is None or filename.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))

    def make_config(self, instance_relative: bool = False) -> Config:
        """Make the config, with paths relative to the root or the instance folder."""
        root = self.instance_path if instance_relative else self.root_path
        defaults = dict(self.default_config)
        defaults["DEBUG"] = get_debug_flag()
        return self.config_class(root, defaults)

    def make_aborter(self) -> Aborter:
        """Make what ``abort`` raises by."""
        return self.aborter_class()

    def auto_find_instance_path(self) -> str:
        """Find the folder for files that belong to this deployment."""
        return find_instance_path(self.import_name, self.name)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the instance folder.

        :param resource: its path, relative to the folder.
        :param mode: as for :func:`open`.
        :param encoding: the encoding of a text file.
        """
        path = os.path.join(self.instance_path, resource)
        return (
            open(path, mode) if "b" in mode else open(path, mode, encoding=encoding)
        )  # the caller closes it

    @property
    def debug(self) -> bool:
        """Whether debug mode is on; set it before the first request."""
        return self.config["DEBUG"]  # type: ignore[no-any-return]  # a bool by its documentation

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        if self.config["TEMPLATES_AUTO_RELOAD"] is None and "jinja_env" in vars(self):
            self.jinja_env.auto_reload = value

    # Routes and blueprints

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Register a blueprint.

        :param options: ``url_prefix``, ``subdomain``, ``name``, ``url_defaults``, ``cli_group``.
        :raises ValueError: where its name is taken.
        """
        blueprint.register(self, options)

    def iter_blueprints(self) -> ValuesView[Blueprint]:
        """The blueprints in the order of registration."""
        return self.blueprints.values()

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
        :param options: ``methods``, ``defaults`` and others of a Rule; ``inline=True`` says that a
            sync view is quick enough to run on a server's event loop, ``stream_body=True`` that
            the view reads the body while it arrives, from ``request.stream``.
        :raises AssertionError: where the endpoint has another view already.
        """
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        inline, streams_body = options.pop("inline", False), options.pop("stream_body", False)
        handles_websocket = options.pop("handles_websocket", False)
        methods = _methods(options.pop("methods", None), view_func)
        if options.get("websocket"):
            provide_automatic_options = False
        if provide_automatic_options is None:
            provide_automatic_options = getattr(view_func, "provide_automatic_options", None)
        if provide_automatic_options is None:
            provide_automatic_options = (
                "OPTIONS" not in methods and self.config["PROVIDE_AUTOMATIC_OPTIONS"]
            )
        if provide_automatic_options:
            methods.add("OPTIONS")
        declared: Any = self.url_rule_class(rule, endpoint=endpoint, methods=methods, **options)
        declared.provide_automatic_options = provide_automatic_options
        declared.declared_at = declared_at()
        declared.handles_websocket = handles_websocket
        declared.inline = inline
        declared.streams_body = streams_body
        self._refuse_second_view(endpoint, view_func)
        self.url_map.add(declared)
        if view_func is not None:
            self.view_functions[endpoint] = view_func

    def _refuse_second_view(self, endpoint: str, view: Callable[..., Any] | None) -> None:
        known = self.view_functions.get(endpoint)
        if view is None or known is None or known == view:
            return
        raise AssertionError(
            "View function mapping is overwriting an existing endpoint function: "
            f"{endpoint!r} is {_place(known)}, and now {_place(view)}. "
            "Give one of them another name, or its route endpoint='...'; a decorator between "
            "@route and the view needs functools.wraps to keep the view's name."
        )

    # Templates

    def _jinja_decorator(self, add: Callable[..., None], name: Any) -> Any:
        """A decorator that adds a function to templates, used with or without a name."""
        if callable(name):
            add(name)
            return name

        def decorate(function: F) -> F:
            add(function, name=name)
            return function

        return decorate

    @setupmethod
    def template_filter(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a template filter."""
        return self._jinja_decorator(self.add_template_filter, name)  # type: ignore[no-any-return]  # a decorator

    @setupmethod
    def add_template_filter(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Declare a function as a template filter, of its own name unless given another."""
        self.jinja_env.filters[name or f.__name__] = f

    @setupmethod
    def template_test(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a template test."""
        return self._jinja_decorator(self.add_template_test, name)  # type: ignore[no-any-return]  # a decorator

    @setupmethod
    def add_template_test(self, f: Callable[..., bool], name: str | None = None) -> None:
        """Declare a function as a template test, of its own name unless given another."""
        self.jinja_env.tests[name or f.__name__] = f

    @setupmethod
    def template_global(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a global of all templates."""
        return self._jinja_decorator(self.add_template_global, name)  # type: ignore[no-any-return]  # a decorator

    @setupmethod
    def add_template_global(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Declare a function as a global of all templates, of its own name unless given another."""
        self.jinja_env.globals[name or f.__name__] = f

    # The start and the end of serving

    @setupmethod
    def before_serving(self, f: F) -> F:
        """Run a function, sync or async, once in each process before its first request."""
        self.before_serving_funcs.append(f)
        return f

    @setupmethod
    def after_serving(self, f: F) -> F:
        """Run a function, sync or async, once in each process after its last request."""
        self.after_serving_funcs.append(f)
        return f

    @setupmethod
    def while_serving(self, f: F) -> F:
        """Run a generator function, sync or async: to its ``yield`` first, the rest at the end."""
        self.while_serving_gens.append(f)
        return f

    # Others

    @setupmethod
    def teardown_appcontext(self, f: F) -> F:
        """Run a function at the end of each context, with the error that ended it or ``None``."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: F) -> F:
        """Add what a function returns, a dict, to the names of the app's shell."""
        self.shell_context_processors.append(f)
        return f


def _methods(given: Iterable[str] | None, view: Callable[..., Any] | None) -> set[str]:
    """The methods of a rule, in upper case, with those that its view asks for."""
    if given is None:
        given = getattr(view, "methods", None) or ("GET",)
    if isinstance(given, str):
        raise TypeError(f"methods is a list of names: methods=[{given!r}].")
    return {method.upper() for method in given} | set(getattr(view, "required_methods", ()))


def _place(view: Callable[..., Any]) -> str:
    """Where a view is defined, for an error."""
    code = getattr(view, "__code__", None)
    name = getattr(view, "__qualname__", repr(view))
    return f"{name} at {code.co_filename}:{code.co_firstlineno}" if code else name
