import re

import pytest

from costrel import Flask, abort, make_response, render_template_string
from costrel.extras.security_headers import SecurityHeaders

PAGE = '<script nonce="{{ csp_nonce() }}">1</script><script nonce="{{ csp_nonce() }}">2</script>'


def make_app(**settings):
    app = Flask(__name__)
    SecurityHeaders(app, **settings)
    app.route("/", endpoint="root")(lambda: "root")
    app.route("/refused", endpoint="refused")(lambda: abort(403))
    app.route("/broken", endpoint="broken")(lambda: 1 / 0)
    app.route("/page", endpoint="page")(lambda: render_template_string(PAGE))
    return app


def headers_of(app, path="/", base_url="http://localhost"):
    return app.test_client().get(path, base_url=base_url).headers


@pytest.mark.parametrize("path", ["/", "/refused", "/missing", "/broken", "/static/missing"])
def test_each_answer_has_them(path):
    headers = headers_of(make_app(), path)
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert policy == "base-uri 'self'; frame-ancestors 'self'; object-src 'none'"


def test_https_alone_is_asked_for_over_https_alone():
    app = make_app()
    assert "Strict-Transport-Security" not in headers_of(app)
    asked = headers_of(app, base_url="https://localhost")["Strict-Transport-Security"]
    assert asked == "max-age=31536000"
    asked = headers_of(make_app(hsts=60), base_url="https://localhost")
    assert asked["Strict-Transport-Security"] == "max-age=60"
    asked = headers_of(make_app(hsts=None), base_url="https://localhost")
    assert "Strict-Transport-Security" not in asked


def test_each_can_be_left_out():
    app = make_app(frame_options=None, referrer_policy=None, content_security_policy=None)
    left = {"X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"}
    assert not left & set(headers_of(app).keys())


def test_what_a_view_says_stays():
    app = make_app()
    app.route("/own")(lambda: ("own", {"X-Frame-Options": "DENY", "Referrer-Policy": "origin"}))
    headers = headers_of(app, "/own")
    assert headers.getlist("X-Frame-Options") == ["DENY"]
    assert headers.getlist("Referrer-Policy") == ["origin"]


def test_a_policy_may_be_directives():
    app = make_app(content_security_policy={"default-src": "'self'", "sandbox": None})
    assert headers_of(app)["Content-Security-Policy"] == "default-src 'self'; sandbox"


def test_scripts_of_a_template_have_the_nonce_of_its_policy():
    app = make_app(content_security_policy="script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'")
    client = app.test_client()
    nonces = set()
    for _ in range(3):
        answer = client.get("/page")
        (nonce,) = set(re.findall(r'nonce="(\w{32})"', answer.text))
        policy = answer.headers["Content-Security-Policy"]
        assert policy == f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
        nonces.add(nonce)
    assert len(nonces) == 3


def test_a_304_leaves_the_page_the_nonce_it_came_with():
    app = make_app(content_security_policy="script-src 'nonce-{nonce}'")

    @app.route("/kept")
    def kept():
        return make_response("", 304)

    headers = headers_of(app, "/kept")
    assert "Content-Security-Policy" not in headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_an_app_may_be_made_later():
    app = Flask(__name__)
    SecurityHeaders().init_app(app)
    assert headers_of(app, "/missing")["X-Frame-Options"] == "SAMEORIGIN"
