"""A kept request as a test: a file for pytest that sends it again.

Law: no credential gets into the file. Cookies and authorization are left out; what the session
held, the query and the body are written with what is named like a secret masked.
"""

from __future__ import annotations

import os
import pprint
import re
import sys
from types import ModuleType
from typing import Any
from urllib.parse import quote

from costrel.debugger.kept_requests import KeptRequest
from costrel.debugger.masked_body import MASKED, mask_body, mask_fields
from costrel.debugger.shown_values import is_secret_name

# What belongs to the browser, the connection or the user, and not to the mistake.
_LEFT_OUT = re.compile(
    r"(host|connection|content-length|cookie|.*auth.*|.*token.*|.*secret.*|.*api-?key.*|user-agent"
    r"|sec-.*|dnt|upgrade-insecure-requests|cache-control|pragma|accept-encoding|origin|referer"
    r"|accept-language|transfer-encoding|priority|x-forwarded-.*|forwarded|if-.*)",
    re.IGNORECASE,
)
MOST_FILES = 10_000
_FILE = '''\
"""{title}"""

import sys
from pathlib import Path

{switch}sys.path.insert(0, str(Path(__file__).resolve().parent{up}))

{load}


def test_{name}():
    {doc}
{make}    app.testing = True
    client = app.test_client()
{session}    response = client.open(
        {url!r},
        method={method!r},
{options}    )
    assert response.status_code < {limit}
'''


class NoTest(Exception):
    """The request cannot be made a test; the text says why."""


def write_test(app: Any, kept: KeptRequest, status: int) -> str:
    """Write ``tests/test_replay_<n>.py`` beside the app's code; return its path.

    :param status: what the request was answered with; the test wants something below its class.
    :raises NoTest: the app cannot be imported by name.
    """
    root, load, make = how_to_load(app)
    folder = os.path.join(root, "tests")
    os.makedirs(folder, exist_ok=True)
    for number in range(1, MOST_FILES):
        path = os.path.join(folder, f"test_replay_{number}.py")
        text = render_test(kept, f"replay_{number}", load, make, status)
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise NoTest(f"{folder} is full of tests of this kind.")


def how_to_load(app: Any) -> tuple[str, str, str]:
    """Tell how a test gets the app.

    :returns: the folder that imports start from, the import, and a line that makes the app.
    :raises NoTest: it stands in no module under any name.
    """
    module = sys.modules.get(app.import_name)
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        raise NoTest(f"The app's module {app.import_name!r} has no file to import.")
    name = _module_name(module, file)
    folder = os.path.dirname(os.path.realpath(file))
    is_package = os.path.basename(file) == "__init__.py"
    for _ in range(name.count(".") + is_package):
        folder = os.path.dirname(folder)
    for word, value in vars(module).items():
        if value is app and word.isidentifier():
            plain = "app" if word == "app" else f"{word} as app"
            return folder, f"from {name} import {plain}", ""
    for word in ("create_app", "make_app"):
        if callable(getattr(module, word, None)):
            return folder, f"from {name} import {word}", f"    app = {word}()\n"
    raise NoTest(f"{name} has the app under no name, and no create_app().")


def _module_name(module: ModuleType, file: str) -> str:
    spec = getattr(module, "__spec__", None)
    if module.__name__ != "__main__":
        return module.__name__
    if spec is not None and spec.name:
        return str(spec.name.removesuffix(".__main__"))
    return os.path.splitext(os.path.basename(file))[0]


def render_test(kept: KeptRequest, name: str, load: str, make: str, status: int) -> str:
    """The test's source."""
    path = quote(kept.path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~-._")
    query = mask_fields(kept.query.encode("latin-1", "replace")).decode("latin-1")
    url = f"{path}?{query}" if query else path
    options = []
    headers = [pair for pair in kept.headers if not _LEFT_OUT.fullmatch(pair[0])]
    if headers:
        options.append(f"headers={pprint.pformat(headers, width=80)}")
    if kept.body:
        body = mask_body(kept.body, kept.header_map.get("content-type", ""))
        options.append(f"data={pprint.pformat(body, width=80)}")
    text = _FILE.format(
        title=_one_line(f"Sends {kept.method} {path} again. Written by costrel's debugger."),
        switch=_alias_line(),
        up=".parent",
        load=load,
        name=name,
        doc=f'"""{_one_line(f"It was answered {status}: {kept.error} {kept.place}")}"""',
        make=make,
        session=_session(kept.session),
        url=url or "/",
        method=kept.method,
        options="".join(f"{_indent(option)},\n" for option in options),
        limit=500 if status >= 500 else 400,
    )
    compile(text, "<test>", "exec")
    return text


def _one_line(text: str) -> str:
    words = " ".join(text.split())[:85].replace("\\", "\\\\")
    return words.replace('"', "'").rstrip()


def _indent(text: str) -> str:
    return "\n".join(f"        {line}" for line in text.splitlines())


def _session(session: dict[str, Any]) -> str:
    if not session:
        return ""
    plain = {
        key: MASKED if is_secret_name(key) and isinstance(value, str | bytes) else value
        for key, value in session.items()
    }
    held = pprint.pformat(plain, width=70).replace("\n", "\n        ")
    return f"    with client.session_transaction() as session:\n        session.update({held})\n"


def _alias_line() -> str:
    """What turns `flask` into costrel, where the program runs that way."""
    if not any(type(finder).__module__ == "costrel.flask.finder" for finder in sys.meta_path):
        return ""
    return "from costrel.flask import install\n\ninstall()\n"
