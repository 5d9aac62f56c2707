"""D: what an app does that nobody configured, and what one line asks for.

The session cookie's are in test_sessions.py.
"""

import pytest

from costrel import Flask, request, session
from costrel.extras.csrf import CSRFProtection
from costrel.extras.security_headers import SecurityHeaders


@pytest.fixture
def app():
    app = Flask(__name__)
    app.route("/", methods=["GET", "POST"], endpoint="root")(lambda: "root")
    return app


def test_d3_forms_parts_fields_and_json_are_limited_by_default(app, post):
    assert app.config["MAX_FORM_MEMORY_SIZE"] == 500_000
    assert app.config["MAX_FORM_PARTS"] == 1000
    app.post("/form", endpoint="form")(lambda: str(len(request.form)))
    app.post("/json", endpoint="json")(lambda: str(request.json))
    urlencoded = "application/x-www-form-urlencoded"
    assert post(app, "/form", b"a=" + b"x" * 500_001, urlencoded).status == 413
    assert post(app, "/form", b"a&" * 1001, urlencoded).status == 413
    assert post(app, "/json", b"[" * 100_000, "application/json").status == 400
    # As in Flask, whose tests say so; docs/security.md tells to set it.
    assert app.config["MAX_CONTENT_LENGTH"] is None


def test_d4_no_answer_says_what_made_it(app, send):
    for target in ("/", "/missing", "/static/x"):
        answer = send(app, target=target)
        names = {name.lower() for name, _ in answer.headers}
        assert not names & {"server", "x-powered-by", "x-aspnet-version", "via"}
        assert b"costrel" not in answer.body.lower()
        assert b"python" not in answer.body.lower()


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_d9_no_other_origin_is_let_in(app, send, method):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for target in ("/", "/missing", "/static/x"):
        answer = send(app, method, target, headers)
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_d5_one_line_sends_the_headers_that_guard_pages(app, send):
    SecurityHeaders(app)
    for target, status in (("/", 200), ("/missing", 404)):
        answer = send(app, target=target, **{"wsgi.url_scheme": "https"})
        assert answer.status == status
        assert answer.header("Strict-Transport-Security") == "max-age=31536000"
        assert answer.header("X-Frame-Options") == "SAMEORIGIN"
        assert answer.header("Referrer-Policy") == "strict-origin-when-cross-origin"
        assert "object-src 'none'" in answer.header("Content-Security-Policy")


@pytest.mark.parametrize("told", ["Sec-Fetch-Site", "Origin"])
def test_d10_one_line_refuses_what_another_sites_page_sends(app, send, told):
    CSRFProtection(app)
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    other = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    assert send(app, "POST", headers={told: own[told]}).status == 200
    assert send(app, "POST", headers={told: other[told]}).status == 403
    assert send(app, "GET", headers={told: other[told]}).status == 200


def test_d10_and_keeps_the_sessions_cookie_from_them(app, send):
    app.secret_key = "a key of at least sixteen bytes"
    app.get("/in", endpoint="in")(lambda: session.setdefault("user", "grace"))
    CSRFProtection(app)
    assert "SameSite=Lax" in send(app, target="/in").header("Set-Cookie")
