"""Values as HTML under Werkzeug's names, for programs that ask for them.

Law: what a value looks like is decided in `shown_values.py`: bounded, and never failing.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from markupsafe import Markup

from costrel.debugger.shown_values import show

MOST_ROWS = 400


class _Absent:
    """The type of the marker for a value that is not given."""


missing: Final = _Absent()


class DebugReprGenerator:
    """Writes values as HTML."""

    def repr(self, obj: object) -> Markup:
        """Write one value."""
        return Markup('<span class="object">{}</span>').format(show(obj))

    def dump_object(self, obj: object) -> Markup:
        """Write a value and its attributes, or its items if it is a dictionary."""
        if isinstance(obj, dict):
            return self.render_object_dump(list(obj.items()), "Items", None)
        names = [name for name in dir(obj) if not name.startswith("__")]
        items = [(name, getattr(obj, name, missing)) for name in names]
        return self.render_object_dump(items, f"Attributes of {type(obj).__name__}", self.repr(obj))

    def dump_locals(self, d: dict[str, Any]) -> Markup:
        """Write the variables of a frame."""
        return self.render_object_dump(list(d.items()), "Local variables", None)

    def render_object_dump(
        self, items: list[tuple[Any, Any]], title: str, repr: Markup | None = None
    ) -> Markup:
        """Write names and values as a table."""
        rows = Markup("").join(
            Markup("<tr><th>{}</th><td>{}</td></tr>").format(
                name if isinstance(name, str) else show(name), show(value, name)
            )
            for name, value in items[:MOST_ROWS]
        )
        head = Markup("<p>{}</p>").format(repr) if repr else ""
        return Markup("<div><h3>{}</h3>{}<table>{}</table></div>").format(title, head, rows)


def debug_repr(obj: object) -> Markup:
    """Write one value as HTML."""
    return DebugReprGenerator().repr(obj)


def dump(obj: object = missing) -> None:
    """Print a value with its attributes as HTML; without one, the caller's variables."""
    writer = DebugReprGenerator()
    if obj is missing:
        text = writer.dump_locals(sys._getframe(1).f_locals)
    else:
        text = writer.dump_object(obj)
    sys.stdout.write(text + "\n")


class _Helper:
    """What ``help`` is in a console."""

    def __repr__(self) -> str:
        return "Type help(object) for help about object."

    def __call__(self, topic: Any = missing) -> None:
        if topic is missing:
            sys.stdout.write(f"{self!r}\n")
            return
        import pydoc  # noqa: PLC0415  # 30 ms, and few ask for help

        sys.stdout.write(Markup("<pre>{}</pre>").format(pydoc.plain(pydoc.render_doc(topic))))


helper = _Helper()
