"""The debug page as a developer meets it: an error, a look around, a fix, a test."""

import subprocess
import sys

import processes
import pytest

pytestmark = pytest.mark.slow

TOKEN = "a-token-for-the-browser"
SHOP = """
import os

from costrel import Flask, request, session

app = Flask(__name__)
app.secret_key = "a-key-that-is-secret"
PRICES = {"tea": 3}


def price_of(drink):
    return PRICES[drink]


@app.get("/")
def index():
    session["user"] = "anna"
    return "<form method=post action=/orders><input name=drink value=coffee><button>Go</button>"


@app.get("/price")
def price():
    return str(price_of("coffee"))


@app.post("/orders")
def order():
    return f"{session['user']} pays {price_of(request.form['drink'])}"


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]), debug=True)
"""
MENDED = SHOP.replace('"tea": 3', '"tea": 3, "coffee": 4')


@pytest.fixture
def shop(request, tmp_path):
    """The shop as a program that starts anew when its file is saved."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop_app.py").write_text(SHOP)
    request.node.servers = []
    running = processes.start(
        [sys.executable, "shop_app.py"],
        folder,
        tmp_path,
        COSTREL_DEBUG_TOKEN=TOKEN,
        TMPDIR=str(tmp_path),
    )
    request.node.servers.append(running)
    yield running, folder
    processes.kill_group(running.process)


def link_in(running):
    """The link that the terminal shows for the last error."""
    lines = [line for line in running.said().splitlines() if "Console: " in line]
    return lines[-1].partition("Console: ")[2].strip()


def passes(browser, find, until):
    """Run the request again until it passes: the test's file was a change, too."""

    def again(browser):
        find(browser, "#again:enabled").click()
        find(browser, "#outcome.passes, #outcome.fails")
        return "It passes now: 200 OK" in find(browser, "#outcome").text

    until(browser, again, "the request never passed", every=0.3)


def type_in(browser, find, code):
    """Type into the console of the frame that is open."""
    field = find(browser, "details[open] .console textarea")
    field.send_keys(code + "\n")


def test_frames_open_and_the_console_runs_with_the_token_of_the_terminal(
    shop, open_browser, find, see
):
    running, _ = shop
    browser = open_browser()
    browser.get(f"{running.url}/price")
    see(browser, "KeyError", "h1")
    frames = browser.find_elements("css selector", "details.frame")
    closed = next(f for f in frames if f.is_displayed() and not f.get_attribute("open"))
    assert not closed.find_element("css selector", ".source").is_displayed()
    closed.find_element("css selector", "summary").click()
    assert closed.find_element("css selector", ".source .now").is_displayed()
    assert "coffee" in closed.text

    browser.get(link_in(running))
    assert TOKEN not in browser.current_url
    assert TOKEN not in browser.page_source
    type_in(browser, find, "1+1")
    see(browser, "2", "details[open] .console pre")
    type_in(browser, find, "drink.upper()")
    see(browser, "'COFFEE'", "details[open] .console pre")


def test_without_the_token_the_console_refuses(shop, open_browser, find, see):
    running, _ = shop
    browser = open_browser()
    browser.get(f"{running.url}/price")
    type_in(browser, find, "1+1")
    find(browser, "dialog input").send_keys("a-wrong-token")
    find(browser, "dialog button.main").click()
    see(browser, "The token is wrong", "details[open] .console pre")
    type_in(browser, find, "1+1")
    find(browser, "dialog button[value=no]").click()
    see(browser, "A token is needed", "details[open] .console pre")
    type_in(browser, find, "1+1")
    find(browser, "dialog input").send_keys(TOKEN + "\n")
    see(browser, "2", "details[open] .console pre span:last-child")


def test_a_mended_program_passes_by_itself(shop, open_browser, find, see):
    running, folder = shop
    browser = open_browser()
    browser.get(f"{running.url}/price")
    browser.get(link_in(running))
    find(browser, "#again").click()
    see(browser, "It still fails: KeyError: 'coffee'", "#outcome.fails")
    (folder / "shop_app.py").write_text(MENDED)
    see(browser, "It passes now: 200 OK", "#outcome.passes")


def test_a_form_is_sent_again_and_made_a_test_that_runs(shop, open_browser, find, see, until):
    running, folder = shop
    browser = open_browser()
    browser.get(running.url)
    find(browser, "button").click()
    see(browser, "KeyError", "h1")
    find(browser, "#test").click()
    find(browser, "dialog input").send_keys(TOKEN + "\n")
    see(browser, "Written: tests/test_replay_1.py", "#outcome.passes")
    test = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    failed = subprocess.run(test, cwd=folder, capture_output=True, text=True, timeout=60)
    assert failed.returncode == 1
    assert "KeyError: 'coffee'" in failed.stdout
    (folder / "shop_app.py").write_text(MENDED)
    see(browser, "The program has started anew", "#outcome")
    passes(browser, find, until)
    mended = subprocess.run(test, cwd=folder, capture_output=True, text=True, timeout=60)
    assert mended.returncode == 0, mended.stdout


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen_and_is_readable(shop, open_browser, find, width, scheme):
    running, _ = shop
    browser = open_browser()
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(f"{running.url}/price")
    find(browser, "h1")
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    ink = browser.execute_script("return getComputedStyle(document.body).color")
    assert contrast(paper, ink) > 7
    errors = [
        entry["message"]
        for entry in browser.get_log("browser")
        if entry["level"] == "SEVERE" and "500" not in entry["message"]
    ]
    assert [error for error in errors if "favicon" not in error] == []


def contrast(one, other):
    """The contrast of two colours, by WCAG."""

    def light(colour):
        parts = [int(part) / 255 for part in colour[4:-1].split(",")[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
