"""Bad input on a whole app: each answer is the right 4xx, never a 5xx, and the app lives on."""

import gzip
import io
import json
import time
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

import pytest

from costrel import Flask, request, session

SECRET = "the secret beside the static folder"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"


@pytest.fixture
def app(tmp_path):
    """An app that reads everything a request can say, and a folder with a secret beside it."""
    (tmp_path / "static" / "sub").mkdir(parents=True)
    (tmp_path / "static" / "file.txt").write_text("public")
    (tmp_path / "secret.txt").write_text(SECRET)
    app = Flask("bad_input", root_path=str(tmp_path))
    app.config["SECRET_KEY"] = "0123456789abcdef"

    @app.route("/read", methods=["GET", "POST"])
    @app.route("/read/<path:rest>", methods=["GET", "POST"])
    def read(rest=""):
        return {
            "rest": rest,
            "path": request.path,
            "args": request.args.to_dict(flat=False),
            "form": request.form.to_dict(flat=False),
            "files": [[file.filename, len(file.read())] for file in request.files.values()],
            "cookies": request.cookies.to_dict(),
            "headers": len(list(request.headers)),
            "session": dict(session),
            "url": request.url,
        }

    app.post("/json", endpoint="json")(lambda: {"got": repr(request.get_json())[:20]})
    app.post("/data", endpoint="data")(lambda: {"length": len(request.get_data())})
    app.get("/number/<int:n>", endpoint="number")(lambda n: {"n": n})
    app.get("/branch/", endpoint="branch")(lambda: "branch")
    return app


class Answer:
    """Status, headers and body, as the app gave them."""

    def __init__(self, status, headers, body):
        self.status = int(status.split()[0])
        self.headers = dict(headers)
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


@pytest.fixture
def ask(app):
    """One raw request; after it, the app must still answer a good one."""

    def one(method, target, headers, body, **environ):
        path, _, query = target.partition("?")
        said = {}

        def start_response(status, headers, exc_info=None):
            said.update(status=status, headers=headers)
            return lambda data: None

        scope = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            scope[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        scope.update(environ)
        checked = app if scope["CONTENT_LENGTH"] != str(len(body)) else validator(app)
        chunks = checked(scope, start_response)
        try:
            content = b"".join(chunks)
        finally:
            getattr(chunks, "close", bool)()
        return Answer(said["status"], said["headers"], content)

    def ask(method, target, headers=None, body=b"", **environ):
        answer = one(method, target, headers or {}, body, **environ)
        assert answer.status < 500, answer.body
        assert SECRET.encode() not in answer.body
        assert one("GET", "/read?a=1", {}, b"").json["args"] == {"a": ["1"]}
        return answer

    return ask


def post(ask, target, body, kind, **environ):
    return ask("POST", target, {"Content-Type": kind}, body, **environ)


# The request line


@pytest.mark.parametrize(
    "target", ["/%", "/%zz", "/%f", "/read%", "/%%%", "/%FF%FE", "/%00", "/%c0%af"]
)
def test_a_path_with_malformed_escapes_is_not_found(ask, target):
    assert ask("GET", target).status == 404


@pytest.mark.parametrize("tail", ["%FF", "%ed%a0%80", "%c3%28", "a%FFb"])
def test_a_path_that_is_not_utf8_is_seen_with_replacements_or_not_found(ask, tail):
    answer = ask("GET", f"/read/{tail}")
    assert answer.status == 404 or "\ufffd" in answer.json["rest"] or "%" in answer.json["rest"]


@pytest.mark.parametrize(
    "query", ["%", "a=%zz", "%=%", "a=%FF", "&&=&", "=", "\xff=\xfe", "a=\xe9"]
)
def test_a_query_with_malformed_escapes_or_bytes_is_read_with_replacements(ask, query):
    assert ask("GET", f"/read?{query}").status in {200, 400}


def test_a_query_keeps_what_is_not_an_escape(ask):
    assert ask("GET", "/read?a=100%&b=%zz").json["args"] == {"a": ["100%"], "b": ["%zz"]}


@pytest.mark.parametrize(
    "number", ["%D9%A1%D9%A2", "%EF%BC%91", "+1", "1_0", "1%0a", "-1", "0x1", "1e3"]
)
def test_one_number_has_one_address(ask, number):
    assert ask("GET", f"/number/{number}").status == 404


@pytest.mark.parametrize("digits", [100, 4000, 6000])
def test_a_number_of_any_length_is_no_server_error(ask, digits):
    assert ask("GET", "/number/" + "9" * digits).status in {200, 404}


@pytest.mark.parametrize("method", ["get", "BREW", "", "G E T", "GET\n"])
def test_a_method_nobody_knows_is_not_allowed(ask, app, method):
    status = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/branch/",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
    }
    environ |= {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "QUERY_STRING": ""}
    list(
        app(environ, lambda line, headers: status.update(code=int(line[:3]), headers=dict(headers)))
    )
    assert status["code"] == 405
    assert "GET" in status["headers"]["Allow"]


