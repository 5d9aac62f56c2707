"""The command `routes`: a table of the URLs that the application answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from costrel.cli.groups import with_appcontext
from costrel.serve.current import CURRENT

SORT_KEYS: dict[str, Callable[[Any], Any]] = {
    "endpoint": lambda rule: rule.endpoint,
    "methods": lambda rule: (sorted(rule.methods or ()), rule.endpoint),
    "domain": lambda rule: (rule.host or "", rule.subdomain or "", rule.endpoint),
    "rule": lambda rule: rule.rule,
    "match": lambda _: 0,  # as they stand in the map
}
IMPLIED_METHODS = frozenset({"HEAD", "OPTIONS"})


@click.command("routes", short_help="Show the routes of the application.")
@click.option(
    "--sort",
    "-s",
    type=click.Choice(list(SORT_KEYS)),
    default="endpoint",
    help="What to sort by. 'match' is the order in which rules are tried.",
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS as well.")
@click.option(
    "--explain",
    metavar="PATH",
    help="Show what a request for this path would run, in order; METHOD may follow.",
)
@click.argument("method", required=False)
@with_appcontext
def routes_command(sort: str, all_methods: bool, explain: str | None, method: str | None) -> None:
    """Show each route with its endpoint, its methods and, where there are any, its host.

    With --explain, show how one request is served: rule, values, hooks, handlers, limits.
    """
    if explain is not None:
        # The test client's room, which the table does without.
        from costrel.cli.explain_route import as_lines, explain_request  # noqa: PLC0415

        app = CURRENT.get().app
        click.echo("\n".join(as_lines(explain_request(app, explain, (method or "GET").upper()))))
        return
    if method is not None:
        raise click.UsageError("A method goes with --explain: costrel routes --explain /path POST")
    url_map = CURRENT.get().app.url_map
    rules = sorted(url_map.iter_rules(), key=SORT_KEYS[sort])
    if not rules:
        click.echo("No routes were registered.")
        return
    hidden: frozenset[str] = frozenset() if all_methods else IMPLIED_METHODS
    columns: dict[str, list[str]] = {
        "Endpoint": [rule.endpoint for rule in rules],
        "Methods": [
            "WebSocket" if rule.websocket else ", ".join(sorted((rule.methods or set()) - hidden))
            for rule in rules
        ],
    }
    hosts = [(rule.host if url_map.host_matching else rule.subdomain) or "" for rule in rules]
    if any(hosts):
        columns["Host" if url_map.host_matching else "Subdomain"] = hosts
    columns["Rule"] = [rule.rule for rule in rules]
    head, _, rest = format_table(columns).partition("\n")
    click.secho(head, bold=True)
    click.echo(rest)


def format_table(columns: dict[str, list[str]]) -> str:
    """Set columns side by side, each as wide as its widest entry, under a line."""
    widths = [max(map(len, [title, *entries])) for title, entries in columns.items()]
    rows = [tuple(columns), tuple("-" * width for width in widths)]
    rows += zip(*columns.values(), strict=True)
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
