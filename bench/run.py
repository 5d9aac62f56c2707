"""CPU µs per request of each peer in each scenario, in process: prints the tables.

    scripts/bench [PEER …] [--only hello,form] [--rounds 3] [--json FILE] [--cold]

Each peer runs in a process of its own, the rounds go over all peers in turn, and the figure is the
least of all: what the machine does beside only ever adds. Figures of one run compare; figures of
two machines do not. Other measurements, each with a --help of its own:

    scripts/bench wire        on a real server, beside a bare app: CPU µs of granian's worker
    scripts/bench growth      cost against the number of routes, hooks, fields …; a picture
    scripts/bench memory      resident memory over a million requests
    scripts/bench startup     import and hello world
    scripts/bench goals       how far from the goals, from what --json wrote
    scripts/bench chart       a picture of what --json wrote
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
# Peer → its distribution.
WSGI = {
    "costrel_wsgi": "costrel",
    "flask_wsgi": "flask",
    "falcon_wsgi": "falcon",
    "bottle_wsgi": "bottle",
    "pyramid_wsgi": "pyramid",
}
ASGI = {
    "costrel_asgi": "costrel",
    "starlette_asgi": "starlette",
    "blacksheep_asgi": "blacksheep",
    "falcon_asgi": "falcon",
}
RSGI = {
    "costrel_rsgi": "costrel",
    "emmett55_rsgi": "emmett55",
}
PROTOCOLS = {"WSGI": WSGI, "ASGI": ASGI, "RSGI": RSGI}
# With glibc's own thresholds, buffers of 1 MiB cost 1x or 4x as the wind blows: page faults.
FIXED = {
    "PYTHONHASHSEED": "0",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
}


def measured(peer, only, options):
    """Run measure.py for one peer and return its figures."""
    command = [sys.executable, str(HERE / "measure.py"), peer, *only, *options]
    done = subprocess.run(
        command, env={**os.environ, **FIXED}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{peer} could not be measured; what it said stands above.")
    return json.loads(done.stdout)


def least(figures, more):
    """Of two sets of figures, the lower of each."""
    return (
        {
            name: min(value, more[name]) if isinstance(value, float) else value
            for name, value in figures.items()
        }
        if figures
        else more
    )


def table(results, peers):
    """Lay out the figures of some peers as a Markdown table."""
    shown = [peer for peer in peers if peer in results]
    if not shown:
        return ""
    heads = [f"{peers[peer]} {version(peers[peer])}" for peer in shown]
    ours = results.get("costrel_asgi") if "costrel_rsgi" in shown else None
    if ours:
        heads += ["costrel over ASGI", "RSGI : ASGI"]
    lines = [f"| µs | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for name in results[shown[0]]:
        cells = [results[peer][name] for peer in shown]
        figures = [cell for cell in cells if isinstance(cell, float)]
        texts = [
            "n/a"
            if not isinstance(cell, float)
            else f"**{cell:.1f}**"
            if cell == min(figures)
            else f"{cell:.1f}"
            for cell in cells
        ]
        if ours:
            texts += [f"{ours[name]:.1f}", f"{results['costrel_rsgi'][name] / ours[name]:.2f}"]
        lines.append(f"| {name} | {' | '.join(texts)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peers", nargs="*", help=", ".join([*WSGI, *ASGI, *RSGI]))
    parser.add_argument("--only", default="", help="scenarios, separated by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.1, help="of each repeat")
    parser.add_argument(
        "--cold",
        action="store_true",
        help="flush the caches before each call, as a server's work does",
    )
    parser.add_argument("--json", help="also write the figures to this file")
    given = parser.parse_args()
    only = [name for name in given.only.split(",") if name]
    options = [f"--seconds={given.seconds}", f"--repeats={given.repeats}", *["--cold"] * given.cold]
    wanted = given.peers or [*WSGI, *ASGI, *RSGI]
    results = {}
    for turn in range(given.rounds):
        for peer in wanted:
            print(f"round {turn + 1} of {given.rounds}: {peer}", file=sys.stderr)
            results[peer] = least(results.get(peer), measured(peer, only, options))
    caches = ", cold caches" if given.cold else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"CPU µs per request{caches}; {python}\n")
    for protocol, peers in PROTOCOLS.items():
        if any(peer in results for peer in peers):
            print(f"{protocol}\n\n{table(results, peers)}\n")
    if given.json:
        Path(given.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
