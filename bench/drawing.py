"""A small SVG writer: rectangles, lines and texts whose colours follow the reader's light or dark.

Colours are classes: `ours`, `peer`, `other`, `text`, `faint`.
"""

from html import escape
from pathlib import Path

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 }
.faint { fill: #656d76; stroke: none }
line.faint { stroke: #d0d7de; stroke-width: 1 }
.ours { fill: #1a7f64 } polyline.ours { stroke: #1a7f64 }
.peer { fill: #8c959f } polyline.peer { stroke: #8c959f }
.other { fill: #bc4c00 } polyline.other { stroke: #bc4c00 }
polyline[class] { fill: none; stroke-width: 2 }
polyline.peer { stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .faint { fill: #8d96a0 } line.faint { stroke: #3d444d }
  .ours { fill: #3fb68b } polyline.ours { stroke: #3fb68b }
  .peer { fill: #6e7681 } polyline.peer { stroke: #8d96a0 }
}
"""


class Drawing:
    """An SVG picture of a size in pixels, without a background of its own.

    :param title: what the picture shows, for those who cannot see it.
    """

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.shapes = []

    def bar(self, x, y, width, height, kind):
        self.shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" '
            f'rx="2" class="{kind}"/>'
        )

    def text(self, x, y, text, kind="text", anchor="start"):
        self.shapes.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )

    def line(self, x1, y1, x2, y2):
        self.shapes.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="faint"/>'
        )

    def curve(self, points, kind):
        pairs = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.shapes.append(f'<polyline points="{pairs}" class="{kind}"/>')
        for x, y in points:
            self.shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" class="{kind}"/>')

    def save(self, path):
        """Write the picture to a file."""
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}"'
        label = escape(self.title)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">',
            f"<title>{label}</title>",
            f"<style>{STYLE}</style>",
            *self.shapes,
            "</svg>",
        ]
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("\n".join(lines) + "\n")
