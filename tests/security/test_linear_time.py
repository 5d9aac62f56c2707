"""X: what is parsed takes time in proportion to its length, and no pattern can be made to do worse.

The doubling tests of cookies, hosts, ranges and tags stand with their groups.
"""

import ast
import io
import re
from pathlib import Path

import pytest

import costrel
from costrel.http.accept import LanguageAccept, MIMEAccept, parse_accept_header
from costrel.http.cache_control import RequestCacheControl, parse_cache_control_header
from costrel.http.content_policy import parse_csp_header
from costrel.http.credentials import Authorization, WWWAuthenticate
from costrel.http.dates import parse_age, parse_date
from costrel.http.exceptions import HTTPException
from costrel.http.forms import FormDataParser
from costrel.http.header_values import (
    parse_dict_header,
    parse_list_header,
    parse_options_header,
    parse_set_header,
)
from costrel.http.query import parse_query
from costrel.http.redirects import is_safe_redirect
from costrel.http.safe_path import safe_join
from costrel.http.uploads import secure_filename
from costrel.http.urls import iri_to_uri, uri_to_iri
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.parts.log_lines import escape_log_text

HEADER = 16_000  # and four times that: what servers let through at most
BODY = 250_000  # and four times that: a megabyte

FILLERS = [
    *(",", ";", "=", '"', "\\", " ", "a", "a,", "a;", "a=b,", "a=b;", '"a",', '"\\', "a=", "/"),
    *("\\101", 'a="b', "a;q=0.5,", "en-GB,", "en-", "*/*;", "a/b;c=d,", "%41", "%", "&"),
    *("a=b&", "+", "\t", "\xff", "a b ", "(", "a*0=b;", "a*1*=b;", ":", "0", "-", "_", ".."),
    "../",
]


class _App:
    debug = False
    response_class = object


_APP = _App()  # the provider does not keep it alive
_PROVIDER = DefaultJSONProvider(_APP)


def _read_json(text):
    try:
        return _PROVIDER.loads(text)
    except ValueError:
        return None


def _rank(kind, offered):
    def rank(text):
        found = parse_accept_header(text, kind)
        return found.best_match(offered), found.best, found.to_header()

    return rank


PARSERS = {
    "accept": _rank(MIMEAccept, ["text/html", "a/b"]),
    "accept_language": _rank(LanguageAccept, ["en", "de-AT"]),
    "authorization_basic": lambda text: Authorization.from_header(f"Basic {text}"),
    "authorization_digest": lambda text: Authorization.from_header(f"Digest a={text}"),
    "www_authenticate": lambda text: WWWAuthenticate.from_header(f"Digest a={text}"),
    "cache_control": lambda text: parse_cache_control_header(text, None, RequestCacheControl),
    "content_policy": parse_csp_header,
    "date": parse_date,
    "dict": parse_dict_header,
    "list": parse_list_header,
    "options": lambda text: parse_options_header(f"a/b; {text}"),
    "set": parse_set_header,
    "age": parse_age,
    "query": parse_query,
    "iri": iri_to_uri,
    "uri": uri_to_iri,
    "uri_host": lambda text: uri_to_iri(f"http://{text}/"),
    "iri_host": lambda text: iri_to_uri(f"http://é{text}/"),
    "redirect": is_safe_redirect,
    "safe_join": lambda text: safe_join("/srv", text),
    "filename": secure_filename,
    "log": escape_log_text,
    "json": _read_json,
}


