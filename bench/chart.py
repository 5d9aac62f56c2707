"""Draw what run.py measured as bars: `scripts/bench chart FIGURES.json [docs/images/speed.svg]`.

FIGURES.json is what `scripts/bench --json` wrote. Each scenario has a scale of its own.
"""

import json
import sys
from pathlib import Path

from drawing import Drawing

SHOWN = [
    "hello",
    "json",
    "params",
    "form",
    "session",
    "template",
    "routes_last",
    "errors",
    "static",
]
BARS = {
    "costrel_wsgi": "costrel, WSGI",
    "falcon_wsgi": "Falcon",
    "bottle_wsgi": "Bottle",
    "flask_wsgi": "Flask",
    "costrel_asgi": "costrel, ASGI",
    "blacksheep_asgi": "BlackSheep",
    "starlette_asgi": "Starlette",
}
COLUMNS, PANEL, BAR, LABEL = 3, (310, 176), 18, 92


def draw_panel(drawing, x, y, name, results):
    """Draw the bars of one scenario with the µs behind each."""
    drawing.text(x, y + 14, name, "title")
    figures = {peer: results[peer][name] for peer in BARS if peer in results}
    most = max(value for value in figures.values() if isinstance(value, float))
    at = y + 24
    for peer, value in figures.items():
        if peer == "costrel_asgi":
            at += 6
        drawing.text(x + LABEL - 6, at + 13, BARS[peer], anchor="end")
        if isinstance(value, float):
            length = (PANEL[0] - LABEL - 64) * value / most
            drawing.bar(x + LABEL, at + 2, length, BAR - 4, "ours" if "costrel" in peer else "peer")
            drawing.text(x + LABEL + length + 5, at + 13, f"{value:.1f}", "faint")
        else:
            drawing.text(x + LABEL, at + 13, value, "faint")
        at += BAR


def main():
    if len(sys.argv) < 2 or sys.argv[1] == "--help":
        raise SystemExit(__doc__)
    results = json.loads(Path(sys.argv[1]).read_text())
    target = sys.argv[2] if len(sys.argv) > 2 else "docs/images/speed.svg"
    rows = -(-len(SHOWN) // COLUMNS)
    drawing = Drawing(
        COLUMNS * PANEL[0] + 20,
        rows * PANEL[1] + 46,
        "CPU microseconds per request: costrel beside Flask, Falcon, Bottle, BlackSheep, Starlette",
    )
    drawing.text(12, 22, "CPU µs per request, in process (shorter is better)", "title")
    for number, name in enumerate(SHOWN):
        row, column = divmod(number, COLUMNS)
        draw_panel(drawing, 12 + column * PANEL[0], 38 + row * PANEL[1], name, results)
    drawing.save(target)


if __name__ == "__main__":
    main()
