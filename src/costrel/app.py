"""Flask, the application class: what is declared and what is served, joined by compiling."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any

from costrel.compile.engine import compile_engine
from costrel.declare.application import Application
from costrel.declare.watched import WatchedDict, WatchedList, watched_like
from costrel.http.door import Door, NamedDoor
from costrel.serve.app_globals import AppGlobals
from costrel.serve.asgi_mark import AsgiMark
from costrel.serve.background import Background
from costrel.serve.current import CURRENT
from costrel.serve.lifespan import Lifespan
from costrel.serve.mounts import GUARDS, MOUNTERS, Mount
from costrel.serve.template_values import default_template_values
from costrel.serve.verbs import Verbs
from costrel.serve.wrappers import Request, Response, blueprint_chain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from costrel.cli.shell import make_shell_context
    from costrel.devserver.server import run
    from costrel.parts.jinja import Environment
    from costrel.routing.outcomes import BuildError
    from costrel.serve.plan import Engine
    from costrel.shortcuts.responding import app_redirect
    from costrel.shortcuts.sending import get_send_file_max_age, send_static_file
    from costrel.shortcuts.templating import (
        create_global_jinja_loader,
        create_jinja_environment,
        update_template_context,
    )
    from costrel.testing.async_client import open_async_client
    from costrel.testing.cli_runner import open_runner
    from costrel.testing.client import open_client
    from costrel.testing.flask_environ import open_request_context

# What the engine is compiled from beside the containers: setting one of these compiles anew.
_COMPILED_FROM = frozenset(
    {"request_class", "response_class", "session_interface", "subdomain_matching", "url_map"}
    # What middleware replaces: no server may go past it.
    | {"wsgi_app", "asgi_app", "rsgi_app"}
) | {name for name in vars(Verbs) if not name.startswith("__")}
# What makes each protocol's gateway.
GATEWAYS = {
    "wsgi": "costrel.serve.wsgi:make_wsgi_gateway",
    "asgi": "costrel.serve.asgi:make_asgi_gateway",
    "rsgi": "costrel.serve.rsgi:make_rsgi_gateway",
}
# The containers that tell when they are changed; one that replaces another must tell as well.
_WATCHED = frozenset({WatchedDict, WatchedList})


class Flask(Application, Verbs):
    """The application: what users declare on and servers call.

    :param import_name: the name of the module it is made in, usually ``__name__``; its files are
        looked for beside it.
    :param static_url_path: the URL path of the static files; the folder's name unless given.
    :param static_folder: the folder of static files, relative to ``root_path``.
    :param static_host: the host of the static files; needed with ``host_matching``.
    :param host_matching: rules have hosts.
    :param subdomain_matching: rules have subdomains, below ``SERVER_NAME``.
    :param template_folder: the folder of templates, relative to ``root_path``.
    :param instance_path: the absolute path of the folder for files of this deployment.
    :param instance_relative_config: read config files relative to the instance folder.
    :param root_path: the folder that others are relative to; found by ``import_name``.
    """

    # The doors: all code of an app that lives upstairs, or is heavy, by name.
    if TYPE_CHECKING:
        # What each opens onto, for type checkers.
        run = run
        test_client = open_client
        async_test_client = open_async_client
        test_cli_runner = open_runner
        test_request_context = open_request_context
        send_static_file = send_static_file
        get_send_file_max_age = get_send_file_max_age
        create_jinja_environment = create_jinja_environment
        create_global_jinja_loader = create_global_jinja_loader
        update_template_context = update_template_context
        make_shell_context = make_shell_context
        redirect = app_redirect
        jinja_environment: type[Environment]
    else:
        run = Door("costrel.devserver.server:run")
        test_client = Door("costrel.testing.client:open_client")
        async_test_client = Door("costrel.testing.async_client:open_async_client")
        test_cli_runner = Door("costrel.testing.cli_runner:open_runner")
        test_request_context = Door("costrel.testing.flask_environ:open_request_context")
        send_static_file = Door("costrel.shortcuts.sending:send_static_file")
        get_send_file_max_age = Door("costrel.shortcuts.sending:get_send_file_max_age")
        create_jinja_environment = Door("costrel.shortcuts.templating:create_jinja_environment")
        create_global_jinja_loader = Door("costrel.shortcuts.templating:create_global_jinja_loader")
        update_template_context = Door("costrel.shortcuts.templating:update_template_context")
        make_shell_context = Door("costrel.cli.shell:make_shell_context")
        redirect = Door("costrel.shortcuts.responding:app_redirect")
        jinja_environment = NamedDoor("costrel.parts.jinja:Environment")

    # The gateways, each while nothing stands before it.
    _direct_wsgi: Any = None
    _direct_asgi: Any = None
    _direct_rsgi: Any = None

    request_class: type[Any] = Request
    response_class: type[Any] = Response
    websocket_class = NamedDoor("costrel.serve.websocket:WebSocket")
    app_ctx_globals_class: type[Any] = AppGlobals

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
        self._engine: Engine | None = None
        self._changes = 0
        self._compiling = threading.RLock()
        self.mounts: list[Mount] = []
        self.lifespan = Lifespan(self)
        vars(self)["__call__"] = AsgiMark(weakref.ref(self))
        super().__init__(
            import_name,
            static_url_path,
            static_folder,
            static_host,
            host_matching,
            subdomain_matching,
            template_folder,
            instance_path,
            instance_relative_config,
            root_path,
        )
        self.url_map.on_change = self._tell_changed
        self.template_context_processors[None].append(default_template_values)

    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dict__.get(name)
        if type(known) in _WATCHED:
            value = watched_like(known, value)
        object.__setattr__(self, name, value)
        if name in _COMPILED_FROM or type(known) in _WATCHED:
            self._declarations_changed()

    # Compiling

    @property
    def engine(self) -> Engine:
        """What serves the app, compiled from what was declared when it is first needed."""
        found = self._engine
        if found is None:
            with self._compiling:
                found = self._engine
                while found is None:
                    before = self._changes
                    found = compile_engine(self)
                    if self._changes != before:
                        # Somebody declared something while it was compiled.
                        found = None
                self._engine = found
        return found

    def _declarations_changed(self) -> None:
        """Have the engine compiled anew, as what it was made of has changed."""
        self._changes += 1
        self._engine = None
        self._direct_wsgi = self._direct_asgi = self._direct_rsgi = None

    # Serving

    def __call__(self, scope: Any, receive: Any, send: Any = None) -> Any:
        """Answer a server: WSGI passes two arguments, the environ first, and ASGI three.

        It goes through :attr:`wsgi_app` or :attr:`asgi_app`, which middleware may replace.
        """
        # They bear ASGI's names because daphne passes them by name.
        # PERF: straight to the gateway where nothing stands before it (3 % of hello, 4 over ASGI).
        if send is None:
            return (self._direct_wsgi or self.wsgi_app)(scope, receive)
        return (self._direct_asgi or self.asgi_app)(scope, receive, send)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The app itself as a WSGI application: ``app.wsgi_app = Middleware(app.wsgi_app)``."""
        engine = self._engine
        if engine is None or engine.wsgi is None:
            # First of all: once there is a gateway, nobody comes this way and waits.
            self.lifespan.start_now()
            engine = self._open_gateway("wsgi")
        return engine.wsgi(environ, start_response)  # type: ignore[no-any-return]  # the gateway's body

    def asgi_app(self, scope: dict[str, Any], receive: Any, send: Any) -> Awaitable[None]:
        """The app itself as an ASGI application: ``app.asgi_app = Middleware(app.asgi_app)``."""
        engine = self._engine
        if engine is None or engine.asgi is None:
            if scope["type"] != "lifespan" and self.lifespan.is_to_start():
                return self._start_and_answer(scope, receive, send)
            engine = self._open_gateway("asgi")
        return engine.asgi(scope, receive, send)  # type: ignore[no-any-return]  # the gateway's coroutine

    async def _start_and_answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a server that has told of no start; whoever comes while it runs waits."""
        await self.lifespan.start_late()
        engine = self._open_gateway("asgi")
        await engine.asgi(scope, receive, send)

    def rsgi_app(self, scope: Any, protocol: Any) -> Awaitable[None]:
        """The app itself as an RSGI application."""
        engine = self._engine
        if engine is None or engine.rsgi is None:
            engine = self._open_gateway("rsgi")
        return engine.rsgi(scope, protocol)  # type: ignore[no-any-return]  # the gateway's coroutine

    def __rsgi__(self, scope: Any, protocol: Any) -> Awaitable[None]:
        """Answer an RSGI server, through :attr:`rsgi_app`, which middleware may replace."""
        return (self._direct_rsgi or self.rsgi_app)(scope, protocol)

    def __rsgi_init__(self, loop: Any) -> None:
        """Start, called by an RSGI server before its loop runs."""
        loop.run_until_complete(self.lifespan.start())

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop, called by an RSGI server after its loop ran."""
        loop.run_until_complete(self.lifespan.stop())

    def _open_gateway(self, protocol: str) -> Engine:
        """Make the gateway of a protocol that the app is served by for the first time."""
        with self._compiling:
            engine = self.engine
            self._got_first_request = True
            if getattr(engine, protocol) is None:
                # The gateways with an event loop import asyncio (40 ms), which WSGI never needs.
                gateway = _fetch(GATEWAYS[protocol])(self, engine)
                if self.mounts:
                    gateway = _fetch(MOUNTERS[protocol])(self, gateway, self.mounts)
                if is_guarded_over_wsgi_alone(self, protocol):
                    gateway = _fetch(GUARDS[protocol])(self, gateway)
                setattr(engine, protocol, gateway)
                if not has_own_entrance(self, f"{protocol}_app"):
                    setattr(self, f"_direct_{protocol}", gateway)
                if self._engine is not engine:
                    # Somebody declared something meanwhile.
                    self._declarations_changed()
            return engine

    def mount(self, prefix: str, app: Any, kind: str | None = None) -> None:
        """Serve another application below a prefix, whatever protocol the server speaks.

        None of this app's hooks run for it. One of this framework starts and stops with it, as
        an ASGI app does that has a lifespan.

        :param prefix: a path such as ``/admin``.
        :param app: a WSGI or an ASGI application.
        :param kind: ``wsgi`` or ``asgi``, where that is not found out right.
        :raises ValueError: for a prefix that is taken or is no path, or another kind.
        """
        self._check_setup_finished("mount")
        prefix = prefix.rstrip("/")
        if not prefix.startswith("/") or any(mount.prefix == prefix for mount in self.mounts):
            raise ValueError(
                f"{prefix!r} cannot be mounted at: a prefix is a path that begins with a slash, is "
                "more than that, and is not taken."
            )
        if kind not in {None, "wsgi", "asgi"}:
            raise ValueError(f"An application's kind is 'wsgi' or 'asgi', not {kind!r}.")
        self.mounts.append(Mount(prefix, app, kind))

    # Background work

    @property
    def background(self) -> Background:
        """The background work of this app in this process."""
        found: Background | None = vars(self).get("_background")
        if found is None:
            found = vars(self)["_background"] = Background(self)
        return found

    @property
    def has_background(self) -> bool:
        """Whether there was any background work."""
        return "_background" in vars(self)

    def spawn(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Run a function, sync or async, in the background, from now on.

        It sees a copy of the current context: the same request, a `g` of its own. What it raises
        is logged. At shutdown it is waited for, for ``SHUTDOWN_TIMEOUT`` seconds.
        """
        ctx = CURRENT.get(None)
        if ctx is not None and ctx.app is not self:
            ctx = None
        self.background.spawn(ctx, partial(function, *args, **kwargs))

    # What Flask's users override or call

    def _static_view(self) -> Callable[..., Any]:
        # The view is kept by the app: a strong reference would make the app wait for the collector.
        this = weakref.ref(self)

        def static(filename: str) -> Any:
            return this().send_static_file(filename=filename)  # type: ignore[union-attr]  # alive while it serves

        return static

    def inject_url_defaults(self, endpoint: str, values: dict[str, Any]) -> None:
        """Add to the values of a URL what the ``url_defaults`` functions of its scopes add."""
        scopes = chain((None,), reversed(blueprint_chain(endpoint.rpartition(".")[0])))
        for scope in scopes:
            for function in self.url_default_functions.get(scope, ()):
                function(endpoint, values)

    def handle_url_build_error(
        self, error: BuildError, endpoint: str, values: dict[str, Any]
    ) -> str:
        """Ask ``url_build_error_handlers`` for a URL that could not be built, else raise."""
        for handler in self.url_build_error_handlers:
            try:
                url = handler(error, endpoint, values)
            except type(error) as refused:
                error = refused
            else:
                if url is not None:
                    return url
        raise error


# As they stand here: agents that measure programs put theirs on the class.
_ENTRANCES = {name: vars(Flask)[name] for name in ("wsgi_app", "asgi_app", "rsgi_app")}


def has_own_entrance(app: Flask, entrance: str) -> bool:
    """Whether something stands before an app: middleware, a subclass's method or an agent's.

    :param entrance: ``wsgi_app``, ``asgi_app`` or ``rsgi_app``.
    """
    return entrance in vars(app) or getattr(type(app), entrance) is not _ENTRANCES[entrance]


def is_guarded_over_wsgi_alone(app: Flask, protocol: str) -> bool:
    """Whether something stands before an app's ``wsgi_app``, and nothing before this protocol's.

    :param protocol: ``asgi`` or ``rsgi``; over ``wsgi`` it never does.
    """
    return has_own_entrance(app, "wsgi_app") and not has_own_entrance(app, f"{protocol}_app")


def _fetch(target: str) -> Any:
    """What is named as ``"package.module:name"``."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
