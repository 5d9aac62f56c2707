"""Headless Chromium, one fresh profile each; a screenshot is kept when a test fails."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / "servers"), str(Path(__file__).parent)]

import processes  # noqa: E402  the line above is how they are found
from chromium import PATIENCE, missing, open_chromium  # noqa: E402

ARTIFACTS = processes.ROOT / ".artifacts"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """When a test fails: what each browser shows goes to .artifacts, what the server said here."""
    report = yield
    if not report.failed or call.when != "call":
        return report
    name = re.sub(r"\W+", "-", item.name).strip("-")
    for number, browser in enumerate(getattr(item, "browsers", ()), 1):
        ARTIFACTS.mkdir(exist_ok=True)
        picture = ARTIFACTS / f"{name}-{number}.png"
        browser.save_screenshot(str(picture))
        report.sections.append(("screenshot", f"{picture} of {browser.current_url}"))
    for running in getattr(item, "servers", ()):
        report.sections.append(("the server said", running.said()))
    return report


@pytest.fixture
def open_browser(request, tmp_path):
    """Opens a browser with a profile of its own; called again, another beside it."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must drive a browser, but {reason}")
        pytest.skip(reason)
    request.node.browsers = []

    def open_browser():
        browser = open_chromium(tmp_path / f"profile-{len(request.node.browsers)}")
        request.node.browsers.append(browser)
        return browser

    yield open_browser
    for browser in request.node.browsers:
        browser.quit()


@pytest.fixture
def until():
    """Asks a page until the answer is true, and gives the answer."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.ui import WebDriverWait

    def until(browser, answer, what, every=0.05):
        # A page that is being replaced gives no answer, in a dozen ways: "stale element",
        # "aborted by navigation", "node does not belong to the document". It is asked again.
        return WebDriverWait(browser, PATIENCE, every, [WebDriverException]).until(answer, what)

    return until


@pytest.fixture
def find(until):
    """Waits for an element to be shown on a page that is laid out, and gives the element."""

    def find(browser, css):
        def shown(browser):
            # Until its style sheet has come, an element moves, and a click hits the place it left.
            if browser.execute_script("return document.readyState") != "complete":
                return None
            found = browser.find_elements("css selector", css)
            return next((element for element in found if element.is_displayed()), None)

        return until(browser, shown, f"{css} was never shown")

    return find


@pytest.fixture
def see(until):
    """Waits until an element's text contains the words, however often the page changes."""

    def see(browser, words, css="body"):
        def there(browser):
            found = browser.find_elements("css selector", css)
            return any(words in element.text for element in found)

        until(browser, there, f"{words!r} never stood in {css}")

    return see


@pytest.fixture
def serve(request, tmp_path):
    """Starts an example as its README says: `python app.py`."""
    request.node.servers = []

    def serve(example):
        command = processes.SERVERS["python app.py"]
        running = processes.start(command, processes.EXAMPLES / example, tmp_path)
        request.node.servers.append(running)
        return running

    yield serve
    for running in request.node.servers:
        processes.kill_group(running.process)
