"""Q, U and their bugs: method, path, query and what routing makes of them."""

import math
from urllib.parse import urlsplit

import pytest

from costrel import Flask, request


@pytest.fixture
def app():
    app = Flask(__name__)
    app.get("/user/<int:n>", endpoint="int")(lambda n: {"n": n})
    app.get("/signed/<int(signed=True):n>", endpoint="signed")(lambda n: {"n": n})
    app.get("/float/<float(signed=True):x>", endpoint="float")(lambda x: {"x": x})
    app.get("/uuid/<uuid:u>", endpoint="uuid")(lambda u: {"u": str(u)})
    app.get("/name/<name>", endpoint="name")(lambda name: {"name": name})
    app.get("/any/<any(one,two):x>", endpoint="any")(lambda x: {"x": x})
    app.get("/branch/", endpoint="branch")(lambda: "branch")

    @app.route("/read/")
    @app.route("/read/<path:rest>")
    def read(rest=""):
        return {
            "rest": rest,
            "path": request.path,
            "url": request.url,
            "full": request.full_path,
            "args": request.args.to_dict(flat=False),
            "query": request.query_string.decode("latin-1"),
        }

    @app.errorhandler(404)
    def missing(error):
        return {"url": request.url, "path": request.path}, 404

    return app


@pytest.mark.parametrize(
    "method", ["GET\r\nX: y", "GET\n", "GE\0T", "G T", " GET", "GET ", "\x7f", "\xff", ""]
)
def test_q2_a_method_with_control_characters_or_spaces_is_refused(app, send, method):
    answer = send(app, method, "/branch/")
    assert answer.status in {400, 405}
    assert b"branch" not in answer.body


@pytest.mark.parametrize("target", ["/read/a%0d%0aX:1", "/read/%00", "/read/%20", "/read/%09"])
def test_q2_line_breaks_in_the_target_stay_in_the_path(app, send, target):
    answer = send(app, target=target)
    assert answer.status in {200, 400, 404}
    assert answer.header("X") is None
    if answer.status == 200:
        assert not set(answer.json["url"]) & set("\r\n\0\t ")


@pytest.mark.parametrize("method", ["get", "Get", "BREW", "PROPFIND", "POST", "--", "é"])
def test_q3_a_method_that_the_url_does_not_have_is_405_with_allow(app, send, method):
    answer = send(app, method, "/branch/")
    assert answer.status == 405
    assert set(answer.header("Allow").split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_b18_methods_are_case_sensitive(app, send):
    app.add_url_rule("/form", "form", lambda: "got", methods=["POST"])
    assert send(app, "POST", "/form").status == 200
    assert send(app, "post", "/form").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "*",
        "",
        "@evil.example",
        "evil.example",
        "http://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        ":80@evil.example/",
        "?@evil.example",
        "#@evil.example",
        "https:evil.example",
        "read/@evil.example",
    ],
)
def test_u1_the_host_never_comes_from_the_path(app, send, path):
    answer = send(app, PATH_INFO=path)
    assert answer.status in {200, 308, 400, 404}
    url = answer.header("Location") if answer.status == 308 else answer.json["url"]
    assert urlsplit(url).netloc in {"localhost", ""}
    assert url.startswith(("http://localhost/", "/"))


