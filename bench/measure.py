"""Measure one peer: `python bench/measure.py PEER [SCENARIO …]` prints µs by scenario as JSON.

Run by run.py in a process per peer and round. A scenario that the peer lacks has a text for a
figure.
"""

import argparse
import gc
import importlib
import json
import logging
import os
import sys

from callers import CALLERS
from scenarios import scenarios

# Before each call with cold caches comes a flush, which takes far longer than the call.
MOST_COLD = 300


def measure(peer, scenario, apps, given):
    """Return the least CPU µs of one request, its answers checked before and after."""
    caller = measure.callers.setdefault(peer.PROTOCOL, CALLERS[peer.PROTOCOL]())
    if scenario.app not in apps:
        apps[scenario.app] = peer.APPS[scenario.app]()
    app = apps[scenario.app]
    caller.aim(app, scenario)
    answer = caller.ask()
    scenario.check(*answer)
    if scenario.follows:
        scenario = scenario.followed(answer[1])
        caller.aim(app, scenario)
        scenario.check(*caller.ask())
    caller.measure(30)
    times = max(10, int(given.seconds / caller.measure(30)))
    timed = caller.measure
    if given.cold:
        timed, times = caller.measure_cold, min(times, MOST_COLD)
    best = []
    for _ in range(given.repeats):
        gc.collect()
        best.append(timed(times))
    scenario.check(*caller.ask())
    return min(best) * 1e6


measure.callers = {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    peer = importlib.import_module(f"peers.{given.peer}")
    apps, figures = {}, {}
    # The apps of their own come last: what they bring must not weigh on the main app.
    for name, scenario in sorted(scenarios().items(), key=lambda item: item[1].app != "main"):
        if given.scenarios and name not in given.scenarios:
            continue
        lacks = peer.LACKS.get(name)
        figures[name] = lacks or measure(peer, scenario, apps, given)
    print(json.dumps(figures))
    sys.stdout.flush()
    # Some frameworks leave threads behind that would keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
