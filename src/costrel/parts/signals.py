"""The signals that an app sends, on blinker.

Law: blinker is imported when somebody first asks for a signal. Until then nobody can be
listening, and ``LIVE`` is empty: the one thing that the path of a request has to look at.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blinker import Namespace, Signal

    _signals: Namespace
    template_rendered: Signal
    before_render_template: Signal
    request_started: Signal
    request_finished: Signal
    request_tearing_down: Signal
    got_request_exception: Signal
    appcontext_tearing_down: Signal
    appcontext_pushed: Signal
    appcontext_popped: Signal
    message_flashed: Signal

SIGNAL_NAMES = (
    "template_rendered",
    "before_render_template",
    "request_started",
    "request_finished",
    "request_tearing_down",
    "got_request_exception",
    "appcontext_tearing_down",
    "appcontext_pushed",
    "appcontext_popped",
    "message_flashed",
)
# The signals by name, all of them or none: ``if LIVE and LIVE["request_started"].receivers``.
# PERF: blinker brings `inspect` along, 10 ms of `import costrel` for apps without a receiver.
LIVE: dict[str, Signal] = {}

_making = threading.Lock()


def _make_signals() -> None:
    """Make every signal in one namespace and publish them as names of this module."""
    from blinker import Namespace  # noqa: PLC0415  # see the law above

    namespace = Namespace()
    made = {name: namespace.signal(name.replace("_", "-")) for name in SIGNAL_NAMES}
    globals().update(made, _signals=namespace)
    LIVE.update(made)


def __getattr__(name: str) -> Any:
    """Make the signals when the first of them is asked for."""
    if name != "_signals" and name not in SIGNAL_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with _making:
        if not LIVE:
            _make_signals()
    return globals()[name]


def __dir__() -> list[str]:
    """The module's names, with those of the signals that are not made yet."""
    return sorted({*globals(), *SIGNAL_NAMES, "_signals"})
