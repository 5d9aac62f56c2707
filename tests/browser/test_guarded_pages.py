"""What one line of `extras` guards, asked by a browser: forms of other sites, scripts, frames."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))

import processes  # noqa: E402  the line above is how it is found

pytestmark = pytest.mark.slow

SITE = """
from costrel import Flask, render_template_string, request
from costrel.extras.csrf import CSRFProtection
from costrel.extras.security_headers import SecurityHeaders

app = Flask(__name__)
CSRFProtection(app)
SecurityHeaders(app, content_security_policy="script-src 'nonce-{nonce}'; frame-ancestors 'self'")
sent = []


@app.get("/")
def form():
    return '<form method="post" action="/send"><button name="by" value="own">Send</button></form>'


@app.post("/send")
def send():
    sent.append(request.form["by"])
    return "sent"


@app.get("/sent")
def show():
    return sent


@app.get("/scripts")
def scripts():
    return render_template_string('''<title>none</title>
        <script>document.title += " without"</script>
        <script nonce="{{ csp_nonce() }}">document.title += " with"</script>''')
"""
OTHER = """
from costrel import Flask, request

app = Flask(__name__)


@app.get("/")
def attack():
    return f'''<form method="post" action="{request.args["to"]}/send">
        <button name="by" value="other">You won!</button></form>
        <iframe src="{request.args["to"]}/scripts"></iframe>'''
"""


@pytest.fixture
def serve_program(request, tmp_path):
    """Serves a program by waitress."""
    request.node.servers = []

    def serve(name, source):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "app.py").write_text(source)
        running = processes.start(processes.SERVERS["waitress"], folder, folder)
        request.node.servers.append(running)
        return running

    yield serve
    for running in request.node.servers:
        processes.kill_group(running.process)


@pytest.fixture
def site(serve_program):
    return serve_program("site", SITE)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_only_the_sites_own_form_is_taken(open_browser, find, see, serve_program, site, host):
    browser = open_browser()
    browser.get(site.url)
    find(browser, "button").click()
    see(browser, "sent")
    # Another port is another origin of the same site; another name is another site.
    other = serve_program("other", OTHER)
    browser.get(f"http://{host}:{other.port}/?to={site.url}")
    find(browser, "button").click()
    see(browser, "another site's page sent this request")
    assert site.ask("GET", "/sent").text.split() == ['["own"]']


def test_a_script_without_the_nonce_does_not_run(open_browser, until, site):
    browser = open_browser()
    browser.get(f"{site.url}/scripts")
    until(browser, lambda browser: browser.title.endswith("with"), "no script ran")
    assert browser.title == "none with"


def test_another_sites_frame_stays_empty(open_browser, find, serve_program, site):
    browser = open_browser()
    other = serve_program("other", OTHER)
    browser.get(f"http://localhost:{other.port}/?to={site.url}")
    browser.switch_to.frame(find(browser, "iframe"))
    assert "none with" not in browser.page_source
    assert browser.execute_script("return document.title") != "none with"