@pytest.mark.parametrize("digits", [100, 4000, 4300, 4301, 6000, 60_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_u2_int_with_thousands_of_digits_is_no_500(app, send, digits, sign):
    for route in ("/user/", "/signed/"):
        assert send(app, target=f"{route}{sign}{'9' * digits}").status in {200, 404}


@pytest.mark.parametrize(
    "text",
    [
        "%D9%A1%D9%A2",
        "%EF%BC%91",
        "%C2%B2",
        "%E2%91%A0",
        "%F0%9D%9F%8F",
        "+1",
        "1_0",
        "%201",
        "1%20",
        "1%0a",
        "%0a1",
        "1%00",
        "0x1",
        "1e3",
        "1.0",
        "-1",
        "",
    ],
)
def test_u3_int_takes_ascii_digits_alone(app, send, text):
    assert send(app, target=f"/user/{text}").status == 404
    if text != "-1":
        assert send(app, target=f"/signed/{text}").status == 404


@pytest.mark.parametrize("text", ["%D9%A1%D9%A2", "%EF%BC%91"])
def test_b18_digits_of_other_scripts_are_404(app, send, text):
    assert send(app, target=f"/user/{text}").status == 404
    assert send(app, target=f"/float/{text}.0").status == 404


@pytest.mark.parametrize(
    "text",
    ["nan", "inf", "-inf", "infinity", "1e999", "1e5", "9" * 400 + ".0", ".5", "5.", "1_0.0",
     "%D9%A1.5", "1.5%0a", "--1.5", "1,5"],
)  # fmt: skip
def test_u4_float_is_404_or_finite(app, send, text):
    answer = send(app, target=f"/float/{text}")
    assert answer.status == 404 or math.isfinite(answer.json["x"])


@pytest.mark.parametrize(
    "text",
    [
        "urn:uuid:12345678-1234-5678-1234-567812345678",
        "%7B12345678-1234-5678-1234-567812345678%7D",
        "12345678-1234-5678-1234-567812345678%0a",
        "12345678123456781234567812345678",
        "1234567812345678-1234-5678-12345678",
        "%D9%A12345678-1234-5678-1234-56781234567",
        "12345678-1234-5678-1234-56781234567g",
        "----",
    ],
)
def test_u4_uuid_has_one_spelling(app, send, text):
    assert send(app, target=f"/uuid/{text}").status == 404


@pytest.mark.parametrize(
    "target",
    ["/user/1%0a", "/name%0a", "/branch/%0a", "/any/one%0a", "/float/1.5%0a", "/user%0a/1"],
)
def test_u5_a_line_break_at_the_end_does_not_match(app, send, target):
    assert send(app, target=target).status == 404


@pytest.mark.parametrize(
    ("escaped", "seen"),
    [
        ("%ff", "\ufffd"),
        ("%c3%a9", "é"),
        ("%c3", "\ufffd"),
        ("%ed%a0%80", "\ufffd" * 3),
        ("%c0%af", "\ufffd" * 2),
        ("%f4%90%80%80", "\ufffd" * 4),
        ("a%00b", "a\0b"),
        ("%f0%9f%98%80", "😀"),
    ],
)
def test_u6_a_handler_sees_one_form_of_any_bytes(app, send, escaped, seen):
    answer = send(app, target=f"/read/{escaped}")
    assert answer.json["rest"] == seen
    assert answer.json["path"] == f"/read/{seen}"
    assert send(app, target=f"/name/{escaped}").json == {"name": seen}


def test_u6_text_that_no_server_sends_is_no_error_either(app, send):
    assert send(app, PATH_INFO="/read/\u20ac\ud800").status in {200, 400, 404}


@pytest.mark.parametrize("query", ["\xff", "a=\xff", "\xc3\xa9=\xc3\xa9", "a=\xed\xa0\x80", "\x80"])
def test_u7_raw_bytes_in_the_query_are_replaced(app, send, query):
    answer = send(app, target="/read/", QUERY_STRING=query)
    assert answer.status == 200
    assert answer.json["query"] == query
    assert list(answer.json["args"]) == [
        query.encode("latin-1").decode(errors="replace").partition("=")[0]
    ]


def test_b17_raw_bytes_in_the_query_are_no_500(app, send):
    assert send(app, target="/read/", QUERY_STRING="a=\xe9").json["args"] == {"a": ["\ufffd"]}
    answer = send(app, target="/branch", QUERY_STRING="a=\xe9&b=\x00\r\n")
    assert answer.status == 308
    assert answer.header("Location") == "http://localhost/branch/?a=%E9&b=%00%0D%0A"


def test_u8_ten_converters_in_one_part_take_linear_time(grows_linearly, send):
    app = Flask(__name__)
    fields = "-".join(f"<string:v{number}>" for number in range(12))
    app.add_url_rule(f"/x/{fields}/end", "many", lambda **values: "ok")
    assert send(app, target="/x/" + "-".join("abcdefghijkl") + "/end").status == 200
    for filler in ("-", "a-", "a"):
        grows_linearly(
            lambda path: send(app, target=path), lambda n, f=filler: f"/x/{f * n}/!", 1000
        )


def test_u8_paths_in_a_row_take_linear_time(grows_linearly, send):
    app = Flask(__name__)
    app.add_url_rule("/<path:a>/x/<path:b>/x/<path:c>/end", "paths", lambda **values: "ok")
    grows_linearly(lambda path: send(app, target=path), lambda n: "/a" * n, 500)


def test_u8_a_thousand_routes_and_a_long_segment(in_cpu_seconds, send):
    app = Flask(__name__)
    for number in range(1000):
        app.add_url_rule(f"/r{number}/<a>/<int:b>", f"r{number}", lambda a, b: a)
    assert send(app, target="/r999/x/1").status == 200
    assert in_cpu_seconds(0.05, send, app, target="/" + "x" * 3900).status == 404
    assert in_cpu_seconds(0.05, send, app, target=f"/r5/{'x' * 3900}/y").status == 404
