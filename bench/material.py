"""What all peers serve: texts, rows, a template, a file. Each does the same work on it."""

import random
from pathlib import Path

import jinja2

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
# Made when it is missing; git has no need of ten random kilobytes.
STATIC = HERE.parent / ".artifacts" / "bench" / "static"
SECRET = "a key that signs nothing but benchmarks"
PAIRS_OF_ROUTES = 500

GREETING = "Hello World!"
MESSAGE = {"message": "Hello, World!"}
LINES = [f"line {number:3d} of a text that is sent as it is made\n" for number in range(100)]
FILE_NAME = "blob.bin"
BLOB = random.Random(6).randbytes(10 * 1024)
UPLOAD = random.Random(7).randbytes(1024 * 1024)
ROWS = [
    (1, "A view is a function from a request to an answer."),
    (2, "What is never looked at need not be parsed."),
    (3, "<em>Angle brackets</em> & ampersands have to be escaped."),
    (4, "Nothing is as fast as what does not happen."),
    (5, "A cache is a promise that somebody has to keep."),
    (6, "Naïve façades: “quotes” — dashes — ümlauts."),
    (7, "A header a day keeps the proxy at bay."),
    (8, "Four hundred and four good reasons."),
    (9, "テンプレートは文字列になる。"),
    (10, "The last hook is called first."),
    (11, "<script>alert('this must not run')</script>"),
    (12, "Twelve rows make a table."),
]


class Refused(Exception):
    """What the `errors` scenario raises, and an error handler answers."""


def static_folder():
    """Return the folder of static files, with the one file in it."""
    file = STATIC / FILE_NAME
    if not file.exists() or file.read_bytes() != BLOB:
        STATIC.mkdir(parents=True, exist_ok=True)
        file.write_bytes(BLOB)
    return str(STATIC)


def page_template():
    """Return the page for peers that bring no Jinja2, with the settings that Flask gives it."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, auto_reload=False).get_template(
        "rows.html"
    )
