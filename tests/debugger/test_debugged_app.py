"""The debugger around an app: what is answered, with debug mode on and off."""

import re

import pytest

from costrel import Flask
from costrel.debugger.debugged_app import DebuggedApplication, wrap_for_development
from costrel.testing.client import Client

TOKEN = "a-token-for-tests"
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
FAILING = ["/boom", "/async", "/template", "/chain", "/group", "/stream"]


def test_what_does_not_fail_passes_through(client):
    response = client.get("/fine")
    assert (response.status_code, response.text) == (200, "fine")


@pytest.mark.parametrize("path", FAILING)
def test_an_error_is_answered_with_the_page(page_of, path):
    response = page_of(path)
    assert response.status_code == 500
    assert response.mimetype == "text/html"
    assert "<h1>" in response.text
    assert "conftest.py" in response.text


@pytest.mark.parametrize("path", FAILING)
def test_g7_a_page_is_not_stored_and_runs_nothing_but_its_own(page_of, path):
    response = page_of(path)
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy).group(1)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "http://" not in re.sub(r"http://localhost\S*", "", response.text)
    scripts = re.findall(r"<script([^>]*)>", response.text)
    assert scripts == [' type="application/json" id="costrel"', f' nonce="{nonce}"']
    assert page_of(path).headers["Content-Security-Policy"] != policy


def test_g4_what_comes_from_outside_is_escaped(page_of):
    text = page_of("/async", query_string={"x": "</script><script>alert(2)</script>"}).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_frames_have_source_and_values(page_of):
    text = page_of("/boom").text
    assert "<mark>items[int(request.args.get(&#34;n&#34;, 7))]</mark>" in text
    assert '<th class="mono">items</th><td class="mono">[1, 2, 3]</td>' in text
    assert "your code" in text
    assert "frames in libraries" in text


def test_secrets_are_masked(page_of, app):
    text = page_of("/boom", auth=("anna", "letmein-please")).text
    assert '<th class="mono">password</th><td class="mono">••••••</td>' in text
    assert app.secret_key not in text
    assert "letmein-please" not in text
    assert TOKEN not in text
    assert '<th class="mono">Authorization</th><td class="mono">••••••</td>' in text


def test_a_templates_line_is_shown(page_of):
    text = page_of("/template").text
    assert "<i>2</i>{{ 1 // zero }}" in text
    assert ">template</span>" in text


def test_a_chain_shows_what_led_to_the_error(page_of):
    text = page_of("/chain").text
    assert text.index("the outer one") < text.index("Raised from this error:")
    assert "<code>KeyError</code>" in text


def test_a_group_shows_its_members(page_of):
    text = page_of("/group").text
    assert "first of them" in text
    assert "<code>TypeError</code> second" in text


def test_a_json_client_gets_json_with_the_findings(client):
    response = client.post("/form", data={"drnk": "tea"}, headers=JSON)
    assert response.status_code == 400
    assert response.json["findings"][0]["code"] == "CST101"
    assert response.json["error"]["type"].endswith("BadRequestKeyError")
    assert response.json["traceback"][-2]["yours"] is True
    response = client.post("/boom", json={})
    assert response.json["error"]["message"] == "list index out of range"


def test_other_clients_get_plain_text(client, capsys):
    response = client.get("/boom")
    assert response.mimetype == "text/plain"
    assert "IndexError: list index out of range" in response.text
    assert "wsgi.py" not in response.text


def test_the_terminal_has_the_traceback_the_findings_and_the_link(client, capsys):
    client.post("/form", data={"drnk": "tea"}, headers=HTML)
    said = capsys.readouterr().err
    assert "Traceback (most recent call last):" in said
    assert said.index("BadRequestKeyError") < said.index("CST101 ")
    assert re.search(
        rf"Console: http://localhost/__costrel__/debug/error/\S+#token={TOKEN}\n", said
    )


def test_a_message_cannot_write_into_the_terminal(app, debugged, capsys):
    @app.get("/escape")
    def escape():
        raise ValueError("\x1b[2J\r hidden")

    Client(debugged).get("/escape")
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\r" not in said


@pytest.mark.parametrize(("path", "status"), [("/fin", 404), ("/form", 405)])
def test_an_http_error_with_advice_is_answered_with_the_page(page_of, path, status):
    response = page_of(path)
    assert response.status_code == status
    assert "CST2" in response.text
    assert "Run it again" in response.text
    assert ("Allow" in response.headers) == (status == 405)


def test_an_http_error_is_left_alone_for_other_clients(client, capsys):
    response = client.get("/fin")
    assert "Did you mean" not in response.text
    assert "CST201" in capsys.readouterr().err
    assert client.get("/fin", headers=JSON).json["findings"][0]["code"] == "CST201"


def test_a_page_of_your_own_for_404_is_left_alone(app, debugged):
    @app.errorhandler(404)
    def missing(error):
        return "mine", 404

    assert Client(debugged).get("/fin", headers=HTML).text == "mine"


