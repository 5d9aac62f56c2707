"""T, G1, E1, E2: templates and error pages."""

import io

import pytest

from costrel import Flask, abort, render_template_string, request
from costrel.http.exceptions import BadRequest, default_exceptions
from costrel.http.request import Request
from costrel.parts.logger import default_handler

HOSTILE = [
    *("<script>alert(1)</script>", '"><b>', "' onmouseover='x", "&lt;", "</title><b>", "<!--"),
    "{{7*7}}",
]


@pytest.fixture
def app():
    app = Flask(__name__)
    app.get("/branch/", endpoint="branch")(lambda: "branch")
    app.get("/need", endpoint="need")(lambda: request.args["name"])
    app.get("/why", endpoint="why")(
        lambda: abort(int(request.args["code"]), description=request.args["why"])
    )
    return app


def escaped(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


@pytest.mark.parametrize("text", HOSTILE)
def test_t1_values_are_escaped_in_text_and_in_attributes(app, send, text):
    app.get("/t", endpoint="t")(
        lambda: render_template_string(
            "<p title=\"{{ v }}\" class='{{ v }}'>{{ v }}{{ request.args.v }}</p>", v=text
        )
    )
    page = send(app, target=f"/t?v={escaped(text)}").text
    inside = page.removeprefix('<p title="').removesuffix("</p>").replace("\" class='", "", 1)
    inside = inside.replace("'>", "", 1)
    assert not set(inside) & set("<>\"'")
    assert inside.count("&") == 4 * sum(map(text.count, "<>\"'&"))


@pytest.mark.parametrize(
    "name",
    [
        *("page.html", "page.htm", "page.xml", "page.xhtml", "page.svg", None),
    ],
)
def test_t1_pages_are_escaped_by_their_ending(app, name):
    assert app.select_jinja_autoescape(name)
    assert not app.select_jinja_autoescape("mail.txt")


@pytest.mark.parametrize("key", ["a b", "a/b", "a>b", "a=b", "a\nb", "a\tb", "onload=x ", "/"])
def test_t2_attribute_names_that_would_break_out_are_refused(app, key):
    with app.app_context(), pytest.raises(ValueError):
        render_template_string("<p {{ {key: 'v'}|xmlattr }}>", key=key)


@pytest.mark.parametrize("text", HOSTILE)
def test_t3_error_pages_never_echo_html(app, send, text):
    path = escaped(text)
    for answer in (
        send(app, target=f"/{path}"),
        send(app, "POST", f"/branch/?{path}"),
        send(app, target=f"/need?{path}={path}"),
        send(app, target=f"/branch?{path}"),
        send(app, "GET", "/need", {"Cookie": text, "Referer": text, "User-Agent": text}),
        send(app, text, "/branch/"),
    ):
        assert answer.status in {400, 404, 405, 308}
        assert text.encode() not in answer.body


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_t3_reasons_are_escaped_on_the_pages_of_all_errors(app, send, code):
    answer = send(app, target=f"/why?code={code}&why=<script>'\"")
    assert answer.status == code
    assert b"<script>" not in answer.body
    assert b"&lt;script&gt;" in answer.body


def test_t3_in_debug_a_missing_key_is_named_and_escaped(app, send):
    app.debug = True
    app.get("/key", endpoint="key")(lambda: request.args["<b>"])
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    answer = send(app, target="/key")
    assert answer.status == 400
    assert b"KeyError" in answer.body
    assert b"<b>" not in answer.body


@pytest.mark.parametrize(
    "source",
    [
        *("{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "{{ config }}", "{#"),
    ],
)
def test_t4_what_came_with_a_request_is_data(app, send, source):
    app.get("/data", endpoint="data")(
        lambda: render_template_string("{{ v }}|{{ v|safe }}", v=request.args["v"])
    )
    app.secret_key = "a key of sixteen bytes"
    page = send(app, target=f"/data?v={escaped(source)}").text
    assert page.endswith(f"|{source}")
    assert "49" not in page
    assert "a key of" not in page


def test_t4_a_template_name_cannot_leave_the_folder(app):
    for name in ("../secret.txt", "/etc/passwd", "..\\secret.txt", "a/../../b", "\0"):
        with app.app_context(), pytest.raises(Exception) as raised:
            app.jinja_env.get_template(name)
        assert type(raised.value).__name__ in {"TemplateNotFound", "ValueError"}


@pytest.mark.parametrize(
    "target",
    [
        *("/console", "/?__debugger__=yes&cmd=resource&f=debugger.js"),
        *("/?__debugger__=yes&cmd=pinauth&pin=1", "/?__debugger__=yes&frm=0&cmd=1%2b1&s=x"),
        *("/__debugger__", "/branch/?frm=1"),
    ],
)  # fmt: skip
def test_g1_debug_is_off_and_its_addresses_do_nothing(app, send, target):
    assert app.debug is False
    answer = send(app, target=target)
    assert answer.status in {200, 404}
    assert answer.body == b"branch" or b"Not Found" in answer.body
    assert answer.header("Set-Cookie") is None


@pytest.mark.parametrize("error", [BadRequest("<b>no</b>"), ValueError("private")])
def test_e1_an_exception_while_the_request_is_bound_is_answered(send, error):
    class Broken(Request):
        def __init__(self, environ, *args, **kwargs):
            super().__init__(environ, *args, **kwargs)

        @property
        def host(self):
            raise error

    app = Flask("bound", host_matching=True, static_folder=None)
    ended = []
    app.teardown_request(ended.append)
    app.add_url_rule("/", "root", lambda **values: request.host, host="<h>")
    broken = type("Broken", (app.request_class,), {"host": Broken.host})
    app.request_class = broken
    answer = send(app)
    assert answer.status == (400 if isinstance(error, BadRequest) else 500)
    assert b"private" not in answer.body
    assert b"<b>" not in answer.body
    assert len(ended) == 1


def test_e1_a_host_that_is_not_trusted_ends_its_context(send):
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    ended = []
    app.teardown_request(ended.append)
    assert send(app, headers={"Host": "evil.example"}).status == 400
    assert len(ended) == 1


def test_e2_the_page_of_a_crash_says_nothing_of_it(send):
    app = Flask(__name__)
    app.secret_key = "the secret key of this app"

    @app.get("/")
    def crash():
        private = "a private value"
        raise RuntimeError(f"{private} {app.secret_key}")

    app.logger.addHandler(default_handler)
    errors = io.StringIO()
    answer = send(app, **{"wsgi.errors": errors})
    app.logger.removeHandler(default_handler)
    assert answer.status == 500
    for word in ("private", "RuntimeError", "secret", "Traceback", __file__, "crash"):
        assert word not in answer.text
    assert "RuntimeError" in errors.getvalue()
