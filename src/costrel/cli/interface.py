"""Which protocol suits an app: read off what it declared, and told in a few words.

Law: it runs in a process of its own (``python -m costrel.cli.interface``), so that the one that
starts workers never imports the program, and each reload of a worker has the new source.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import chain
from typing import Any

from costrel.app import Flask, has_own_entrance
from costrel.cli.locate import NoAppException, ScriptInfo, prepare_import
from costrel.http.event_stream import event_view, is_async_generator
from costrel.serve.drive import is_async

WSGI, ASGI, RSGI = "wsgi", "asgi", "rsgi"
_EVENT_VIEW = event_view(lambda: None).__code__


@dataclass(frozen=True)
class Served:
    """What is to be served.

    :ivar target: ``module:name``, or ``module:factory(arguments)``.
    :ivar folder: what the module is imported from.
    :ivar interface: the protocol that suits it.
    :ivar reason: why.
    """

    name: str
    target: str
    folder: str
    interface: str
    reason: str


def choose_interface(app: Any) -> tuple[str, str]:
    """Choose the protocol for an app, and say why.

    Sync views are fastest over WSGI, where no event loop stands between server and thread. RSGI
    loses the codes that WebSockets are closed with.
    """
    if any(rule.websocket for rule in app.url_map.iter_rules()):
        return ASGI, "it has WebSockets"
    if any(mount.asgi is not None and mount.wsgi is None for mount in app.mounts):
        return ASGI, "an ASGI application is mounted in it"
    if has_own_entrance(app, "wsgi_app"):
        return WSGI, "middleware stands around its wsgi_app"
    if type(app).__call__ is not Flask.__call__:
        return WSGI, "its class has a __call__ of its own"
    if has_own_entrance(app, "asgi_app"):
        return ASGI, "middleware stands around its asgi_app"
    if any(_is_stream(view) for view in app.view_functions.values()):
        return RSGI, "it sends event streams"
    if any(map(_waits, _functions(app))):
        return RSGI, "it has async views or hooks"
    return WSGI, "all of its views are sync"


def _functions(app: Any) -> Iterator[Any]:
    """Views, hooks and error handlers."""
    yield from app.view_functions.values()
    tables = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    for table in tables:
        yield from chain.from_iterable(table.values())
    for scopes in app.error_handler_spec.values():
        for handlers in scopes.values():
            yield from handlers.values()


def _waits(function: Any) -> bool:
    return is_async(function) or getattr(function, "may_wait", False)


def _is_stream(view: Any) -> bool:
    return is_async_generator(view) or getattr(view, "__code__", None) is _EVENT_VIEW


def find_target(app: Any, app_import_path: str | None) -> str:
    """Say where an app is, as ``module:name`` or ``module:factory()``.

    :param app_import_path: how it was named.
    :raises NoAppException: it is in no module by a name.
    """
    path, _, name = (app_import_path or "").partition(":")
    files = [path] if path else ["wsgi.py", "app.py"]
    for file in files:
        module = prepare_import(file)
        if name:
            return f"{module}:{name}"
        if module in sys.modules:
            for found, value in vars(sys.modules[module]).items():
                if value is app:
                    return f"{module}:{found}"
            for found in ("create_app", "make_app"):
                if callable(getattr(sys.modules[module], found, None)):
                    return f"{module}:{found}()"
    raise NoAppException("The application has no name in its module: name it with --app.")


def describe(app_import_path: str | None) -> Served:
    """Load an app and say how it is to be served."""
    app = ScriptInfo(app_import_path).load_app()
    target = find_target(app, app_import_path)
    return Served(app.name, target, sys.path[0], *choose_interface(app))


def describe_elsewhere(app_import_path: str | None) -> Served:
    """Load an app in another process, and say how it is to be served.

    :raises SystemExit: it cannot be loaded; that process has said why.
    """
    command = [sys.executable, "-m", "costrel.cli.interface", app_import_path or ""]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603  # ourselves
    if done.returncode:
        sys.exit(done.returncode)
    # What the program itself prints comes before.
    return Served(**json.loads(done.stdout.decode().splitlines()[-1]))


def load_served(
    folder: str, target: str, *, threads: int | None, proxies: int, health: str | None
) -> Any:
    """Load what a worker serves.

    :param threads: for sync views on an event loop.
    :param proxies: how many proxies stand in front.
    :param health: a path that says that the worker lives.
    """
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module, _, name = target.partition(":")
    app = import_module("costrel.cli.locate").locate_app(module, name)
    app.debug = False
    if threads is not None:
        app.config["WORKER_THREADS"] = threads
    served: Any = app
    if proxies or health:
        # Only where it is asked for.
        from costrel.cli.around_served import AroundServed  # noqa: PLC0415

        served = AroundServed(app, proxies=proxies, health=health)
    return served


def main(arguments: Iterable[str]) -> None:
    """Describe an app on stdout."""
    (path,) = arguments
    try:
        told = asdict(describe(path or None))
    except NoAppException as error:
        error.show()
        sys.exit(error.exit_code)
    print(json.dumps(told), flush=True)  # after what the program itself prints


if __name__ == "__main__":
    main(sys.argv[1:])
