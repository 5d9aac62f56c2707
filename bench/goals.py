"""How far costrel is from its goals: `python bench/goals.py FIGURES.json …`.

Each goal is a ratio in the same run: over WSGI and ASGI to the fastest peer there was in that
scenario, over RSGI to costrel over ASGI. The files are what `scripts/bench --json` wrote; a goal is
met when the median of the runs meets it.
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


def goals(protocol):
    """Yield each scenario with its goal and the peer that it is a ratio to."""
    for name, (goal, wsgi, asgi) in GOALS.items():
        if protocol == "rsgi":
            yield name, RSGI_GOAL, "costrel_asgi"
        else:
            yield name, goal, f"{wsgi if protocol == 'wsgi' else asgi}_{protocol}"


def rows(runs, protocol):
    """Yield the cells of each scenario over one protocol."""
    for name, goal, anchor in goals(protocol):
        ours = [run[f"costrel_{protocol}"][name] for run in runs]
        theirs = [run[anchor][name] for run in runs]
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        yield (
            name,
            " / ".join(f"{value:.1f}" for value in ours),
            anchor.replace("_", " over ") if protocol == "rsgi" else anchor.partition("_")[0],
            " / ".join(f"{value:.1f}" for value in theirs),
            " / ".join(f"{ratio:.2f}" for ratio in ratios),
            f"{goal:.2f}",
            "met" if statistics.median(ratios) <= goal else "**missed**",
        )


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    runs = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    for protocol in ("wsgi", "asgi", "rsgi"):
        if not all(f"costrel_{protocol}" in run for run in runs):
            continue
        print(f"{protocol.upper()}\n")
        print("| scenario | costrel, µs | anchor | its µs | ratio | goal | |")
        print("|---|--:|---|--:|--:|--:|---|")
        for cells in rows(runs, protocol):
            print(f"| {' | '.join(cells)} |")
        print()


if __name__ == "__main__":
    main()
