"""Resident memory over a million requests in process: `scripts/bench memory [--requests N]`.

Each protocol serves hello, params, form, session, a 404 and a handled error in turn. The growth
that counts is the one after the first tenth, when all that is made once has been made.
"""

import argparse
import gc
import importlib
import logging

from callers import CALLERS
from scenarios import scenarios

TURN = ("hello", "params", "form", "session", "notfound", "errors", "hooks")


def resident():
    """Return what the process holds in memory, in KiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


def aimed(peer):
    """Make a caller for each scenario, checked once."""
    protocol = importlib.import_module(f"peers.{peer}")
    first = CALLERS[protocol.PROTOCOL]()
    apps, callers, known = {}, [], scenarios()
    for name in TURN:
        scenario = known[name]
        app = apps.setdefault(scenario.app, None) or protocol.APPS[scenario.app]()
        apps[scenario.app] = app
        first.aim(app, scenario)
        answer = first.ask()
        scenario.check(*answer)
        if scenario.follows:
            first.aim(app, scenario.followed(answer[1]))
        callers.append(first.call)
    return first, callers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("| requests | protocol | resident, KiB | since the first tenth |\n|--:|---|--:|--:|")
    for peer in ("costrel_wsgi", "costrel_asgi"):
        caller, calls = aimed(peer)
        each = given.requests // 10 // len(calls)
        settled = None
        for tenth in range(1, 11):
            for call in calls:
                caller.call = call
                caller.measure(each)
            gc.collect()
            now = resident()
            settled = now if settled is None else settled
            print(f"| {tenth * each * len(calls):,} | {peer} | {now:,} | {now - settled:+,} |")


if __name__ == "__main__":
    main()
