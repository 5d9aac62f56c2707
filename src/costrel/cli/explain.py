"""The command `explain`: what stands behind a code such as CST601."""

from __future__ import annotations

from textwrap import indent

import click


@click.command("explain", short_help="Tell more of a finding, by its code: CST601.")
@click.argument("code", required=False)
def explain_command(code: str | None) -> None:
    """Tell what stands behind the code of a finding.

    Without a code, list all of them.
    """
    # The rules are many, and no other command needs them.
    from costrel.debugger.advice import RULES  # noqa: PLC0415

    if code is None:
        for known in sorted(RULES):
            click.echo(f"{known}  {RULES[known].title}")
        return
    found = RULES.get(code.upper()) or RULES.get(f"CST{code}")
    if found is None:
        raise click.UsageError(f"There is no code {code!r}; `costrel explain` lists all of them.")
    click.secho(f"{found.code}: {found.title}", bold=True)
    click.echo(f"\n{indent(found.text, '  ')}")
