"""Take the screenshots of the docs; `scripts/pictures` runs this."""

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))

import processes  # noqa: E402  the line above is how it is found
from chromium import PATIENCE, open_chromium  # noqa: E402

TOKEN = "a-token-for-the-pictures"
SHOP = '''\
import os

from costrel import Flask, render_template_string, request, session

app = Flask(__name__)
app.secret_key = "a key that nobody guesses"
PRICES = {"tea": 3, "coffee": 4}
PAGE = """<h1>Shop</h1>
<p>{{ len(cart) }} things
<p>Bye
"""


@app.get("/")
def order_form():
    return "<form method=post action=/orders><input name=drnk><button>Order</button></form>"


@app.post("/orders")
def create_order():
    session["cart"] = ["tea"]
    drink = request.form["drink"]
    return {"drink": drink, "price": PRICES[drink]}


def price_of(name, count):
    discount = 0.1 if count > 10 else 0
    return PRICES[name] * count * (1 - discount)


def total(orders):
    api_token = "e7c1f0-4c2b"
    return sum(price_of(name, count) for name, count in orders)


@app.get("/total")
def show_total():
    return {"total": total([("tea", 2), ("cofee", 12)])}


@app.get("/hello")
def hello():
    return render_template_string(PAGE, cart=["tea"])


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]), debug=True)
'''
BROKEN = """\
from costrel import Flask, render_template

app = Flask(__name__)


@app.route("/")
def index():
    visitors = ["Ada", "Grace", "Alan"]
    return render_template("index.html", visitors=visitors)


@app.route("/hello/<name>"
def hello(name):
    return f"Hello, {name}!"


if __name__ == "__main__":
    app.run(debug=True)
"""


@contextmanager
def served(folder, scratch, *command):
    """Serve a folder's program; its address."""
    running = processes.start(
        [sys.executable, *command], folder, scratch, COSTREL_DEBUG_TOKEN=TOKEN, TMPDIR=str(scratch)
    )
    try:
        yield running.url
    finally:
        processes.kill_group(running.process)


@contextmanager
def browser_in(scratch):
    """A browser with a fresh profile."""
    browser = open_chromium(scratch / "profile")
    try:
        yield browser
    finally:
        browser.quit()


def find(browser, css):
    """Wait until an element is shown."""

    def shown(browser):
        found = browser.find_elements(By.CSS_SELECTOR, css)
        return next((element for element in found if element.is_displayed()), None)

    return WebDriverWait(browser, PATIENCE).until(shown, css)


def take(browser, path, width, height, scheme="light"):
    """Set up the screen and take what it shows."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
    browser.save_screenshot(str(path))
    print(path)


def use_console(browser):
    """Run the request again, and type into the console of the open frame."""
    find(browser, "#again").click()
    find(browser, "dialog input").send_keys(TOKEN + "\n")
    find(browser, "#outcome.fails")
    for code in ("name, count", '[key for key in PRICES if key.startswith("co")]'):
        field = find(browser, "details[open] .console textarea")
        field.send_keys(code + "\n")
        WebDriverWait(browser, PATIENCE).until(
            lambda browser, code=code: (
                find(browser, "details[open] .console pre").text.count("\n")
                >= 2 * (code != "name, count") + 1
            )
        )


def main(folder):
    """Make all pictures in a folder."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for program, text in {"shop": SHOP, "app": BROKEN}.items():
            (scratch / program).mkdir()
            (scratch / program / f"{program}.py").write_text(text)
        with browser_in(scratch) as browser:
            with served(scratch / "shop", scratch, "shop.py") as url:
                browser.get(url)
                find(browser, "button").click()
                find(browser, "h1")
                take(browser, folder / "debug-page-light.png", 1040, 800)
                browser.get(f"{url}/hello")
                take(browser, folder / "debug-page-phone.png", 390, 844)
                browser.get(f"{url}/total")
                use_console(browser)
                take(browser, folder / "debug-page-dark.png", 1040, 1060, "dark")
            command = ("-m", "costrel", "--app", "app", "run", "--debug", "--port", "{port}")
            with served(scratch / "app", scratch, *command) as url:
                browser.get(url)
                take(browser, folder / "start-failure.png", 1000, 847)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
