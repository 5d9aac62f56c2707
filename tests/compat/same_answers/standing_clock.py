"""A clock that stands still for costrel, so that signed cookies are the same to the byte."""

import time
from datetime import datetime

from small_apps import MOMENT

from costrel.http import dates


class StandingClock(datetime):
    """Datetimes of which it is always the same one."""

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(MOMENT, tz)


def stand_still(monkeypatch):
    """Let the clock stand still until the patches are undone."""
    monkeypatch.setattr(time, "time", lambda: MOMENT)
    monkeypatch.setattr(dates, "time", lambda: MOMENT)
    monkeypatch.setattr("costrel.http.files.time", lambda: MOMENT)
    monkeypatch.setattr("costrel.parts.sessions.datetime", StandingClock)
