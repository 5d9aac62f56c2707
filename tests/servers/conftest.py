"""A fixture that starts servers and stops each of them, whatever the test does."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import processes  # noqa: E402  the line above is how it is found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keeps what the servers said, for the report of a test that fails."""
    report = yield
    if report.failed and call.when == "call":
        for running in getattr(item, "servers", ()):
            report.sections.append((f"{running.process.args[:3]} said", running.said()))
    return report


@pytest.fixture
def serve(request, tmp_path):
    """Starts a named server for an example; called again, another beside it."""
    request.node.servers = []

    def serve(server, example, **environment):
        command = processes.SERVERS[server]
        folder = processes.EXAMPLES / example
        running = processes.start(command, folder, tmp_path, **environment)
        request.node.servers.append(running)
        return running

    yield serve
    for running in request.node.servers:
        processes.kill_group(running.process)
