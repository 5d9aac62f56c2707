"""The same requests with each lane forced: every answer is that of the long lane.

The apps are those that are compared with Flask; the functional suite asks more, and runs on every
lane as well.
"""

import importlib
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from costrel.http import dates

sys.path.insert(0, str(Path(__file__).parent.parent / "compat" / "same_answers"))

import small_apps  # noqa: E402  the line above is how it is found

for room in small_apps.ROOMS:
    importlib.import_module(room)


class StandingClock(datetime):
    """Datetimes of which it is always the same one."""

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(small_apps.MOMENT, tz)


def answers(name, monkeypatch, force_lane, lane):
    """What an app answers to everything on a lane."""
    force_lane(lane)
    # The clock stands still, so that signed cookies are the same to the byte.
    monkeypatch.setattr(time, "time", lambda: small_apps.MOMENT)
    monkeypatch.setattr(dates, "time", lambda: small_apps.MOMENT)
    monkeypatch.setattr("costrel.http.files.time", lambda: small_apps.MOMENT)
    monkeypatch.setattr("costrel.parts.sessions.datetime", StandingClock)
    build, requests = small_apps.CASES[name]
    app = build(small_apps.Framework("costrel"))
    app.logger.disabled = True
    rows, jar = [], {}
    for request in requests:
        try:
            row = small_apps.ask(app, request, jar)
        except Exception as error:
            row = {"broke": f"{type(error).__name__}: {error}"}
        rows.append((str(request), row))
    return rows


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", small_apps.CASES)
def test_every_lane_answers_as_the_long_lane_does(name, monkeypatch, force_lane):
    expected = answers(name, monkeypatch, force_lane, "long")
    for lane in ("chosen", "full", "eager", "heard"):
        assert answers(name, monkeypatch, force_lane, lane) == expected, lane
