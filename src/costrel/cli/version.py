"""`--version`: what runs here."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

import click

# Under the alias, flask and werkzeug answer with the version whose API costrel has.
PACKAGES = {"costrel": "costrel", "flask": "Flask", "werkzeug": "Werkzeug"}


def get_version(ctx: click.Context, param: click.Parameter | None, value: Any) -> None:
    """Print the versions of Python, costrel and, where there are any, Flask and Werkzeug."""
    if not value or ctx.resilient_parsing:
        return
    lines = [f"Python {platform.python_version()}"]
    for package, name in PACKAGES.items():
        try:
            lines.append(f"{name} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    click.echo("\n".join(lines), color=ctx.color)
    ctx.exit()


version_option = click.Option(
    ["--version"],
    help="Show the versions of costrel and Python.",
    expose_value=False,
    callback=get_version,
    is_flag=True,
    is_eager=True,
)
