"""A page's own EventSource and WebSocket, in a browser, against each gateway."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))

import processes  # noqa: E402  the line above is how it is found
from test_protocols import FOLDER, SERVERS  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture
def running(request, tmp_path):
    """A server for the page."""
    log = tmp_path / "events.log"
    running = processes.start(SERVERS[request.param], FOLDER, tmp_path, PROTOCOLS_LOG=str(log))
    request.node.servers = [running]
    yield running
    processes.kill_group(running.process)


def wait_for(browser, script, size):
    """Until a list of the page is long enough; returns it."""
    deadline = time.monotonic() + 20
    while len(found := browser.execute_script(f"return {script}")) < size:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("running", ["gunicorn gthread", "uvicorn", "granian rsgi"], indirect=True)
def test_an_event_source_gets_all_events_across_connections(open_browser, running):
    browser = open_browser()
    browser.get(f"{running.url}/page")
    numbers = wait_for(browser, "window.numbers", 6)
    assert numbers == [[n, str(n)] for n in range(1, 7)]


@pytest.mark.parametrize("running", ["uvicorn", "granian rsgi"], indirect=True)
def test_a_page_of_the_same_origin_may_open_a_websocket(open_browser, running):
    browser = open_browser()
    browser.get(f"{running.url}/page#ws")
    assert wait_for(browser, "window.messages", 1) == ["den: hé"]
