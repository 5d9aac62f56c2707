"""What `import costrel` brings along, and what it leaves alone."""

import json
import pydoc
import subprocess
import sys
from importlib import import_module

import pytest

from costrel.flask.flask_names import CALLABLES, SIGNALS

pytestmark = pytest.mark.usefixtures("kept_bytecode")

HEAVY = ["asyncio", "jinja2", "logging", "inspect", "blinker", "click", "ssl", "email", "tempfile"]
# Each of these is light, and together they took a third of the time that hello world took to start.
SPARED = [
    "base64",
    "markupsafe",
    "pathlib",
    "string",
    "zlib",
    "costrel.http.accept",
    "costrel.http.cache_control",
    "costrel.http.content_policy",
    "costrel.http.credentials",
    "costrel.http.file_headers",
    "costrel.http.files",
    "costrel.http.multipart",
    "costrel.http.redirects",
    "costrel.parts.json_tags",
    "costrel.parts.signing",
    "costrel.shortcuts",
]
# Each file takes about 0.1 ms, and each pattern as much: whoever needs one more raises these.
MOST_FILES = 100
MOST_PATTERNS = 8

HELLO = """
from costrel import Flask
app = Flask("x")
app.route("/")(lambda: "hi")
"""
REQUEST = """
from io import BytesIO
environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": "", "QUERY_STRING": "",
    "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "x",
    "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr,
    "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
assert b"".join(app(environ, lambda *_: None)) == b"hi"
"""
COUNT_PATTERNS = """
import re, sys
texts, compile_it = [], re.compile
def count(text, flags=0):
    if sys._getframe(1).f_globals["__name__"].startswith("costrel"):
        texts.append(text)
    return compile_it(text, flags)
re.compile = count
"""


def run(code):
    """Run code that has the same modules in reach; return what it prints, read as JSON."""
    # Without `site`, whose .pth files import what they like.
    code = f"import json, sys\nsys.path[:] = {sys.path!r}\n{code}"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def loaded():
    """The modules that hello world loads, and those that its first request loads on top."""
    return run(
        f"{HELLO}\nstarted = set(sys.modules)\n{REQUEST}\n"
        "print(json.dumps([sorted(started), sorted(set(sys.modules) - started)]))"
    )


def test_hello_world_imports_nothing_heavy_and_none_of_what_it_never_needs(loaded):
    assert [name for name in HEAVY + SPARED if name in loaded[0]] == []


def test_hello_world_is_no_more_files_than_it_was(loaded):
    # In a compiled build, the one library that the compiled modules lead to comes on top.
    files = [
        name
        for name in loaded[0]
        if name.partition(".")[0] == "costrel" and not name.endswith("__mypyc")
    ]
    assert len(files) <= MOST_FILES, files


def test_nothing_is_put_off_that_the_first_request_needs(loaded):
    # The gateway alone, as there are several. What else came now would make somebody wait.
    assert [name for name in loaded[1] if not name.startswith("costrel.serve.")] == []
    assert "costrel.serve.wsgi" in loaded[1]


def test_hello_world_compiles_few_patterns():
    texts = run(f"{COUNT_PATTERNS}\n{HELLO}\nprint(json.dumps(texts))")
    assert len(texts) <= MOST_PATTERNS, texts


def test_a_plain_import_installs_no_hook():
    code = (
        "before = list(sys.meta_path), list(sys.path_hooks)\nimport costrel\n"
        "same = (sys.meta_path, sys.path_hooks) == before\n"
        "print(json.dumps([same, 'costrel.flask' in sys.modules]))"
    )
    assert run(code) == [True, False]


def test_the_face_has_every_name_it_promises():
    import costrel

    assert [name for name in costrel.__all__ if not hasattr(costrel, name)] == []


def test_the_face_lists_its_names_before_their_files_are_loaded_and_no_others():
    code = "import costrel\nprint(json.dumps([dir(costrel), sorted(costrel.__all__)]))"
    listed, public = run(code)
    assert listed == public


def test_the_help_of_the_face_is_for_users():
    import costrel

    text = pydoc.plain(pydoc.render_doc(costrel))
    assert "app = Flask(__name__)" in text
    assert "docs/" in text
    assert "TYPE_CHECKING" not in text


def test_names_of_the_face_are_those_of_their_files():
    import costrel
    from costrel.http import uploads
    from costrel.shortcuts import globals as proxies
    from costrel.shortcuts import json as json_functions

    assert costrel.jsonify is json_functions.jsonify
    assert costrel.request is proxies.request
    assert costrel.secure_filename is uploads.secure_filename
    with pytest.raises(AttributeError, match="nothing"):
        costrel.nothing  # noqa: B018  # looked up for its error


@pytest.mark.parametrize("name", ["json", "views"])
def test_a_module_of_the_face_is_the_same_by_import_and_as_an_attribute(name):
    code = (
        f"import costrel\nby_attribute = costrel.{name}\nimport costrel.{name}\n"
        f"print(json.dumps([by_attribute is costrel.{name}, by_attribute.__name__]))"
    )
    assert run(code) == [True, f"costrel.{name}"]


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("costrel.json", "dump dumps jsonify load loads"),
        ("costrel.views", "MethodView View"),
        (
            "costrel.sessions",
            "NullSession SecureCookieSession SecureCookieSessionInterface SessionInterface",
        ),
        ("costrel.signals", SIGNALS),
        ("costrel.typing", CALLABLES),
        ("costrel.testing", "EnvironBuilder FlaskCliRunner FlaskClient"),
    ],
)
def test_the_modules_of_the_face_have_the_names_that_flask_has_there(module, names):
    found = import_module(module)
    assert set(names.split()) <= set(found.__all__)
    assert [name for name in found.__all__ if not hasattr(found, name)] == []


def test_the_names_for_tests_come_one_by_one():
    code = (
        "import costrel.testing\ncostrel.testing.FlaskClient\n"
        "print(json.dumps([name in sys.modules for name in ('click', 'asyncio')]))"
    )
    assert run(code) == [False, False]
    with pytest.raises(AttributeError, match="nothing"):
        import_module("costrel.testing").nothing  # noqa: B018  # looked up for its error
