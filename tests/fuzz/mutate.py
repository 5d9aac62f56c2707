"""WSGI environs by chance: what servers may hand over, cut, doubled, joined and bent.

Law: an environ follows from its seed and number alone.
"""

import io
import random

import words

CONDITIONS = (
    "IF_MATCH",
    "IF_NONE_MATCH",
    "IF_MODIFIED_SINCE",
    "IF_RANGE",
    "RANGE",
    "RANGE",
    "RANGE",
)
HEADER_NAMES = [*words.HEADERS, *(f"HTTP_{name}" for name in CONDITIONS * 2)]
MAY_BE_MISSING = ("QUERY_STRING", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "SERVER_PROTOCOL")
# Which words make a body, and what stands between them.
BODIES = {
    "form": (words.FORM_PARTS, ("", "&", "&")),
    "json": (words.JSON_PARTS, ("", ",", "")),
    "multipart": (words.MULTIPART_PARTS, ("",)),
    "other": (words.LISTS, ("",)),
}
# By the place of a content type among the words: the body that belongs to it.
BODY_OF_TYPE = dict(enumerate(("form", "json", "json", "other", *["multipart"] * 3)))


class Unsteady(io.BytesIO):
    """A body that comes in small pieces, and may break off."""

    def __init__(self, body, piece, breaks_at):
        super().__init__(body)
        self.piece = piece
        self.breaks_at = breaks_at

    def read(self, size=-1):
        if self.breaks_at is not None and self.tell() >= self.breaks_at:
            raise ConnectionResetError("the client is gone")
        size = self.piece if size is None or size < 0 else min(size, self.piece)
        return super().read(size)


def bend(chance, text):
    """Change a text at random: cut, double, overwrite, insert."""
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.randrange(8))
        how = chance.randrange(5)
        if how == 0:
            text = text[:at] + text[to:]
        elif how == 1:
            text = text[:to] + text[at:to] * chance.choice((1, 2, 30)) + text[to:]
        elif how == 2:
            text = text[:at] + chr(chance.randrange(256)) + text[to:]
        elif how == 3:
            text = text[:at] + chr(chance.randrange(128)) + text[at:]
        else:
            text = text[at:] + text[:at]
    return text


def join(chance, parts, glue=("", "", " ", ",", ";", "; ", ", ")):
    """Some parts in a row, then bent."""
    between = chance.choice(glue)
    few = chance.choices(parts, k=chance.choice((1, 1, 2, 3, 6)))
    text = between.join(few)
    if chance.random() < 0.02:
        text *= chance.choice((20, 200, 1000))
    return bend(chance, text)


def make_path(chance):
    """A path as PEP 3333 has it: its bytes as latin-1."""
    path = chance.choice(words.PATHS)
    if chance.random() < 0.3:
        at = chance.choice((len(path), path.rfind("/") + 1, chance.randrange(len(path) + 1)))
        path = path[:at] + join(chance, words.PATH_PARTS, ("", "/")) + path[at:]
    path = path.encode().decode("latin-1") if chance.random() < 0.5 else path
    return path if chance.random() < 0.9 else bend(chance, path)


def make_body(chance, environ):
    """Put a body into an environ, with its type and some length."""
    number = chance.randrange(len(words.TYPES))
    kind = BODY_OF_TYPE.get(number, chance.choice(list(BODIES)))
    body = join(chance, *BODIES[kind])
    if kind == "multipart" and chance.random() < 0.7:
        body = f"--edge\r\n{body}" + chance.choice(("\r\n--edge--\r\n", "--edge--", ""))
    raw = body.encode("latin-1", "replace")
    environ["CONTENT_TYPE"] = (
        words.TYPES[number] if chance.random() < 0.9 else bend(chance, words.TYPES[number])
    )
    length = chance.random()
    if length < 0.8:
        environ["CONTENT_LENGTH"] = str(len(raw))
    elif length < 0.95:
        environ["CONTENT_LENGTH"] = chance.choice(words.LENGTHS)
    if chance.random() < 0.15:
        environ["wsgi.input_terminated"] = True
    if chance.random() < 0.2:
        breaks_at = chance.randrange(len(raw) + 1) if chance.random() < 0.3 else None
        environ["wsgi.input"] = Unsteady(raw, chance.choice((1, 3, 100)), breaks_at)
    else:
        environ["wsgi.input"] = io.BytesIO(raw)


def make_environ(seed, number, cookies=()):
    """Make the environ of a seed and a number.

    :param cookies: good session cookies, which are sent as they are or bent.
    """
    chance = random.Random(f"{seed}:{number}")
    environ = {
        "REQUEST_METHOD": chance.choice(words.METHODS),
        "PATH_INFO": make_path(chance),
        "QUERY_STRING": join(chance, words.QUERY_PARTS, ("", "&", "&")),
        "SCRIPT_NAME": chance.choice(("", "", "", "/app", "/\xc3\xa9", "//x", "/a/")),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": chance.choice(("80", "80", "443", "0", "x", "")),
        "SERVER_PROTOCOL": chance.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/2", "")),
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": chance.choice(("http", "http", "https", "ws")),
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if chance.random() < 0.4:
        environ["QUERY_STRING"] = ""
    put_headers(chance, environ)
    if cookies and chance.random() < 0.3:
        good = chance.choice(cookies)
        environ["HTTP_COOKIE"] = good if chance.random() < 0.5 else bend(chance, good)
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or chance.random() < 0.05:
        make_body(chance, environ)
    if chance.random() < 0.05:
        del environ[chance.choice(MAY_BE_MISSING)]
    return environ, chance


def put_headers(chance, environ):
    """Put some headers into an environ, and sometimes another host."""
    if chance.random() < 0.4:
        host = chance.choice(words.HOSTS)
        environ["HTTP_HOST"] = host if chance.random() < 0.6 else bend(chance, host)
    for name in chance.choices(HEADER_NAMES, k=chance.choice((0, 0, 1, 1, 2, 3, 8))):
        good_enough = chance.random() < 0.3
        value = (
            chance.choice(words.HEADERS[name]) if good_enough else join(chance, words.HEADERS[name])
        )
        environ[name] = value if chance.random() < 0.99 else value + "\u20ac\ud800"
