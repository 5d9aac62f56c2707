"""How far costrel is from its goals: `python bench/goals.py FIGURES.json …`.

Each goal is a ratio in the same run: over WSGI and ASGI to the fastest peer there was in that
scenario, over RSGI to costrel over ASGI; over the wire, of a bare app to costrel. The files are
what `scripts/bench --json` and `scripts/bench wire --json` wrote; a goal is met when the median of
the runs meets it.
"""

import json
import statistics
import sys
from pathlib import Path

# Scenario → the ratio, and the peer that it is a ratio to over WSGI and ASGI.
GOALS = {
    "hello": (0.75, "falcon", "blacksheep"),
    "json": (0.8, "falcon", "blacksheep"),
    "params": (0.9, "falcon", "falcon"),
    "form": (1.0, "falcon", "falcon"),
    "upload": (0.9, "falcon", "falcon"),
    "template": (1.0, "falcon", "blacksheep"),
    "session": (0.6, "pyramid", "starlette"),
    "routes_mid": (0.9, "falcon", "blacksheep"),
    "routes_last": (0.9, "falcon", "blacksheep"),
    "notfound": (0.9, "falcon", "blacksheep"),
    "hooks": (1.0, "falcon", "blacksheep"),
    "errors": (0.9, "falcon", "blacksheep"),
    "static": (0.9, "falcon", "blacksheep"),
    "static304": (0.9, "falcon", "blacksheep"),
    "stream": (1.0, "falcon", "falcon"),
}


# Over RSGI a request is to be no dearer than over ASGI.
RSGI_GOAL = 1.0
# What a bare app costs the server, divided by what costrel does: at least this.
WIRE_GOALS = {"hello": 0.88, "params": 0.8}


def goals(protocol):
    """Yield each scenario with its goal and the peer that it is a ratio to."""
    for name, (goal, wsgi, asgi) in GOALS.items():
        if protocol == "rsgi":
            yield name, RSGI_GOAL, "costrel_asgi"
        else:
            yield name, goal, f"{wsgi if protocol == 'wsgi' else asgi}_{protocol}"


def rows(runs, protocol):
    """Yield the cells of each scenario over one protocol, in process."""
    for name, goal, anchor in goals(protocol):
        if not all(name in run[anchor] for run in runs):
            # Left out by `--only`.
            continue
        ours = [run[f"costrel_{protocol}"][name] for run in runs]
        theirs = [run[anchor][name] for run in runs]
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        met = statistics.median(ratios) <= goal
        called = anchor.replace("_", " over ") if protocol == "rsgi" else anchor.partition("_")[0]
        yield cells(name, ours, called, theirs, ratios, goal, met)


def wire_rows(runs):
    """Yield the cells of each protocol and scenario over the wire."""
    for protocol in runs[0]["wire"]:
        for name, goal in WIRE_GOALS.items():
            ours = [run["wire"][protocol]["costrel"][name] for run in runs]
            theirs = [run["wire"][protocol]["bare"][name] for run in runs]
            ratios = [other / mine for mine, other in zip(ours, theirs, strict=True)]
            met = statistics.median(ratios) >= goal
            yield cells(f"{protocol.upper()}, {name}", ours, "bare", theirs, ratios, goal, met)


def cells(name, ours, anchor, theirs, ratios, goal, met):
    """Lay out one row: the figures of all runs, and whether the goal is met."""
    return (
        name,
        " / ".join(f"{value:.1f}" for value in ours),
        anchor,
        " / ".join(f"{value:.1f}" for value in theirs),
        " / ".join(f"{ratio:.2f}" for ratio in ratios),
        f"{goal:.2f}",
        "met" if met else "**missed**",
    )


def show(title, rows):
    """Print a table of goals."""
    print(f"{title}\n\n| scenario | costrel, µs | anchor | its µs | ratio | goal | |")
    print("|---|--:|---|--:|--:|--:|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


def main():
    if len(sys.argv) < 2 or sys.argv[1] == "--help":
        raise SystemExit(__doc__)
    files = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    runs = [file for file in files if "wire" not in file]
    wire = [file for file in files if "wire" in file]
    for protocol in ("wsgi", "asgi", "rsgi"):
        if runs and all(f"costrel_{protocol}" in run for run in runs):
            show(protocol.upper(), rows(runs, protocol))
    if wire:
        show("Over the wire", wire_rows(wire))


if __name__ == "__main__":
    main()
