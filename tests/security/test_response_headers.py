"""O, R, B5 to B7: what an app sends, and where it sends clients."""

import io
from urllib.parse import urlsplit

import pytest

from costrel import Flask, Response, redirect, request, send_file, url_for
from costrel.http.headers import Headers
from costrel.http.redirects import append_slash_redirect, is_safe_redirect

LINE_BREAKS = ["\r", "\n", "\r\n", "a\r\nX: y", "a\nb", "\r\n\r\n<script>", "a\r"]
CONTROLS = [chr(code) for code in (*range(9), *range(11, 32), 127)]
WIDE = ["\u0100", "\u20ac", "\u2028", "\ud800", "😀"]

WAYS = {
    "set": lambda headers, name, value: headers.set(name, value),
    "add": lambda headers, name, value: headers.add(name, value),
    "item": lambda headers, name, value: headers.__setitem__(name, value),
    "setlist": lambda headers, name, value: headers.setlist(name, ["a", value]),
    "setdefault": lambda headers, name, value: headers.setdefault(name, value),
    "extend": lambda headers, name, value: headers.extend({name: value}),
    "update": lambda headers, name, value: headers.update({name: value}),
    "made": lambda headers, name, value: Headers([(name, value)]),
    "options": lambda headers, name, value: headers.add(name, "a", option=value),
    "response": lambda headers, name, value: Response("x", headers={name: value}),
    "place": lambda headers, name, value: headers.__setitem__(slice(0, 0), [(name, value)]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("bad", LINE_BREAKS)
def test_o1_line_breaks_in_a_header_value_are_refused(way, bad):
    with pytest.raises(ValueError):
        WAYS[way](Headers(), "X-A", bad)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name", ["a\r\nX", "a\n", "\r", "a: b", "a b", "", "é", "a\0", "a:", "(a)"]
)
def test_o1_a_header_name_is_a_token(way, name):
    with pytest.raises(ValueError):
        WAYS[way](Headers(), name, "value")


@pytest.mark.parametrize("bad", [*LINE_BREAKS, *CONTROLS, *WIDE])
def test_o1_a_bad_header_is_a_500_by_the_framework(send, bad):
    app = Flask(__name__)
    app.logger.disabled = True
    app.get("/", endpoint="a")(lambda: ("x", {"X-A": bad}))
    app.get("/name", endpoint="b")(lambda: ("x", {f"X{bad}": "a"}))
    app.after_request(lambda response: response)
    for target in ("/", "/name"):
        answer = send(app, target=target)
        assert answer.status == 500
        assert answer.header("X") is None


@pytest.mark.parametrize("way", set(WAYS) - {"options"})
@pytest.mark.parametrize("bad", [*CONTROLS, *WIDE])
def test_o2_control_and_wide_characters_in_a_value_are_refused(way, bad):
    with pytest.raises(ValueError):
        WAYS[way](Headers(), "X-A", f"a{bad}b")


test_b6_control_characters_are_refused_at_the_assignment = (
    test_o2_control_and_wide_characters_in_a_value_are_refused
)


@pytest.mark.parametrize("bad", [*LINE_BREAKS, "200 OK\r\nX: y", "200 \0", "404 \x7f", "200 \x0b"])
def test_o3_control_characters_in_the_status_are_refused(bad):
    with pytest.raises(ValueError):
        Response("x", status=f"200 {bad}b")
    response = Response("x")
    with pytest.raises(ValueError):
        response.status = f"200 {bad}b"
    assert response.status == "200 OK"


def test_o3_a_bad_status_is_a_500_by_the_framework(send):
    app = Flask(__name__)
    app.logger.disabled = True
    app.get("/")(lambda: ("x", "200 OK\r\nX: y"))
    assert send(app).status == 500


NAMES = {
    'a"b.txt': 'attachment; filename="a\\"b.txt"',
    "a;b.txt": 'attachment; filename="a;b.txt"',
    "../../etc/passwd": "attachment; filename=passwd",
    "C:\\dir\\x.txt": "attachment; filename=x.txt",
    "a\\b.txt": "attachment; filename=b.txt",
    "é.txt": "attachment; filename=e.txt; filename*=UTF-8''%C3%A9.txt",
    "€.txt": "attachment; filename=.txt; filename*=UTF-8''%E2%82%AC.txt",
    "a b.txt": 'attachment; filename="a b.txt"',
}


@pytest.mark.parametrize(
    "name", [*NAMES, "a\r\nX: y.txt", "a\0b.txt", "\ud800.txt", "a\x7f.txt", "."]
)
def test_o4_a_download_name_stays_within_its_header(send, name):
    app = Flask(__name__)
    app.get("/")(
        lambda: send_file(io.BytesIO(b"x"), "text/plain", as_attachment=True, download_name=name)
    )
    answer = send(app)
    said = answer.header("Content-Disposition")
    assert answer.status == 200
    assert said == NAMES.get(name, said)
    assert said.startswith("attachment; filename")
    assert answer.header("X") is None


BAD_IN_COOKIES = [
    ";",
    "a; Secure",
    "\r\n",
    "a\r\nSet-Cookie: b=c",
    "\n",
    "\0",
    "\x1f",
    "\x7f",
    "\x0b",
]


@pytest.mark.parametrize("bad", BAD_IN_COOKIES)
@pytest.mark.parametrize("field", ["key", "path", "domain", "samesite", "expires"])
def test_o5_a_cookie_field_that_would_break_out_is_refused(field, bad):
    response = Response("x")
    with pytest.raises(ValueError):
        response.set_cookie(**{"key": "a", "value": "b", field: f"a{bad}b"})
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("bad", [*BAD_IN_COOKIES, '"', "\\", ",", " ", "é", "€", "\ud7ff"])
def test_o5_a_cookie_value_is_quoted(send, bad):
    app = Flask(__name__)

    @app.get("/")
    def view():
        response = Response("x")
        response.set_cookie("a", f"1{bad}2")
        return response

    @app.get("/back")
    def back():
        return [request.cookies["a"]]

    (cookie,) = send(app).header_list("Set-Cookie")
    pair, _, rest = cookie.partition("; ")
    assert rest == "Path=/"
    assert send(app, target="/back", headers={"Cookie": pair}).json == [f"1{bad}2"]


@pytest.mark.parametrize(
    "domain", ["a; Secure", "a\r\nX: y", "a\0", "a;b", "\uff1b", "a\uff1b secure"]
)
def test_b5_a_cookie_domain_injects_nothing(domain):
    response = Response("x")
    with pytest.raises(ValueError):
        response.set_cookie("a", "b", domain=domain)
    with pytest.raises(ValueError):
        response.delete_cookie("a", domain=domain)


TARGETS = [
    *("/\r\nX: y", "/\nX: y", "/\r", "/\0", "\r\n\r\n<script>alert(1)</script>", "/\tevil.example"),
    *("/\x7f", "/\x0b", "/\u2028", "/€", "/\ud800", "http://localhost/\r\nX: y", "\r\n"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_r1_a_redirect_target_injects_nothing(send, target):
    app = Flask(__name__)
    app.get("/")(lambda: redirect(target))
    answer = send(app)
    assert answer.status == 302
    assert answer.header("X") is None
    assert answer.header("Location").isascii()
    assert answer.header("Location").isprintable()
    assert b"<script>" not in answer.body


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\"'><b>", "</a><img src=x onerror=y>", "&lt;", "<b>"]
)
def test_r2_redirect_bodies_escape_what_they_quote(send, text):
    app = Flask(__name__)
    app.get("/branch/<v>/", endpoint="branch")(lambda v: v)
    app.get("/go", endpoint="go")(lambda: redirect(request.args["next"]))
    app.add_url_rule("/old/<v>", "old", redirect_to="/branch/<v>/")
    for target in (f"/branch/{text.replace('/', '%2f')}", f"/go?next={text}", f"/old/{text}"):
        answer = send(app, target=target.replace("?", "?").replace("&lt", "%26lt"))
        if answer.status == 404:
            continue
        page = answer.body.decode()
        for piece in ("<script", "<b>", "<img", "'><"):
            assert piece not in page
    answer = send(app, target="/branch/x", QUERY_STRING=text)
    assert answer.status == 308
    assert text not in answer.text or text.isalnum()


def test_r2_a_link_never_runs_code(send):
    app = Flask(__name__)
    app.get("/")(lambda: redirect(request.args["next"]))
    for target in (
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "%09javascript:x",
    ):
        assert b"<a href" not in send(app, QUERY_STRING=f"next={target}").body


SHAPES = [
    *(
        "//evil.example",
        "//evil.example/",
        "///evil.example",
        "////evil.example//",
        "/\\evil.example",
    ),
    *(
        "/\\/evil.example",
        "\\\\evil.example",
        "/%2f%2fevil.example",
        "/%2fevil.example",
        "/%5cevil",
    ),
    *("/tree//evil.example", "/tree//", "/tree///evil.example/", "/tree/\\evil", "//tree//evil"),
    *("/tree/..//evil.example", "/./evil.example", "/tree/%09/evil.example", "/%0a/evil.example"),
    *(
        "/tree/@evil.example",
        "/tree/http://evil.example",
        "/http://evil.example",
        "/;@evil.example",
    ),
    *("/tree/?@evil.example", "/tree/%23@evil.example", "//evil.example%2f..", "/.evil.example"),
]


@pytest.mark.parametrize("root", ["", "/app", "//evil.example", "/app/"])
@pytest.mark.parametrize("shape", SHAPES)
def test_r3_redirects_of_the_router_stay_on_this_host(send, shape, root):
    assert len(SHAPES) >= 25
    app = Flask(__name__)
    app.get("/<path:v>/", endpoint="any")(lambda v: "ok")
    app.get("/tree/", endpoint="tree")(lambda: "ok")
    app.add_url_rule("/tree/<path:v>/", "rest", lambda v: "ok")
    for host in ("localhost", "a b"):
        answer = send(app, target=shape, headers={"Host": host}, SCRIPT_NAME=root)
        location = answer.header("Location")
        assert (answer.status == 308) == (location is not None)
        if location is not None:
            assert urlsplit(location).netloc in {"localhost", ""}
            assert not location.startswith(("//", "/\\", "\\"))


def test_r3_append_slash_redirect_stays_on_this_host(make_environ):
    for path in (
        "//evil.example",
        "/\\evil",
        "/a:b",
        "http://evil.example",
        "//evil.example/x",
        "/é",
    ):
        location = append_slash_redirect(make_environ(PATH_INFO=path)).headers["Location"]
        assert urlsplit(location).netloc == ""
        assert urlsplit(location).scheme == ""
        assert not location.startswith(("/", "\\"))


def test_r3_url_for_never_names_another_host(send):
    app = Flask(__name__)
    app.get("/<path:v>", endpoint="path")(
        lambda v: [url_for("path", v=v), url_for("path", v="/" + v)]
    )
    for target in ("//evil.example", "/x//evil.example", "/%5cevil.example", "/\\evil.example"):
        answer = send(app, target=target)
        for url in answer.json if answer.status == 200 else []:
            assert urlsplit(url).netloc == ""
            assert not url.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "url", ["/", "/a", "a", "a/b?c=d#e", "?a", "#a", "./a", "/é", "/a?u=http://b"]
)
def test_r4_a_target_on_this_site_is_safe(url):
    assert is_safe_redirect(url)


