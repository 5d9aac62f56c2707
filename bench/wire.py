"""What a request costs a real server, beside a bare app on the same server: prints the tables.

    scripts/bench wire [PEER …] [--rounds 3] [--repeats 3] [--connections 256] [--json FILE]

granian serves each peer with one worker on one core, over keep-alive connections of loopback that
wrk keeps busy from another core. The figure is the worker's CPU time by request, kernel included;
behind it stands the bare app's divided by it, so that 1.00 is a framework that costs nothing. The
rounds go over all peers in turn, forth and back, with a new server each time, and of all that was
measured the least counts. Requests per second would tell of what else the machine does.

granian's threads hand requests to each other. With few connections, an app that answers fast makes
them wait for each other more often, which costs, too: a bare app may then come out dearer than a
framework. With 256, some request is always waiting, and what an app costs is what it adds.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from granian_server import GranianServer
from scenarios import scenarios

SCENARIOS = ("hello", "params")
# Protocol → peer → its distribution; a bare app has none, and its file is peers/bare_PROTOCOL.py.
PEERS = {
    "wsgi": {"bare": "", "costrel": "costrel", "falcon": "falcon", "flask": "flask"},
    "asgi": {
        "bare": "",
        "costrel": "costrel",
        "blacksheep": "blacksheep",
        "starlette": "starlette",
    },
    "rsgi": {"bare": "", "costrel": "costrel", "emmett55": "emmett55"},
}
# Short, for short is what a machine with other work is quiet for; in it are some 20,000 requests.
SECONDS = 1


class Spoilt(Exception):
    """A measurement that does not count: answers were missing or wrong."""


def find_wrk():
    """Return where wrk is, installed first where that is possible; end the program otherwise."""
    apt = shutil.which("apt-get")
    if not shutil.which("wrk") and apt and os.geteuid() == 0:
        print("Installing wrk …", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for action in (["update"], ["install", "--yes", "--no-install-recommends", "wrk"]):
            with suppress(subprocess.TimeoutExpired):
                subprocess.run([apt, *action], env=environment, timeout=300, check=False, **quiet)
    found = shutil.which("wrk")
    if not found:
        raise SystemExit(
            "wrk, which makes the requests, is missing. Install it (Debian: apt-get install wrk) "
            "and run this again."
        )
    return found


def two_cores():
    """Return the numbers of the core for the server and of the one for wrk."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("Two cores are needed: one for the server, one for wrk.")
    return cores[:2]


def load(wrk, core, url, connections):
    """Make requests for a while and return how many were answered."""
    command = [wrk, "-t1", f"-c{connections}", f"-d{SECONDS}s", url]
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS + 30, check=True
        )
    finally:
        os.sched_setaffinity(0, here)
    count = re.search(r"(\d+) requests in", done.stdout)
    if not count or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise Spoilt(done.stdout.strip())
    return int(count[1])


def measured(peer, protocol, wrk, cores, given):
    """Return the CPU µs of one request in each scenario, from a server of its own."""
    figures, known = {}, scenarios()
    with GranianServer(f"{peer}_{protocol}", protocol, cores[0]) as server:
        # The first turn only warms the server up.
        for turn in range(1 + given.repeats):
            for name in SCENARIOS:
                scenario = known[name]
                target = scenario.path + (f"?{scenario.query}" if scenario.query else "")
                scenario.check(*server.ask(target))
                url = f"http://127.0.0.1:{server.port}{target}"
                before = server.cpu_seconds()
                count = load(wrk, cores[1], url, given.connections)
                used = (server.cpu_seconds() - before) / count * 1e6
                scenario.check(*server.ask(target))
                if turn:
                    figures[name] = min(used, figures.get(name, used))
    return figures


def table(protocol, results):
    """Lay out the figures of one protocol as a Markdown table."""
    lines = [f"| granian, {protocol.upper()} | {' | '.join(SCENARIOS)} |", "|---|--:|--:|"]
    for peer, figures in results.items():
        name = PEERS[protocol][peer]
        cells = [
            f"{figures[scenario]:.1f} / **{results['bare'][scenario] / figures[scenario]:.2f}**"
            for scenario in SCENARIOS
        ]
        lines.append(f"| {f'{name} {version(name)}' if name else peer} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peers", nargs="*", help="those beside the bare app: costrel, flask, …")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3, help="with each server")
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--json", help="also write the figures to this file")
    given = parser.parse_args()
    unknown = set(given.peers).difference(*PEERS.values())
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    wrk, cores = find_wrk(), two_cores()
    # However it ends, the server is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop."))
    todo = [
        (protocol, peer)
        for protocol, peers in PEERS.items()
        for peer in peers
        if not given.peers or peer in {"bare", *given.peers}
    ]
    results = {protocol: {} for protocol in PEERS}
    for turn in range(given.rounds):
        for protocol, peer in todo if turn % 2 == 0 else reversed(todo):
            print(f"round {turn + 1} of {given.rounds}: {peer}, {protocol}", file=sys.stderr)
            try:
                figures = measured(peer, protocol, wrk, cores, given)
            except (Spoilt, subprocess.SubprocessError) as reason:
                print(f"This one does not count: {reason}", file=sys.stderr)
                continue
            known = results[protocol].setdefault(peer, figures)
            known.update({name: min(known[name], figures[name]) for name in figures})
    print(
        f"CPU µs per request / **bare app's divided by it**; granian {version('granian')}, "
        f"CPython {platform.python_version()}\n"
    )
    for protocol, figures in results.items():
        order = [peer for peer in PEERS[protocol] if peer in figures]
        if "bare" in figures and len(order) > 1:
            print(table(protocol, {peer: figures[peer] for peer in order}), end="\n\n")
    if given.json:
        Path(given.json).write_text(json.dumps({"wire": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
