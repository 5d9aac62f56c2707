"""The same requests with each lane forced: every answer is that of the long lane.

The apps are those that are compared with Flask; the functional suite asks more, and runs on every
lane as well.
"""

import importlib
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "compat" / "same_answers"))

import small_apps  # noqa: E402  the line above is how it is found
import standing_clock  # noqa: E402  as above

for room in small_apps.ROOMS:
    importlib.import_module(room)

# Apps that warn of what they are asked, and how. As an error, a warning would change the answers.
WARNED_OF = {
    "subdomains": "Current server name is not 'example.org' or below it, which SERVER_NAME says: "
    "the request is on no subdomain and no rule will match.",
}


def answers(name, monkeypatch, force_lane, lane):
    """What an app answers to everything on a lane."""
    force_lane(lane)
    standing_clock.stand_still(monkeypatch)
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


@pytest.mark.parametrize("name", small_apps.CASES)
def test_every_lane_answers_as_the_long_lane_does(name, monkeypatch, force_lane):
    found = {}
    for lane in ("long", "chosen", "full", "eager", "heard"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            found[lane] = answers(name, monkeypatch, force_lane, lane)
        assert {str(warning.message) for warning in caught} == (
            {WARNED_OF[name]} if name in WARNED_OF else set()
        )
    for lane, rows in found.items():
        assert rows == found["long"], lane