@pytest.mark.parametrize("parser", PARSERS)
def test_x2_headers_take_linear_time(grows_linearly, parser):
    for filler in FILLERS:
        grows_linearly(PARSERS[parser], lambda n, f=filler: f * (n // len(f)), HEADER)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "Mon, 01 Jan 2020 00:00:00 " + "+" * n,
        lambda n: "Mon, " + "0" * n,
        lambda n: " " * n + "Mon, 01 Jan 2020 00:00:00 GMT",
        lambda n: "Mon," * (n // 4),
        lambda n: "01 Jan " * (n // 7),
        lambda n: "a" * n + "; length=1",
        lambda n: "(" * n,
    ],
)
def test_x2_dates_take_linear_time(grows_linearly, make):
    grows_linearly(parse_date, make, HEADER)


@pytest.mark.parametrize(
    "filler",
    [
        *("a=b&", "&", "a", "%", "%41", "+", "=", "a&", "%ff", "é", "a=%41&"),
    ],
)
def test_x2_queries_take_linear_time(grows_linearly, filler):
    grows_linearly(parse_query, lambda n: filler * (n // len(filler)), BODY)


def _parse_body(kind, body):
    parser = FormDataParser(max_form_memory_size=None, max_form_parts=None)
    mimetype, options = parse_options_header(kind)
    return parser.parse(io.BytesIO(body), mimetype, len(body), options)


MULTIPART = "multipart/form-data; boundary=edge"
PART = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n'
BODIES = {
    "many_parts": lambda n: (PART + b"\r\nx\r\n") * (n // 60) + b"--edge--\r\n",
    "cr": lambda n: PART + b"\r\n" + b"\r" * n,
    "lf": lambda n: PART + b"\r\n" + b"\n" * n,
    "crlf": lambda n: PART + b"\r\n" + b"\r\n" * (n // 2),
    "dashes": lambda n: PART + b"\r\n" + b"-" * n,
    "near": lambda n: PART + b"\r\n" + b"\r\n--edg" * (n // 7),
    "nearer": lambda n: PART + b"\r\n" + b"\r\n--edge-" * (n // 9),
    "lf_parts": lambda n: (PART + b"\r\nx\r\n").replace(b"\r", b"") * (n // 60),
    "preamble": lambda n: b"x" * n + b"\r\n" + PART,
    "preamble_cr": lambda n: b"\r" * n + b"\r\n" + PART,
    "epilogue": lambda n: PART + b"\r\nx\r\n--edge--" + b"\r\n" * (n // 2),
    "head": lambda n: PART + b"X: " + b"a" * n,
    "heads": lambda n: PART + b"X: a\r\n" * (n // 6),
    "file": lambda n: PART[:-2] + b'; filename="x"\r\n\r\n' + b"\r\n-" * (n // 3) + b"\r\n--edge--",
}


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_x2_multipart_takes_linear_time(grows_linearly, make):
    def parse(body):
        try:
            _parse_body(MULTIPART, body)
        except HTTPException as error:
            return error
        return None

    grows_linearly(parse, make, BODY)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "[" * n,
        lambda n: "[1," * (n // 3),
        lambda n: "[" + "1," * (n // 2) + "1]",
        lambda n: '"' + "\\ud800" * (n // 6) + '"',
        lambda n: '"' + "\\" * n,
        lambda n: '"\\ud' * (n // 5),
        lambda n: " " * n,
        lambda n: "9" * n,
        lambda n: '{"a":' * (n // 5),
    ],
)
def test_x2_json_takes_linear_time(grows_linearly, make):
    grows_linearly(_read_json, make, BODY)


# --- X1: a look at the source ------------------------------------------------------------------

SOURCE = Path(costrel.__file__).parent
UNBOUNDED = re._constants.MAXREPEAT
LOOPS = {re._constants.MAX_REPEAT, re._constants.MIN_REPEAT}
POSSESSIVE = re._constants.POSSESSIVE_REPEAT


def patterns_in(path):
    """The patterns of all calls of `re.compile` and its kin in a file, as far as they are plain."""
    source = path.read_text()
    if not re.search(r"\bre\b", source):
        return
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        text = node.args[0]
        if isinstance(text, ast.Constant):
            flags = re.VERBOSE if "VERBOSE" in ast.dump(node) else 0
            yield node.lineno, text.value, flags


def nested_loops(parsed, depth=0):
    """How many unbounded loops that may give back stand in one another, at most."""
    deepest = depth
    for operator, argument in parsed:
        if operator in LOOPS or operator is POSSESSIVE:
            _, most, inner = argument
            loops = operator is not POSSESSIVE and most == UNBOUNDED
            # What a possessive loop has taken it never gives back, so it starts anew.
            deepest = max(deepest, nested_loops(inner, depth + loops))
        else:
            for part in argument if isinstance(argument, (tuple, list)) else (argument,):
                parts = part if isinstance(part, list) else [part]
                for each in parts:
                    if isinstance(each, re._parser.SubPattern):
                        deepest = max(deepest, nested_loops(each, depth))
    return deepest


def test_x1_no_pattern_has_a_loop_within_a_loop():
    found, checked = [], 0
    for path in sorted(SOURCE.rglob("*.py")):
        for line, text, flags in patterns_in(path):
            checked += 1
            if nested_loops(re._parser.parse(text, flags)) > 1:
                found.append(f"{path.relative_to(SOURCE)}:{line}: {text}")
    assert checked > 40
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "depth"),
    [
        ("a*", 1),
        ("(a*)*", 2),
        ("(a+|b)*", 2),
        ("(a*)?", 1),
        ("(?:a++b)*", 1),
        ("((a*b){2,})*", 3),
        (*("a", 0),),
    ],
)
def test_x1_the_check_sees_loops_within_loops(pattern, depth):
    assert nested_loops(re._parser.parse(pattern)) == depth
