"""Advice on forms, queries, uploads, cookies, headers and bodies."""

from __future__ import annotations

import os
import re
from typing import Any

from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation, listed, nearest
from costrel.http.exceptions import BadRequestKeyError, RequestEntityTooLarge, SecurityError
from costrel.serve.upload_advice import DebugFilesKeyError

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
# Where a key was looked up → what its place is called, and the property that has it.
PLACES = ("form", "args", "files", "cookies", "headers", "values")
MOST_TEMPLATES = 200
LARGEST_TEMPLATE = 200_000


def place_of(situation: Situation) -> str | None:
    """Which part of the request a missing key was looked up in."""
    request = situation.request
    for step in reversed(situation.steps):
        held = step.locals.get("self")
        if held is None or step.function not in {"__getitem__", "_find", "get"}:
            continue
        for place in PLACES:
            if already_read(request, place) is held:
                return place
    return None


def already_read(request: Any, place: str) -> Any:
    """A part of the request, if it was read before; ``None`` else."""
    return getattr(request, "__dict__", {}).get(place)


def key_of(situation: Situation) -> str:
    """The key that is missing."""
    return str(situation.error.args[0]) if situation.error.args else ""


def keys_in(request: Any, place: str) -> list[str]:
    """The keys of a part of the request, that is read if it costs nothing."""
    if place in {"args", "cookies", "headers"}:
        return [str(key) for key in getattr(request, place).keys()]  # noqa: SIM118  # a multidict's
    held = already_read(request, place)
    return [] if held is None else [str(key) for key in held]


@rule("CST101", BadRequestKeyError)
def missing_form_key(situation: Situation) -> Advice | None:
    """A form lacks a field that the view reads.

    `request.form["name"]` answers 400 where the form has no such field. The finding lists the
    fields that came, and the nearest one. Spell the key as the `name` of the `<input>`, or read an
    optional field with `request.form.get("name")`.
    """
    request, place = situation.request, place_of(situation)
    if request is None or place not in {"form", "values", "files"}:
        return None
    place, what = ("files", "file") if place == "files" else ("form", "field")
    came = keys_in(request, place)
    if not came:
        return None
    key = key_of(situation)
    like = nearest(key, came)
    fix = f"Did you mean {like!r}?" if like else f"Add a field with name={key!r} to the form."
    return Advice(
        f"The form has no {what} {key!r}. The {what}s that came: {listed(came)}.",
        f"{fix} A {what} that may be missing is read with request.{place}.get({key!r}).",
        where=situation.where,
    )


@rule("CST102", BadRequestKeyError)
def form_came_as_json(situation: Situation) -> Advice | None:
    """A form is read where JSON was sent.

    The body's content type is JSON, so `request.form` is empty. Read `request.json`, or send the
    fields as a form (`FormData` or `URLSearchParams` in JavaScript, `data=` in Python clients).
    """
    request = situation.request
    if request is None or not request.is_json or place_of(situation) not in {"form", "values"}:
        return None
    key = key_of(situation)
    return Advice(
        f"The body came as {request.mimetype!r}, which request.form does not read.",
        f"Read it as JSON: request.json[{key!r}]; or send a form.",
        example=f"value = request.json[{key!r}]",
        where=situation.where,
    )


@rule("CST103", BadRequestKeyError)
def key_is_elsewhere(situation: Situation) -> Advice | None:
    """A key is looked up in the wrong part of the request.

    The key did come, but in another part: the query is `request.args`, the body of a form is
    `request.form`, uploads are `request.files`. A form with method GET sends a query.
    """
    request, key = situation.request, key_of(situation)
    place = place_of(situation)
    if request is None or place is None:
        return None
    for other in ("args", "form", "files", "cookies"):
        if (place, other) == ("files", "form") and request.mimetype != "multipart/form-data":
            continue  # Only the file's name came: CST105 tells how to send the file.
        if other != place and key in keys_in(request, other):
            return Advice(
                f"{key!r} is not in request.{place}, but it is in request.{other}.",
                f"Read request.{other}[{key!r}], or send it the other way"
                + (' (method="post" on the form).' if other == "args" else "."),
                where=situation.where,
            )
    return None


