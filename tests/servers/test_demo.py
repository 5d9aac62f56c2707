"""scripts/demo: from nothing to a running chat, and a clean end at Ctrl-C."""

import signal

import processes
import pytest

pytestmark = pytest.mark.slow


def test_the_demo_prints_its_address_serves_the_chat_and_stops(tmp_path, monkeypatch):
    # The first run makes an environment and installs into it.
    monkeypatch.setattr(processes, "START_WITHIN", 240.0)
    demo = processes.start([str(processes.ROOT / "scripts" / "demo")], tmp_path, tmp_path)
    try:
        assert f"http://127.0.0.1:{demo.port}" in demo.said()
        assert "<h1>Chat</h1>" in demo.ask("GET", "/").text
        assert demo.ask("GET", "/messages").body.strip() == b"[]"
        assert demo.stop(signal.SIGINT) in {0, -signal.SIGINT, 130}
        assert "Traceback" not in demo.said()
    finally:
        processes.kill_group(demo.process)
