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


def measure(peer, name, scenario, apps, seconds, repeats):
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
    times = max(10, int(seconds / caller.measure(30)))
    best = []
    for _ in range(repeats):
        gc.collect()
        best.append(caller.measure(times))
    scenario.check(*caller.ask())
    return min(best) * 1e6


measure.callers = {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    peer = importlib.import_module(f"peers.{given.peer}")
    apps, figures = {}, {}
    # The apps of their own come last: what they bring must not weigh on the main app.
    for name, scenario in sorted(scenarios().items(), key=lambda item: item[1].app != "main"):
        if given.scenarios and name not in given.scenarios:
            continue
        lacks = peer.LACKS.get(name)
        figures[name] = lacks or measure(peer, name, scenario, apps, given.seconds, given.repeats)
    print(json.dumps(figures))
    sys.stdout.flush()
    # Some frameworks leave threads behind that would keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
