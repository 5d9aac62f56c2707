import functools

import pytest

from costrel import Blueprint, Flask, session
from costrel.extras.csrf import CSRFError, CSRFProtection
from costrel.shortcuts.views import MethodView

EVIL = "https://evil.example"


@pytest.fixture
def app():
    app = Flask(__name__)
    app.secret_key = "a key of at least sixteen bytes"
    app.add_url_rule("/", "root", lambda: "done", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return app


@pytest.fixture
def csrf(app):
    return CSRFProtection(app, trusted_origins=["https://accounts.example"])


@pytest.fixture
def ask(app):
    def ask(method="POST", path="/", base_url="http://localhost", **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.test_client().open(path, method=method, headers=names, base_url=base_url)

    return ask


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "anything"])
def test_what_another_sites_page_sends_is_403(csrf, ask, method, site):
    answer = ask(method, Sec_Fetch_Site=site, Origin=EVIL)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_word_that_browsers_do_not_say_is_refused_without_an_origin_too(csrf, ask):
    assert ask(Sec_Fetch_Site="").status_code == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_the_sites_own_pages_send_is_answered(csrf, ask, site):
    assert ask(Sec_Fetch_Site=site, Origin="http://localhost").status_code == 200


def test_what_is_no_browser_is_answered(csrf, ask):
    assert ask().status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_another_sites_links_and_images_are_answered(csrf, ask, method):
    assert ask(method, Sec_Fetch_Site="cross-site").status_code == 200


@pytest.mark.parametrize(
    ("origin", "base_url", "status"),
    [
        ("http://localhost", "http://localhost", 200),
        ("http://localhost:5000", "http://localhost:5000", 200),
        ("https://example.com", "https://example.com", 200),
        # A proxy ends TLS, and nobody told the app.
        ("https://example.com", "http://example.com", 200),
        ("http://example.com", "https://example.com", 403),
        ("http://localhost:5001", "http://localhost:5000", 403),
        ("https://sub.example.com", "https://example.com", 403),
        ("null", "http://localhost", 403),
        ("", "http://localhost", 403),
        ("http://[", "http://localhost", 403),
        (EVIL, "http://localhost", 403),
    ],
)
def test_an_older_browser_is_asked_for_its_origin(csrf, ask, origin, base_url, status):
    assert ask(base_url=base_url, Origin=origin).status_code == status


@pytest.mark.parametrize("site", [{}, {"Sec_Fetch_Site": "cross-site"}])
def test_a_trusted_origins_pages_may_send(csrf, ask, site):
    assert ask(Origin="https://accounts.example", **site).status_code == 200
    assert ask(Origin="https://accounts.example.evil", **site).status_code == 403


def test_an_origin_is_believed_no_more_than_the_browsers_own_word(csrf, ask):
    assert ask(Sec_Fetch_Site="cross-site", Origin="http://localhost").status_code == 403


def wrapped(view):
    @functools.wraps(view)
    def call():
        return view()

    return call


def test_a_view_may_be_exempt_under_other_decorators(app, csrf, ask):
    app.post("/hook")(wrapped(csrf.exempt(lambda: "hooked")))
    assert ask(path="/hook", Sec_Fetch_Site="cross-site").text == "hooked"
    assert ask(Sec_Fetch_Site="cross-site").status_code == 403


def test_a_class_of_views_may_be_exempt(app, csrf, ask):
    @csrf.exempt
    class Hook(MethodView):
        def post(self):
            return "hooked"

    app.add_url_rule("/hook", view_func=Hook.as_view("hook"))
    assert ask(path="/hook", Sec_Fetch_Site="cross-site").text == "hooked"


def test_a_blueprint_may_be_exempt_with_what_is_nested_in_it(app, csrf, ask):
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.add_url_rule("/hook", "hook", lambda: "hooked", methods=["POST"])
    outer.register_blueprint(inner)
    other = Blueprint("other", __name__)
    other.add_url_rule("/other", "hook", lambda: "other", methods=["POST"])
    app.register_blueprint(csrf.exempt(outer), name="renamed")
    app.register_blueprint(other)
    assert ask(path="/hook", Sec_Fetch_Site="cross-site").text == "hooked"
    assert ask(path="/other", Sec_Fetch_Site="cross-site").status_code == 403


def test_it_runs_before_the_view_and_before_later_hooks(app, csrf, ask):
    ran = []
    app.before_request(lambda: ran.append("hook"))
    assert ask(Sec_Fetch_Site="cross-site").status_code == 403
    assert not ran


def test_in_debug_mode_it_says_what_to_change(app, csrf, ask):
    app.debug = True
    text = ask(Sec_Fetch_Site="cross-site", Origin=EVIL).text
    assert "Sec-Fetch-Site: cross-site and Origin: https://evil.example" in text
    assert "trusted_origins" in text
    assert "@csrf.exempt" in text
    app.debug = False
    assert "trusted_origins" not in ask(Sec_Fetch_Site="cross-site", Origin=EVIL).text


def test_a_page_of_ones_own_can_answer(app, csrf, ask):
    app.register_error_handler(CSRFError, lambda error: ("ours", 418))
    assert ask(Sec_Fetch_Site="cross-site").text == "ours"


def test_the_sessions_cookie_stays_with_the_site(app, csrf):
    app.route("/in")(lambda: session.setdefault("user", "grace"))
    assert "SameSite=Lax" in app.test_client().get("/in").headers["Set-Cookie"]


def test_what_the_config_says_of_the_cookie_stays(app):
    app.config["SESSION_COOKIE_SAMESITE"] = "Strict"
    CSRFProtection().init_app(app)
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Strict"
