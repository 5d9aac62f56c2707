import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import blinker
import pytest

from costrel.parts import signals


@pytest.mark.parametrize("name", signals.SIGNAL_NAMES)
def test_each_name_is_one_signal(name):
    signal = getattr(signals, name)
    assert isinstance(signal, blinker.Signal)
    assert signal.name == name.replace("_", "-")
    assert signals.LIVE[name] is signal
    assert signals._signals.signal(signal.name) is signal
    assert getattr(signals, name) is signal


def test_a_receiver_is_called():
    got = []
    with signals.request_started.connected_to(
        lambda sender, **kwargs: got.append((sender, kwargs))
    ):
        signals.LIVE["request_started"].send("app", a=1)
    assert got == [("app", {"a": 1})]
    assert not signals.request_started.receivers


def test_other_names_are_unknown():
    with pytest.raises(AttributeError, match="'nothing'"):
        signals.nothing  # noqa: B018


def test_the_signals_are_listed():
    assert {"_signals", *signals.SIGNAL_NAMES} <= set(dir(signals))


def test_nothing_is_live_until_a_signal_is_asked_for():
    code = (
        "import sys\n"
        "from costrel.parts import signals\n"
        "assert not signals.LIVE and 'blinker' not in sys.modules\n"
        "from costrel.parts.signals import request_started\n"
        "assert signals.LIVE['request_started'] is request_started\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_threads_get_the_same_signals(monkeypatch):
    kept = {name: vars(signals).pop(name) for name in (*signals.SIGNAL_NAMES, "_signals")}
    live = dict(signals.LIVE)
    signals.LIVE.clear()
    try:
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _: signals.message_flashed, range(8)))
        assert len(found) == 1
    finally:
        vars(signals).update(kept)
        signals.LIVE.update(live)
