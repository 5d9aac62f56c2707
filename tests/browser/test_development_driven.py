"""The development server in a browser: pages reload by themselves, and heal after an error."""

import os
import subprocess
import sys
import time

import processes
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """\
from costrel import Flask, render_template, websocket

app = Flask(__name__)


@app.get("/")
def index():
    return render_template("page.html", number=NUMBER)


@app.websocket("/echo")
def echo():
    for message in websocket:
        websocket.send(f"{message}, said the server")


if __name__ == "__main__":
    app.run(port=PORT, debug=True)
"""
PAGE = """\
<!doctype html>
<title>Live</title>
<link rel="stylesheet" href="/static/style.css">
<h1>Number {{ number }}</h1>
"""


@pytest.fixture
def program(tmp_path, request):
    """A program in debug mode, with a template and a style sheet."""
    folder = tmp_path / "program"
    for name in ("templates", "static", "instance"):
        (folder / name).mkdir(parents=True)
    port = processes.free_port()
    source = PROGRAM.replace("PORT", str(port))

    def write(number):
        (folder / "app.py").write_text(source.replace("NUMBER", str(number)))

    write(1)
    (folder / "templates" / "page.html").write_text(PAGE)
    (folder / "static" / "style.css").write_text("h1 { color: rgb(1, 2, 3) }")
    with (tmp_path / "said.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write.folder, write.url = folder, f"http://127.0.0.1:{port}/"
    yield write
    processes.kill_group(process)


def wait_until(shows, within=10.0):
    """Wait for a condition and return how long it took, in seconds."""
    from selenium.common.exceptions import WebDriverException

    begun = time.monotonic()
    while time.monotonic() - begun < within:
        try:
            if shows():
                return time.monotonic() - begun
        except WebDriverException:
            pass  # the page is being replaced
        time.sleep(0.01)
    raise AssertionError(f"That did not come to be within {within} s.")


def open_page(browser, url):
    """Open a page as soon as its server listens."""

    def is_there():
        browser.get(url)
        return "Number" in browser.page_source

    wait_until(is_there, 20)
    # The channel is open once its first message came.
    time.sleep(0.5)


def start_time():
    """Seconds that a program takes to start on this machine, as busy as it is."""
    begun = time.monotonic()
    command = [sys.executable, "-c", "import costrel.devserver.uvicorn_server"]
    subprocess.run(command, check=True, timeout=30)
    return time.monotonic() - begun


def heading(browser):
    return browser.find_element("css selector", "h1").text


def test_a_page_reloads_when_the_program_is_saved(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    took = []  # seconds
    for number in (2, 3, 4):
        program(number)
        took.append(wait_until(lambda number=number: heading(browser) == f"Number {number}"))
        time.sleep(0.3)
    # A second, of which starting Python with costrel is the most; here it may have to wait.
    assert min(took) < 0.8 + 2 * start_time(), took


def test_a_page_reloads_when_its_template_is_saved(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    (program.folder / "templates" / "page.html").write_text(PAGE.replace("Number", "Count"))
    wait_until(lambda: heading(browser) == "Count 1")


def test_a_style_sheet_is_swapped_and_the_page_stays(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    browser.execute_script("window.kept = 'yes'")
    (program.folder / "static" / "style.css").write_text("h1 { color: rgb(9, 8, 7) }")
    colour = "return getComputedStyle(document.querySelector('h1')).color"
    wait_until(lambda: browser.execute_script(colour) == "rgb(9, 8, 7)")
    wait_until(lambda: browser.execute_script("return document.styleSheets.length") == 1)
    assert browser.execute_script("return window.kept") == "yes"


def test_what_programs_write_does_not_reload_a_page(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    browser.execute_script("window.kept = 'yes'")
    for name in ("out.log", "data.sqlite", "instance/state.json", "static/upload.png"):
        (program.folder / name).write_text("x")
    time.sleep(1.5)
    assert browser.execute_script("return window.kept") == "yes"


def test_a_syntax_error_is_shown_and_heals_by_itself(open_browser, program, see):
    browser = open_browser()
    open_page(browser, program.url)
    (program.folder / "app.py").write_text("def broken(:\n    pass\n")
    see(browser, "SyntaxError", "h1")
    see(browser, "def broken(:")
    see(browser, "app.py:1")
    program(5)
    wait_until(lambda: heading(browser) == "Number 5")


def test_a_failing_import_is_shown_and_heals_by_itself(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    (program.folder / "app.py").write_text("import no_module_of_this_name\n")
    wait_until(lambda: heading(browser) == "ModuleNotFoundError")
    program(6)
    wait_until(lambda: heading(browser) == "Number 6")


def test_a_websocket_works_beside_the_debugger(open_browser, program):
    browser = open_browser()
    open_page(browser, program.url)
    script = """
    const done = arguments[0];
    const socket = new WebSocket(location.href.replace("http", "ws") + "echo");
    socket.onopen = () => socket.send("hello");
    socket.onmessage = (event) => done(event.data);
    socket.onerror = () => done("error");
    """
    assert browser.execute_async_script(script) == "hello, said the server"