@rule("CST104", BadRequestKeyError)
def body_is_no_form(situation: Situation) -> Advice | None:
    """A form's body has no content type of a form.

    Only `application/x-www-form-urlencoded` and `multipart/form-data` are read as forms. With
    `enctype="text/plain"`, or without a content type, `request.form` stays empty.
    """
    request = situation.request
    if request is None or place_of(situation) not in {"form", "files", "values"}:
        return None
    if request.is_json or request.mimetype in FORM_TYPES or not request.content_length:
        return None
    came = repr(request.mimetype) if request.mimetype else "no content type"
    return Advice(
        f"The body has {request.content_length} bytes, but came with {came}, so it is not read "
        "as a form.",
        'Leave enctype off the <form>, or write enctype="multipart/form-data" for uploads; '
        "other clients send Content-Type: application/x-www-form-urlencoded.",
        where=situation.where,
    )


@rule("CST105", BadRequestKeyError, DebugFilesKeyError)
def form_lacks_enctype(situation: Situation) -> Advice | None:
    """An upload needs enctype="multipart/form-data".

    Without it a browser sends the name of the file and not the file, and `request.files` is
    empty.
    """
    request = situation.request
    is_told = isinstance(situation.error, DebugFilesKeyError)
    if request is None or not (is_told or place_of(situation) == "files"):
        return None
    if request.mimetype == "multipart/form-data":
        return None
    return Advice(
        f"A file was looked for, but the form came as {request.mimetype or 'no form'!r}, which "
        "carries no files.",
        'Write <form method="post" enctype="multipart/form-data">.',
        example='<form method="post" enctype="multipart/form-data">',
        where=situation.where,
    )


@rule("CST106", BadRequestKeyError)
def input_without_name(situation: Situation) -> Advice | None:
    """An <input> without a name is never sent.

    Browsers send the fields that have a `name`; an `id` is not enough. The templates are searched
    for an `<input>`, `<select>` or `<textarea>` whose id is the missing key.
    """
    request, key = situation.request, key_of(situation)
    if request is None or place_of(situation) not in {"form", "args", "files", "values"}:
        return None
    place = find_nameless(situation.app, key)
    if place is None:
        return None
    return Advice(
        f"The template has a field with id={key!r} and no name, so browsers do not send it.",
        f"Add name={key!r} to it.",
        example=f'<input id="{key}" name="{key}">',
        where=place,
    )


_FIELD = re.compile(r"<(?:input|select|textarea)\b[^<>]{0,2000}>", re.IGNORECASE)


def find_nameless(app: Any, key: str) -> str | None:
    """Find ``file:line`` of a form field with this id and no name in the app's templates."""
    folder = getattr(app, "template_folder", None)
    if app is None or folder is None:
        return None
    has_id = re.compile(rf"""\bid\s*=\s*["']?{re.escape(key)}["'\s>/]""", re.IGNORECASE)
    for path in _templates_in(os.path.join(app.root_path, folder)):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(LARGEST_TEMPLATE)
        for found in _FIELD.finditer(text):
            tag = found.group()
            if has_id.search(tag) and not re.search(r"\bname\s*=", tag, re.IGNORECASE):
                return f"{os.path.relpath(path)}:{text.count(chr(10), 0, found.start()) + 1}"
    return None


def _templates_in(folder: str) -> list[str]:
    found: list[str] = []
    for root, _, names in os.walk(folder):
        found += [os.path.join(root, name) for name in sorted(names) if "." in name]
        if len(found) >= MOST_TEMPLATES:
            break
    return found[:MOST_TEMPLATES]