def test_an_icon_that_is_missing_is_no_news(client, capsys):
    assert client.get("/favicon.ico", headers=HTML).status_code == 404
    assert capsys.readouterr().err == ""


def test_a_cookie_that_browsers_drop_is_told_in_the_terminal_once(app, debugged, capsys):
    from costrel import session

    @app.get("/big")
    def big():
        import secrets

        session["noise"] = secrets.token_hex(4000)
        return "x"

    for _ in range(2):
        with pytest.warns(UserWarning, match="too large"):
            Client(debugged).get("/big")
    said = capsys.readouterr().err
    assert said.count("costrel explain CST503") == 1
    assert "session['noise'] takes 8002 bytes" in said


def test_another_machine_sees_neither_values_nor_console(client):
    response = client.get("/boom", headers=HTML, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert response.status_code == 500
    assert "IndexError" in response.text
    for told in ("hunter22222", "[1, 2, 3]", 'class="values"', 'class="row', "Authorization"):
        assert told not in response.text
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert "hunter22222" not in client.get("/boom", environ_overrides=far).text
    assert 'data-frame="' not in response.text
    assert 'id="again"' not in response.text


def test_without_debug_mode_nothing_is_shown_and_nothing_answers(app, debugged, capsys):
    app.debug = False
    client = Client(debugged)
    paths = [str(rule) for rule in app.url_map.iter_rules() if "<" not in str(rule)]
    assert len(paths) > 6
    for path in [*paths, "/none"]:
        for accept in ("text/html", "application/json", "*/*"):
            for method in ("GET", "POST"):
                if path == "/stream" and method == "GET":
                    continue
                response = client.open(path, method=method, headers={"Accept": accept})
                for word in ("Traceback", "conftest", "CST", "__costrel__", TOKEN, "hunter"):
                    assert word not in response.text
    for call in ("run", "replay", "test"):
        response = client.post(
            f"/__costrel__/debug/{call}", json={}, headers={"X-Costrel-Token": TOKEN}
        )
        assert response.status_code == 404
    assert client.get("/__costrel__/debug/start").status_code == 404
    assert TOKEN not in capsys.readouterr().err


def test_any_wsgi_application_can_be_debugged(capsys):
    def plain(environ, start_response):
        raise OSError("plain")

    response = Client(DebuggedApplication(plain, token=TOKEN)).get("/", headers=HTML)
    assert response.status_code == 500
    assert "plain" in response.text


def test_the_app_is_found_within_middleware(app, capsys):
    def middleware(environ, start_response):
        return app.wsgi_app(environ, start_response)

    class Middleware:
        def __init__(self, app):
            self.app = app

        def __call__(self, environ, start_response):
            return self.app(environ, start_response)

    assert DebuggedApplication(Middleware(app), token=TOKEN).desk.app is app
    assert DebuggedApplication(Middleware(app.wsgi_app), token=TOKEN).desk.app is app
    assert DebuggedApplication(middleware, token=TOKEN).desk.app is None


def test_a_token_is_made_once_for_the_program_and_its_children(monkeypatch):
    monkeypatch.setenv("COSTREL_DEBUG_TOKEN", "short")
    first = wrap_for_development(Flask("x"))
    second = wrap_for_development(Flask("y"), host="0.0.0.0")
    assert first.desk.guard.token == second.desk.guard.token
    assert len(first.desk.guard.token) > 20
    assert "0.0.0.0" not in second.desk.guard.hosts
    assert wrap_for_development(Flask("x"), host="box").desk.guard.trusts_host("box:5000")


def test_a_body_is_read_as_without_the_debugger(app, debugged):
    import io

    from costrel import request

    @app.post("/upload")
    def upload():
        return {"size": len(request.files["file"].read()), "a": request.form["a"]}

    data = {"file": (io.BytesIO(b"x" * 200_000), "x.bin"), "a": "1"}
    assert Client(debugged).post("/upload", data=data).json == {"size": 200_000, "a": "1"}


@pytest.mark.parametrize("kind", ["before_request", "after_request"])
@pytest.mark.parametrize("is_async", [False, True])
def test_an_error_in_a_hook_is_shown(app, debugged, kind, is_async):
    def hook(*args):
        raise LookupError("in the hook")

    async def async_hook(*args):
        raise LookupError("in the hook")

    getattr(app, kind)(async_hook if is_async else hook)
    text = Client(debugged).get("/fine", headers=HTML).text
    assert "in the hook" in text
    assert '<span class="yours">your code</span>' in text


def test_what_is_shown_does_not_change_with_the_lane(every_lane, app, near):
    response = Client(near(app)).get("/boom", headers=JSON)
    assert response.status_code == 500
    assert response.json["traceback"][-1]["function"] == "boom"
    response = Client(near(app)).get("/fin", headers=JSON)
    assert response.json["findings"][0]["code"] == "CST201"
