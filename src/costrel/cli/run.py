"""The command `run`: serve the application for development."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from costrel.cli.locate import NoAppException, ScriptInfo
from costrel.devserver import simple
from costrel.devserver.startup_errors import fail_start
from costrel.devserver.supervisor import is_running_from_reloader
from costrel.parts.environment import get_debug_flag
from costrel.parts.importing import import_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class CertParamType(click.ParamType):  # type: ignore[type-arg]  # generic only in new clicks
    """``--cert``: a certificate file, ``adhoc``, or the name of an ``ssl.SSLContext``."""

    name = "path"

    def __init__(self) -> None:
        self.path_type = click.Path(exists=True, dir_okay=False, resolve_path=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the value.

        :raises click.BadParameter: it is none of the kinds, or TLS is not to be had.
        """
        ssl = _import_ssl(ctx, param)
        try:
            return self.path_type(value, param, ctx)
        except click.BadParameter:
            text = click.STRING(value, param, ctx).lower()
            if text == "adhoc":
                self._require_cryptography(ctx, param)
                return text
            found = import_string(value, silent=True)
            if isinstance(found, ssl.SSLContext):
                return found
            raise

    @staticmethod
    def _require_cryptography(ctx: click.Context | None, param: click.Parameter | None) -> None:
        try:
            import_module("cryptography")
        except ImportError:
            raise click.BadParameter(
                "adhoc certificates take the package cryptography: pip install cryptography",
                ctx,
                param,
            ) from None


def _import_ssl(ctx: click.Context | None, param: click.Parameter | None) -> Any:
    try:
        return import_module("ssl")
    except ImportError:
        raise click.BadParameter(
            "this Python has no TLS: it was built without the module ssl.", ctx, param
        ) from None


def _validate_key(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Join ``--key`` with ``--cert``, in whichever order they came."""
    cert = ctx.params.get("cert")
    if value is None:
        if isinstance(cert, str) and cert != "adhoc":
            raise click.BadParameter("a certificate file needs its --key.", ctx, param)
        return None
    if cert is None:
        raise click.BadParameter("a key needs its --cert.", ctx, param)
    if not isinstance(cert, str) or cert == "adhoc":
        raise click.BadParameter(
            "this kind of --cert has its key in it, leave --key out.", ctx, param
        )
    ctx.params["cert"] = (cert, value)
    return value


class SeparatedPathType(click.Path):
    """Several paths in one text, separated as in ``PATH``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split the text and check each path."""
        check = super().convert
        return [check(path, param, ctx) for path in self.split_envvar_value(value)]


class AppToLoad:
    """Stands for an application in the process that watches, which never imports it."""

    def __init__(self, info: ScriptInfo) -> None:
        self.info = info
        self.debug = get_debug_flag()
        self.name = info.app_import_path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with the real application, where there is no other process to do so."""
        return self.info.load_app().wsgi_app(environ, start_response)


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> bool | None:
    source = ctx.get_parameter_source(param.name or "")
    if source in {click.core.ParameterSource.DEFAULT, click.core.ParameterSource.DEFAULT_MAP}:
        return None
    # In the environment, so that a factory that looks for it early finds it.
    os.environ["FLASK_DEBUG"] = "1" if value else "0"
    return value


debug_option = click.Option(
    ["--debug/--no-debug"],
    help="Turn debug mode on or off.",
    expose_value=False,
    callback=_set_debug,
)


@click.command("run", short_help="Serve the application for development.", params=[debug_option])
@click.option("--host", "-h", default="127.0.0.1", help="The address to listen on.")
@click.option(
    "--port", "-p", type=click.IntRange(0, 65535), default=5000, help="The port to listen on."
)
@click.option(
    "--cert",
    type=CertParamType(),
    help="Serve HTTPS: a certificate file, or 'adhoc' for one made on the spot.",
    is_eager=True,
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    callback=_validate_key,
    expose_value=False,
    help="The file of the certificate's key.",
)
@click.option(
    "--reload/--no-reload",
    default=None,
    help="Start anew when the source changes; the default in debug mode.",
)
@click.option(
    "--debugger/--no-debugger",
    default=None,
    help="Show where errors come from; the default in debug mode.",
)
@click.option(
    "--with-threads/--without-threads", default=True, help="Answer requests beside each other."
)
@click.option(
    "--extra-files",
    default=None,
    type=SeparatedPathType(),
    help=f"More files whose change starts it anew, separated by {os.path.pathsep!r}.",
)
@click.option(
    "--exclude-patterns",
    default=None,
    type=SeparatedPathType(),
    help=f"Patterns of files whose change does not, separated by {os.path.pathsep!r}.",
)
@click.pass_context
def run_command(
    ctx: click.Context,
    host: str,
    port: int,
    cert: Any,
    reload: bool | None,
    debugger: bool | None,
    with_threads: bool,
    extra_files: list[str] | None,
    exclude_patterns: list[str] | None,
) -> None:
    """Serve the application for development, until Ctrl-C.

    In debug mode (--debug) the program starts anew when its source is saved, and errors show
    where they come from. For production, use `costrel serve`.
    """
    info = ctx.ensure_object(ScriptInfo)
    debug = get_debug_flag()
    reload = debug if reload is None else reload
    app: Any = AppToLoad(info)
    if not reload or is_running_from_reloader():
        app = _load_app(info)
    simple.run_simple(
        host,
        port,
        app,
        use_reloader=reload,
        use_debugger=debug if debugger is None else debugger,
        threaded=with_threads,
        ssl_context=cert,
        extra_files=extra_files,
        exclude_patterns=exclude_patterns,
        is_default_host=_is_default(ctx, "host"),
        is_default_port=_is_default(ctx, "port"),
    )


def _load_app(info: ScriptInfo) -> Any:
    """Load the application; in debug mode its errors are told with the advice on them."""
    try:
        return info.load_app()
    except NoAppException as error:
        # Nothing is wrong with the command where the module was found and failed.
        if not get_debug_flag() or not isinstance(error.__cause__, ImportError):
            raise
        fail_start(error.__cause__)
    except Exception as error:
        if not get_debug_flag() or isinstance(error, click.ClickException):
            raise
        fail_start(error)


def _is_default(ctx: click.Context, name: str) -> bool:
    """Whether nobody chose an option's value."""
    return ctx.get_parameter_source(name) is click.core.ParameterSource.DEFAULT