@rule("CST107", BadRequestKeyError)
def missing_query_key(situation: Situation) -> Advice | None:
    """The query lacks a key that the view reads.

    `request.args["page"]` answers 400 where the URL has no `?page=`. The finding lists the keys
    that came. An optional one is read with `request.args.get("page", 1, type=int)`.
    """
    request, key = situation.request, key_of(situation)
    if request is None or place_of(situation) != "args":
        return None
    came = keys_in(request, "args")
    like = nearest(key, came)
    return Advice(
        f"The URL's query has no {key!r}. What came: {listed(came)}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"An optional key is read with request.args.get({key!r}).",
        where=situation.where,
    )


@rule("CST112", RequestEntityTooLarge)
def body_too_large(situation: Situation) -> Advice | None:
    """A body is over a limit.

    Three limits answer 413: `MAX_CONTENT_LENGTH` (the whole body), `MAX_FORM_MEMORY_SIZE` (the
    fields of a form that are not files, 500 kB) and `MAX_FORM_PARTS` (1,000 fields). Each may be
    set for the app, or on the request before the body is read.
    """
    request = situation.request
    if request is None:
        return None
    length, most = request.content_length, request.max_content_length
    if most is not None and (length or most + 1) > most:
        limit = f"MAX_CONTENT_LENGTH, which is {most} bytes"
        setting = f'app.config["MAX_CONTENT_LENGTH"] = {max(length or 0, most) * 2}'
    else:
        limit = (
            f"MAX_FORM_MEMORY_SIZE ({request.max_form_memory_size} bytes of fields that are not "
            f"files) or MAX_FORM_PARTS ({request.max_form_parts} fields)"
        )
        setting = f'app.config["MAX_FORM_MEMORY_SIZE"] = {(length or 500_000) * 2}'
    size = f"{length} bytes" if length is not None else "a body of unknown length"
    return Advice(
        f"The request brought {size}, over {limit}.",
        "Raise that limit for the app, or for one view by setting it on the request.",
        example=setting,
        where=situation.where,
    )


@rule("CST113", BadRequestKeyError)
def missing_cookie_or_header(situation: Situation) -> Advice | None:
    """A cookie or header that the view reads did not come.

    `request.cookies["name"]` and `request.headers["Name"]` answer 400 where it is missing; read
    what may be missing with `.get`.
    """
    request, key = situation.request, key_of(situation)
    place = place_of(situation)
    if request is None or place not in {"cookies", "headers"}:
        return None
    came = keys_in(request, place)
    like = nearest(key, came)
    return Advice(
        f"No {place[:-1]} {key!r} came. What came: {listed(came)}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"One that may be missing is read with request.{place}.get({key!r}).",
        where=situation.where,
    )


@rule("CST116", ValueError)
def number_expected(situation: Situation) -> Advice | None:
    """A field of the request is no number.

    `int(request.args["page"])` fails for whatever a client writes there, and the client sees 500.
    `request.args.get("page", 1, type=int)` gives the default instead.
    """
    step = situation.yours
    if step is None or not re.match(
        r"(invalid literal for int|could not convert string to float)", situation.message
    ):
        return None
    found = re.search(r"request\.(args|form|values|cookies|headers)\b", step.source)
    if found is None:
        return None
    place = found.group(1)
    kind = "float" if "float" in situation.message else "int"
    return Advice(
        f"What came in request.{place} is no number: {situation.message}.",
        f"Give the type to get(): it returns the default where the text is no {kind}.",
        example=f'value = request.{place}.get("name", 1, type={kind})',
        where=situation.where,
    )


@rule("CST117", SecurityError)
def host_not_trusted(situation: Situation) -> Advice | None:
    """The Host header is none of TRUSTED_HOSTS.

    With `TRUSTED_HOSTS` set, other hosts are answered with 400. Add the name that clients use; a
    leading dot admits subdomains.
    """
    request, app = situation.request, situation.app
    trusted = None if app is None else app.config.get("TRUSTED_HOSTS")
    if request is None or not trusted:
        return None
    host = request.headers.get("Host", "")
    return Advice(
        f"The host {host!r} is none of TRUSTED_HOSTS: {listed(trusted)}.",
        "Add it if it is one of yours.",
        example=f'app.config["TRUSTED_HOSTS"] = [..., {host.partition(":")[0]!r}]',
    )
