"""Advice on templates."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, Step, listed, nearest, short_path

UNDEFINED = "jinja2.exceptions.UndefinedError"
SYNTAX = "jinja2.exceptions.TemplateSyntaxError"
# Python's functions that templates do not have → what they have in their place.
IN_TEMPLATES = {
    "len": "x|length",
    "str": "x|string",
    "int": "x|int",
    "float": "x|float",
    "list": "x|list",
    "sorted": "x|sort",
    "reversed": "x|reverse",
    "sum": "x|sum",
    "min": "x|min",
    "max": "x|max",
    "abs": "x|abs",
    "round": "x|round(2)",
    "map": "x|map(attribute='name')",
    "filter": "x|select",
    "enumerate": "loop.index0, loop.index",
    "print": "{{ x }}",
    "repr": "x|pprint",
    "json": "x|tojson",
    "isinstance": "x is string, x is mapping, x is number",
    "type": "x is string, x is mapping, x is number",
    "any": "x|select|first is defined",
    "super": "{{ super() }} within a block of a child template",
}
# Tags that other languages have → Jinja's.
TAGS = {
    "elseif": "{% elif … %}",
    "elsif": "{% elif … %}",
    "foreach": "{% for x in xs %}",
    "while": "{% for x in xs %}; Jinja has no while",
    "end": "{% endif %}, {% endfor %} or {% endblock %}",
    "endelse": "{% endif %}; {% else %} has no end of its own",
    "load": "{% import %}; load is Django's",
    "csrf_token": "{{ csrf_token() }}; the tag is Django's",
    "url": "{{ url_for('endpoint') }}; the tag is Django's",
    "static": "{{ url_for('static', filename='…') }}; the tag is Django's",
    "python": "Jinja's own tags; Python stands in the view",
}


@rule("CST301", "jinja2.exceptions.TemplateNotFound")
def template_not_found(situation: Situation) -> Advice | None:
    """A template was not found.

    The finding lists where it was looked for, and the template whose name is nearest. Templates
    are found in the `templates` folder beside the file that makes the app (or blueprint), by
    their path within it.
    """
    error: Any = situation.error
    name, app = error.name, situation.app
    if app is None or name is None:
        return None
    names = getattr(error, "templates", None) or [name]
    folders = list(folders_of(app))
    try:
        known = app.jinja_env.list_templates()[:5000]
    except Exception:
        known = []
    naming = _naming_template(situation)
    like = _meant(str(name), [one for one in known if not _is_file(naming, folders, one)])
    where = ", ".join(_told(folder) for folder in folders) or "no folder at all"
    notes = _suspects(str(name), app)
    return Advice(
        f"There is no template {listed(names)}. It was looked for in {where}.",
        f"Did you mean {like!r}?"
        if like
        else f"Put the file there: {os.path.join(short_path(folders[0]), str(name))}."
        if folders
        else "Give the app a template_folder.",
        notes=tuple(notes),
        example=_how_to_name(like, naming) if like else "",
        where=situation.where,
    )


def _meant(name: str, known: list[str]) -> str | None:
    """The template that a name is meant for, among those that exist."""
    # Names begin within the folder.
    for folder in ("templates/", "./", "/"):
        if name.removeprefix(folder) in known:
            return name.removeprefix(folder)
    last = "/" + name.rpartition("/")[2]
    return nearest(name, known) or next((one for one in known if one.endswith(last)), None)


def _naming_template(situation: Situation) -> Step | None:
    """The step in the template that extends or includes the missing one; ``None`` for a view."""
    step = situation.yours
    return step if step is not None and step.is_template else None


def _is_file(step: Step | None, folders: list[str], name: str) -> bool:
    return step is not None and any(
        os.path.realpath(os.path.join(folder, name)) == os.path.realpath(step.file)
        for folder in folders
    )


def _how_to_name(name: str, naming: Step | None) -> str:
    """The code that names a template, as the place does that named the wrong one."""
    if naming is None:
        return f"render_template({name!r})"
    found = re.search(r"{%-?\s*(extends|include|import|from)\b", naming.source)
    tag = found.group(1) if found else "include"
    more = {"import": " as name", "from": " import name"}.get(tag, "")
    return f'{{% {tag} "{name}"{more} %}}'


def folders_of(app: Any) -> Iterator[str]:
    """The folders that an app's templates are looked for in."""
    for holder in (app, *app.iter_blueprints()):
        loader = holder.jinja_loader
        yield from getattr(loader, "searchpath", ())


