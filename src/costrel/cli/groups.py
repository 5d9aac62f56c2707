"""Commands that run inside an application's context, and groups of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

import click

from costrel.cli.locate import ScriptInfo
from costrel.serve.current import CURRENT

F = TypeVar("F", bound=Callable[..., Any])

pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)


def enter_app_context(ctx: click.Context, app: Any) -> None:
    """Enter the app's context until the command ends, unless it is the current one."""
    current = CURRENT.get(None)
    if current is None or current.app is not app:
        ctx.with_resource(app.app_context())


def with_appcontext(f: F) -> F:
    """Run a command's function inside the context of the application that the script loads."""

    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        if CURRENT.get(None) is None:
            enter_app_context(ctx, ctx.ensure_object(ScriptInfo).load_app())
        return ctx.invoke(f, *args, **kwargs)

    return cast("F", update_wrapper(run, f))


class AppGroup(click.Group):
    """A group whose commands run inside the application's context."""

    def command(  # type: ignore[override]  # click takes a bare function as well
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Declare a command, as click does.

        :param with_appcontext: ``False`` runs it without the application.
        """
        wants_context = kwargs.pop("with_appcontext", True)
        declare = super().command

        def decorate(function: Callable[..., Any]) -> click.Command:
            wrapped = with_appcontext(function) if wants_context else function
            command: click.Command = declare(*args, **kwargs)(wrapped)
            return command

        return decorate

    def group(  # type: ignore[override]  # as above
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Group]:
        """Declare a group, as click does; it is an ``AppGroup`` unless told otherwise."""
        kwargs.setdefault("cls", AppGroup)
        return super().group(*args, **kwargs)  # type: ignore[no-any-return]  # with `cls` no bare function


def app_group(holder: Any) -> AppGroup:
    """Make the group of an application's or a blueprint's own commands, ``app.cli``."""
    return AppGroup(holder.name)