@pytest.mark.parametrize(
    "target", ["//evil.example/branch", "//evil.example", "/\\evil.example/branch"]
)
def test_a_redirect_stays_on_this_host(ask, target):
    answer = ask("GET", target)
    assert not answer.headers.get("Location", "/").startswith(("//", "/\\", "http://evil"))


# Headers


@pytest.mark.parametrize(
    "cookie",
    [
        *(
            "=",
            ";;;",
            "a",
            "=a",
            "a=b=c;;=",
            'a="unclosed',
            "a=\\",
            'a="\\999"',
            "\xff=\xfe",
            "a=\x00b",
        ),
        *("$Version=1", "session=garbage", "session=a.b.c", "session=.", "session=" + "A" * 5000),
        *('a="' + "\\" * 8000, ";" * 8000, "a=1;" * 3000),
    ],
)
def test_cookies_of_garbage_are_dropped_or_read(ask, cookie):
    started = time.thread_time()
    answer = ask("GET", "/read", {"Cookie": cookie})
    assert answer.status == 200
    assert answer.json["session"] == {}
    assert time.thread_time() - started < 2


def test_a_cookie_without_a_name_never_becomes_one_with(ask):
    answer = ask("GET", "/read", {"Cookie": "=__Host-a=1"})
    assert "__Host-a" not in answer.json["cookies"]


@pytest.mark.parametrize(
    "name", ["Accept", "Accept-Language", "If-None-Match", "If-Range", "Range", "Date"]
)
@pytest.mark.parametrize("value", ["\xff", "," * 4000, '"' * 4000, ";q=nan", "=", "a=*999999999="])
def test_headers_of_garbage_are_ignored(ask, name, value):
    assert ask("GET", "/read", {name: value}).status == 200


@pytest.mark.parametrize(
    "when", ["Mon, 01 Jan 9999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +0900"]
)
def test_a_date_that_cannot_be_is_no_date(ask, when):
    assert ask("GET", "/static/file.txt", {"If-Modified-Since": when}).status == 200


@pytest.mark.parametrize(
    "value", ["Basic \xff", "Basic =", "Basic", "Digest a=", 'Digest "', "\xff", " "]
)
def test_credentials_of_garbage_are_none(app, ask, value):
    app.get("/who", endpoint="who")(
        lambda: str(request.authorization and request.authorization.username)
    )
    assert ask("GET", "/who", {"Authorization": value}).body in {b"None", b""}


@pytest.mark.parametrize(
    "host",
    [
        "a b",
        "evil.example/path",
        "user@evil.example",
        "[::1",
        "a:99999999",
        "a:-1",
        "a\xff",
        "a\x00",
        "<b>",
    ],
)
def test_a_host_that_lies_is_refused_or_left_out(ask, host):
    answer = ask("GET", "/branch", {"Host": host})
    assert answer.status in {308, 400}
    location = answer.headers.get("Location", "")
    assert "evil" not in location
    assert "<b>" not in answer.body.decode()
    answer = ask("GET", "/read", {"Host": host})
    assert answer.status == 400 or answer.json["url"].startswith("http:///")


def test_a_host_that_is_not_trusted_is_refused(ask, app):
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    assert ask("GET", "/read", {"Host": "evil.example"}).status == 400
    assert ask("GET", "/read", {"Host": "localhost:80"}).status == 200


# Bodies


def test_a_body_shorter_than_its_length_is_refused(ask):
    assert post(ask, "/read", b"a=1", FORM, CONTENT_LENGTH="100").status == 400
    assert post(ask, "/data", b"abc", "text/plain", CONTENT_LENGTH="100").status == 400


def test_a_body_longer_than_its_length_is_cut_there(ask):
    assert post(ask, "/read", b"a=12345", FORM, CONTENT_LENGTH="3").json["form"] == {"a": ["1"]}


@pytest.mark.parametrize("length", ["x", "-1", "1_0", "+3", "\u0663", "", "9" * 5000])
def test_a_length_that_is_no_number_is_refused_or_no_length(ask, length):
    answer = post(ask, "/read", b"a=1", FORM, CONTENT_LENGTH=length)
    assert answer.status in {200, 400, 413}
    if answer.status == 200:
        assert answer.json["form"] == {}


@pytest.mark.parametrize("body", [b"%", b"a=%zz", b"\xff=\xfe", b"a=%FF", b"&=&", b"=" * 50])
def test_a_form_of_garbage_is_read_with_replacements(ask, body):
    assert post(ask, "/read", body, FORM).status == 200


def test_a_semicolon_does_not_end_a_field(ask):
    assert post(ask, "/read", b"a=1;b=2", FORM).json["form"] == {"a": ["1;b=2"]}