def _told(folder: str) -> str:
    return short_path(folder) + ("" if os.path.isdir(folder) else " (which does not exist)")


def _suspects(name: str, app: Any) -> Iterator[str]:
    """Places where the file does lie, though nothing looks there."""
    last = name.rpartition("/")[2]
    for folder in ("", "template", "Templates", "static", "views", "html"):
        path = os.path.join(app.root_path, folder, last)
        if os.path.isfile(path):
            yield f"There is a file {short_path(path)}: nothing looks for templates there."


@rule("CST303", UNDEFINED)
def undefined_name(situation: Situation) -> Advice | None:
    """A template uses a name that it was not given.

    The view gives a template its names: `render_template("page.html", user=user)`. The finding
    shows the nearest name that the template does know.
    """
    found = re.fullmatch(r"'(\w+)' is undefined", situation.message)
    if found is None or found.group(1) in IN_TEMPLATES:
        return None
    name = found.group(1)
    known = names_in_template(situation)
    like = nearest(name, known)
    return Advice(
        f"The template does not know {name!r}. It knows: {listed(sorted(known))}.",
        f"Did you mean {like!r}?" if like else "Hand it over when you render the template.",
        example="" if like else f'render_template("…", {name}={name})',
        where=situation.where,
    )


def names_in_template(situation: Situation) -> list[str]:
    """What the innermost template was given, without what every template has."""
    always: set[str] = {"request", "session", "g", "config"}
    if situation.app is not None:
        always |= set(situation.app.jinja_env.globals)
    for step in reversed(situation.steps):
        context = step.locals.get("context")
        parent, here = getattr(context, "parent", None), getattr(context, "vars", None)
        if isinstance(parent, dict) and isinstance(here, dict):
            return [name for name in {**parent, **here} if name not in always]
        if step.is_template:
            return [name for name in step.locals if name not in always and name[:1] != "_"]
    return []


@rule("CST304", UNDEFINED)
def python_function_in_template(situation: Situation) -> Advice | None:
    """A Python function is called in a template.

    Templates do not have Python's built-in functions; most are filters: `len(x)` is `x|length`.
    """
    found = re.fullmatch(r"'(\w+)' is undefined", situation.message)
    if found is None or found.group(1) not in IN_TEMPLATES:
        return None
    name = found.group(1)
    return Advice(
        f"Templates do not have Python's {name}().",
        f"Write: {IN_TEMPLATES[name]}",
        example=f"{{{{ {IN_TEMPLATES[name]} }}}}" if "|" in IN_TEMPLATES[name] else "",
        where=situation.where,
    )


@rule("CST305", UNDEFINED)
def attribute_of_nothing(situation: Situation) -> Advice | None:
    """A template asks an attribute of something that is missing.

    `{{ user.name.first }}` fails where `user.name` does not exist or is None. The last name may be
    missing, those before it may not.
    """
    found = re.fullmatch(r"'(.+)' has no attribute '(\w+)'", situation.message)
    if found is None:
        return None
    owner, name = found.groups()
    if owner == "None":
        says = f"The template asks for .{name} of a value that is None."
    else:
        says = f"The template asks for {name!r} of a {owner!r}, which has no such attribute."
    return Advice(
        says,
        "Check what the view hands over; where it may be missing, ask first.",
        example=f"{{% if x %}}{{{{ x.{name} }}}}{{% endif %}}",
        where=situation.where,
    )


