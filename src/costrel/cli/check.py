"""The command `check`: mistakes that can be seen without a request."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from costrel.cli.deploy_checks import check_deployment
from costrel.cli.findings import ERROR, WARNING, Found
from costrel.cli.groups import with_appcontext
from costrel.debugger.advice.situation import short_path
from costrel.serve.current import CURRENT

# Settings of Flask before 2.3 → what to do instead.
UNREAD = {
    "ENV": "Use app.debug, or a setting of your own.",
    "JSON_AS_ASCII": "Set app.json.ensure_ascii.",
    "JSON_SORT_KEYS": "Set app.json.sort_keys.",
    "JSONIFY_MIMETYPE": "Set app.json.mimetype.",
    "JSONIFY_PRETTYPRINT_REGULAR": "Set app.json.compact, to the opposite.",
    "LOGGER_HANDLER_POLICY": "Set up the logger of the app's name, by the module logging.",
    "LOGGER_NAME": "The logger has the app's name.",
    "PRESERVE_CONTEXT_ON_EXCEPTION": "Remove it; the debug page keeps what it shows.",
}
# `<int:id>` and `<int:other>` match the same.
TEMPLATES = (".html", ".htm", ".xhtml", ".xml", ".svg", ".txt", ".jinja", ".jinja2", ".j2")
_VARIABLE = re.compile(r"<(?:([a-zA-Z_][\w]*)(\([^)]*\))?:)?[a-zA-Z_]\w*>")


@dataclass(frozen=True)
class Link:
    """A ``url_for`` with a name that is written out, in a template."""

    template: str
    line: int
    endpoint: str


def check_rules(app: Any) -> Iterator[Found]:
    """Find rules that never answer, and those without a view."""
    seen: dict[tuple[Any, ...], Any] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in app.view_functions and not rule.build_only:
            yield Found(
                ERROR,
                f"{rule.rule} has the endpoint {rule.endpoint!r}, for which there is no view.",
                "Give add_url_rule a view_func, or app.view_functions one.",
            )
        if rule.build_only:
            continue
        shape = _VARIABLE.sub(lambda match: f"<{match[1] or 'string'}{match[2] or ''}>", rule.rule)
        for method in sorted(rule.methods or ("GET",)):
            if method in {"HEAD", "OPTIONS"}:
                continue
            key = (rule.host, rule.subdomain, rule.websocket, shape, method)
            first = seen.setdefault(key, rule)
            if first is not rule and first.endpoint != rule.endpoint:
                yield Found(
                    WARNING,
                    f"{method} {rule.rule} of {_told(rule)} never answers: "
                    f"{first.rule} of {_told(first)} is asked first.",
                    "Change one of the two rules, or remove one.",
                )


def _told(rule: Any) -> str:
    return (
        f"{rule.endpoint!r} ({short_path(rule.declared_at)})"
        if rule.declared_at
        else repr(rule.endpoint)
    )


def check_templates(app: Any) -> Iterator[Found]:
    """Find templates that do not parse, and links in them that lead nowhere."""
    jinja = import_module("jinja2")
    environment = app.jinja_env
    if environment.loader is None:
        return
    for name in environment.list_templates(filter_func=lambda name: name.endswith(TEMPLATES)):
        try:
            source, file, _ = environment.loader.get_source(environment, name)
            tree = environment.parse(source, name, file)
            environment.compile(source, name, file)  # which knows unknown filters, too
        except jinja.TemplateSyntaxError as error:
            text = f"{name}:{error.lineno} does not parse: {error.message}"
            yield Found(ERROR, text, "Mend that line.")
            continue
        except UnicodeDecodeError:
            yield Found(ERROR, f"{name} is no UTF-8.", "Save it as UTF-8.")
            continue
        for link in _links(tree, name, jinja.nodes):
            if not _leads_somewhere(app, link.endpoint):
                yield Found(
                    ERROR,
                    f"{name}:{link.line} links to {link.endpoint!r}, which is no endpoint.",
                    _nearest_endpoint(app, link.endpoint),
                )


def _links(tree: Any, name: str, nodes: Any) -> Iterator[Link]:
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "url_for" and call.args):
            continue
        given = call.args[0]
        if isinstance(given, nodes.Const) and isinstance(given.value, str):
            yield Link(name, given.lineno, given.value)


def _leads_somewhere(app: Any, endpoint: str) -> bool:
    if endpoint.startswith("."):
        # Of the blueprint whose view renders the template, which is not known here.
        return any(known.endswith(endpoint) for known in app.view_functions)
    return any(rule.endpoint == endpoint for rule in app.url_map.iter_rules())


def _nearest_endpoint(app: Any, endpoint: str) -> str:
    # Only where something is wrong.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(endpoint, map(str, app.view_functions), n=1)
    return f"Did you mean {near[0]!r}?" if near else "`costrel routes` lists the endpoints."


def check_names(app: Any) -> Iterator[Found]:
    """Find templates of one name in several folders, of which the first is used."""
    folders: dict[str, list[str]] = defaultdict(list)
    for holder in (app, *app.iter_blueprints()):
        loader = holder.jinja_loader
        for name in () if loader is None else loader.list_templates():
            if holder.name not in folders[name]:
                folders[name].append(holder.name)
    for name, holders in sorted(folders.items()):
        if len(holders) > 1 and app.name not in holders:
            yield Found(
                WARNING,
                f"The template {name!r} is in the folders of {' and '.join(holders)}: the first "
                "one is used for all.",
                f"Put each into a folder of its blueprint's name: {holders[1]}/{name}.",
            )


def check_settings(app: Any) -> Iterator[Found]:
    """Find settings that Flask read once and nothing reads now."""
    for name, instead in UNREAD.items():
        # Under the alias some of them are read, and have defaults.
        if name in app.config and name not in app.default_config:
            yield Found(WARNING, f"{name} is set, but nothing reads it any more.", instead)


CHECKS = (check_rules, check_templates, check_names, check_settings)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


@click.command("check", short_help="Look for mistakes in routes, templates and settings.")
@click.option("--deploy", is_flag=True, help="Look at what production needs as well.")
@with_appcontext
def check_command(deploy: bool) -> None:
    """Look for mistakes that can be seen without a request.

    Templates that do not parse, links to endpoints that do not exist, rules that never answer,
    settings that nothing reads; with --deploy, settings that are unsafe in production. It ends
    with 1 if it finds any error.
    """
    app = CURRENT.get().app
    checks = (*CHECKS, check_deployment) if deploy else CHECKS
    found = [each for check in checks for each in check(app)]
    for each in sorted(found, key=lambda each: each.level != ERROR):
        click.secho(f"{each.level}: ", fg="red" if each.level == ERROR else "yellow", nl=False)
        click.echo(f"{each.text}\n    → {each.fix}")
    errors = sum(each.level == ERROR for each in found)
    if not found:
        click.secho("Nothing was found.", fg="green")
        return
    click.echo(f"{_counted(errors, 'error')}, {_counted(len(found) - errors, 'warning')}")
    if errors:
        raise click.exceptions.Exit(1)