def test_a_form_with_too_many_fields_is_too_large(ask):
    started = time.thread_time()
    assert post(ask, "/read", b"a&" * 2_000_000, FORM).status == 413
    assert time.thread_time() - started < 2


def test_a_form_with_too_much_text_is_too_large(ask):
    assert post(ask, "/read", b"a=" + b"x" * 600_000, FORM).status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b"[1,]",
        b"\xff",
        b'{"a":1}x',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_json_that_is_not_is_a_bad_request(ask, body):
    assert post(ask, "/json", body, "application/json").status == 400


def test_json_with_a_number_too_long_to_convert_is_a_bad_request(ask):
    assert post(ask, "/json", b"9" * 5000, "application/json").status == 400


def test_json_under_another_name_is_an_unsupported_type(ask):
    assert post(ask, "/json", b"{}", "text/plain").status == 415


def test_a_compressed_body_stays_as_it_is(ask):
    body = gzip.compress(b"0" * 1_000_000)
    answer = ask("POST", "/data", {"Content-Encoding": "gzip", "Content-Type": "text/plain"}, body)
    assert answer.json == {"length": len(body)}


# Multipart


def field(name, value=b"x"):
    return (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + value
        + b"\r\n"
    )


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
def test_multipart_without_a_boundary_is_refused_or_empty(ask, kind):
    answer = post(ask, "/read", field("a") + b"--edge--\r\n", kind)
    assert answer.status == 400 or answer.json["form"] == {}


def test_multipart_with_too_many_parts_is_too_large(ask):
    body = field("a") * 1001 + b"--edge--\r\n"
    assert post(ask, "/read", body, MULTIPART).status == 413


def test_multipart_with_too_much_text_is_too_large(ask):
    body = field("a", b"x" * 600_000) + b"--edge--\r\n"
    assert post(ask, "/read", body, MULTIPART).status == 413


def test_multipart_with_a_header_that_never_ends_is_refused(ask):
    body = b"--edge\r\nContent-Disposition: form-data; name=" + b"x" * 200_000
    assert post(ask, "/read", body, MULTIPART).status in {400, 413}


def test_multipart_with_headers_that_never_end_is_refused(ask):
    body = b"--edge\r\n" + b"X-A: 1\r\n" * 5000 + b"\r\nx\r\n--edge--\r\n"
    assert post(ask, "/read", body, MULTIPART).status in {400, 413}


@pytest.mark.parametrize("cut", [0, 1, 6, 8, 30, 60, 66, 70])
def test_multipart_cut_anywhere_is_refused_or_empty(ask, cut):
    body = (field("a", b"value") + b"--edge--\r\n")[:cut]
    answer = post(ask, "/read", body, MULTIPART)
    assert answer.status == 400 or answer.json["form"] in ({}, {"a": ["value"]})


@pytest.mark.parametrize("filler", [b"\r", b"\n", b"\r\n", b"--", b"\r\n--edg", b"-"])
def test_multipart_filled_with_near_boundaries_takes_linear_time(ask, filler):
    head = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    content = filler * (2_000_000 // len(filler))
    started = time.thread_time()
    answer = post(ask, "/read", head + content + b"\r\n--edge--\r\n", MULTIPART)
    assert answer.json["files"] == [["f", len(content)]]
    assert time.thread_time() - started < 3


def test_multipart_without_a_name_is_refused_or_dropped(ask):
    body = b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--\r\n"
    answer = post(ask, "/read", body, MULTIPART)
    assert answer.status == 400 or answer.json["form"] == {}


# Static files


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt"),
        *("sub/../../secret.txt", "..\\secret.txt", "..%5csecret.txt", "....//secret.txt"),
        *(
            "%252e%252e/secret.txt",
            "/secret.txt",
            "//secret.txt",
            "file.txt/..",
            "sub",
            "sub/",
        ),
        *("", ".", "..", "file.txt%00", "%00", "NUL", "con.txt", "C:\\x", "\\\\host\\x", "x" * 300),
        "a/" * 1500,
    ],
)
def test_static_files_never_leave_their_folder(ask, path):
    answer = ask("GET", f"/static/{path}")
    if answer.status == 308:  # slashes are merged first, and that path is asked for again
        answer = ask("GET", answer.headers["Location"].removeprefix("http://localhost"))
    assert answer.status == 404


def test_static_files_answer_a_good_path(ask):
    assert ask("GET", "/static/file.txt").body == b"public"


@pytest.mark.parametrize(
    "ranges",
    [
        "bytes=" + ",".join(["0-"] * 1000),
        "bytes=5-2",
        "bytes=-0",
        "x=1-2",
        "bytes=" + "9" * 30 + "-",
    ],
)
def test_odd_ranges_get_the_whole_a_part_or_a_416(ask, ranges):
    answer = ask("GET", "/static/file.txt", {"Range": ranges})
    assert answer.status in {200, 206, 416}
    assert len(answer.body) < 4096