@rule("CST306", SYNTAX)
def unknown_tag(situation: Situation) -> Advice | None:
    """A template has a tag that does not exist, or none to close it.

    `{% elseif %}` is `{% elif %}`; each `{% if %}`, `{% for %}` and `{% block %}` needs its end,
    in the order in which they were opened.
    """
    message, error = situation.message, situation.error
    where = _template_place(error)
    ends = re.search(r"innermost block that needs to be closed is '(\w+)'", message)
    if message.startswith("Unexpected end of template"):
        tag = ends.group(1) if ends else "block"
        return Advice(
            f"A {{% {tag} %}} is never closed.",
            f"Add {{% end{tag} %}} where it ends.",
            example=f"{{% end{tag} %}}",
            where=where,
        )
    found = re.match(r"Encountered unknown tag '(\w+)'", message)
    if found is None:
        return None
    tag = found.group(1)
    if tag in TAGS:
        fix = f"Write {TAGS[tag]}."
    elif tag.startswith("end") and ends:
        fix = f"The open block is a {ends[1]!r}: close it first, with {{% end{ends[1]} %}}."
    elif re.search(rf"{{%-?\s*{tag}\s*=", getattr(error, "source", None) or ""):
        fix = f"An assignment needs set: {{% set {tag} = … %}}."
    else:
        like = nearest(tag, ["if", "elif", "else", "endif", "for", "endfor", "block", "endblock"])
        fix = (
            f"Did you mean {{% {like} %}}?" if like else "Look the tag up in Jinja's documentation."
        )
    return Advice(f"Jinja has no tag {{% {tag} %}} here.", fix, where=where)


def _template_place(error: Any) -> str | None:
    if not getattr(error, "lineno", None):
        return None
    path = error.filename or error.name
    return f"{short_path(path)}:{error.lineno}" if path else f"the template's line {error.lineno}"


@rule("CST307", SYNTAX)
def unexpected_token(situation: Situation) -> Advice | None:
    """A template has something where Jinja expects the end of an expression.

    Usual reasons: `=` for `==`, a missing comma or operator, quotes within the same quotes.
    """
    found = re.match(r"expected token '(.+)', got '(.*)'|unexpected '(.*)'", situation.message)
    if found is None:
        return None
    expected, got = found.group(1) or "something else", found.group(2) or found.group(3) or ""
    if got == "=":
        fix = "To compare, write ==. To assign, write {% set x = … %}."
    elif expected.startswith("end of"):
        fix = f"An operator or comma is missing before {got!r}, or quotes stand within quotes."
    else:
        fix = f"Write {expected} there: look for a bracket or quote that is not closed."
    return Advice(
        f"Jinja expected {expected!r} and found {got!r}.",
        fix,
        where=_template_place(situation.error),
    )


@rule("CST308", "jinja2.exceptions.TemplateAssertionError")
def unknown_filter(situation: Situation) -> Advice | None:
    """A template uses a filter or test that does not exist.

    The finding names the nearest one. Your own are declared with `@app.template_filter()` and
    `@app.template_test()`.
    """
    found = re.match(r"No (filter|test) named '(.+)'", situation.message)
    if found is None:
        return None
    kind, name = found.groups()
    known = list(getattr(situation.app.jinja_env, f"{kind}s")) if situation.app else []
    like = nearest(name, known)
    return Advice(
        f"There is no {kind} {name!r}.",
        f"Did you mean {like!r}?" if like else f"Declare it: @app.template_{kind}({name!r}).",
        where=_template_place(situation.error),
    )


@rule("CST309", RecursionError)
def template_includes_itself(situation: Situation) -> Advice | None:
    """A template extends or includes itself.

    Then it is rendered without end. Often a child and its base have the same name, and the app's
    template hides the blueprint's.
    """
    names = [step.file for step in situation.steps if step.is_template]
    repeated = {name for name in names if names.count(name) > 5}
    if not repeated:
        return None
    name = short_path(min(repeated))
    return Advice(
        f"The template {name} is rendered within itself, without end.",
        "Look at its {% extends %} and {% include %}: one of them leads back to it.",
        where=situation.where,
    )


@rule("CST310", TypeError)
def undefined_is_called(situation: Situation) -> Advice | None:
    """A template calls something that is no function.

    A property is read without brackets: `{{ user.name }}`; a name that the view handed over may
    have the name of a macro.
    """
    step = situation.yours
    if step is None or "is not callable" not in situation.message:
        return None
    if not step.is_template:
        return None
    kinds = quoted(situation.message)
    return Advice(
        f"The template calls a {kinds[0] if kinds else 'value'!r}, which is no function.",
        "Read it without brackets.",
        where=situation.where,
    )