@pytest.mark.parametrize(
    "url",
    ["", None, "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\evil",
     "http://evil.example", "HTTPS://evil.example", "http:evil.example", "https:/evil.example",
     "javascript:alert(1)", "JaVaScRiPt:x", "data:,x", "vbscript:x", "mailto:a@b", "ftp://a", "a:b",
     "/\tevil", "/\n/evil.example", "\t//evil.example", " //evil.example", "/\0", "/a\r\nX: y",
     "\x01javascript:x", "/\u2028", "http://localhost@evil.example", "//", "http://", "\ud800"],
)  # fmt: skip
def test_r4_a_target_elsewhere_is_not_safe(url):
    assert not is_safe_redirect(url)
    assert not is_safe_redirect(url, "localhost")


def test_r4_this_host_is_safe_and_no_other():
    assert is_safe_redirect("http://localhost/a", "localhost")
    assert is_safe_redirect("https://LOCALHOST/a", "localhost")
    for url in (
        *("http://localhost.evil.example/", "http://evil.example/localhost"),
        *("http://localhost:8/", "http://localhost@evil.example/"),
        "http://evil.example#localhost",
    ):  # fmt: skip
        assert not is_safe_redirect(url, "localhost")


NO_URLS = [
    *(
        "http://[::1",
        "http://[::1]:b",
        "http://a:b/",
        "http://a:99999999/",
        "http://[v1.x]/",
        "http://]",
    ),
    *(
        f"http://{'a' * 64}.example/",
        f"http://{'é' * 64}.example/",
        "http://é" + "é" * 300,
        "http://",
    ),
    *(
        "http://xn--a/",
        "http://a..b/",
        "http://.é/",
        "//[",
        "http://\ud800/",
        "http://a\uff0fb/",
        "é:/",
    ),
]


@pytest.mark.parametrize("target", NO_URLS)
def test_r5_a_target_that_is_no_url_stays_within_the_app(send, target):
    seen = []
    app = Flask(__name__)
    app.logger.disabled = True
    app.get("/")(lambda: redirect(target))
    app.get("/by-hand", endpoint="b")(lambda: ("x", 302, {"Location": target}))
    app.get("/content", endpoint="c")(lambda: ("x", {"Content-Location": target}))
    app.after_request(lambda response: seen.append(response.status_code) or response)
    for path in ("/", "/by-hand", "/content"):
        assert send(app, target=path).status in {200, 302, 500}
    assert len(seen) == 3


test_b7_a_bad_redirect_target_does_not_leave_the_app = (
    test_r5_a_target_that_is_no_url_stays_within_the_app
)


def test_r5_with_absolute_locations_too(send):
    app = Flask(__name__)
    app.response_class = type("Absolute", (Response,), {"autocorrect_location_header": True})
    app.logger.disabled = True
    app.get("/")(lambda: redirect(request.args["to"]))
    for target in NO_URLS:
        query = "to=" + "".join(f"%{byte:02x}" for byte in target.encode("utf-8", "replace"))
        assert send(app, QUERY_STRING=query).status in {302, 500}
