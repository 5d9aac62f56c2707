"""Werkzeug's DebugTraceback: an exception as data, as text and as a page without a console.

Law: everything that is shown is escaped. A message may quote the request.
"""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from functools import cached_property
from types import FrameType, TracebackType
from typing import Any

from markupsafe import Markup

from costrel.debugger.console import Console
from costrel.debugger.page_style import PAGE

# Lines of source around the one that was run.
AROUND = 5
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
_CAUSE = "The exception above was the direct cause of this one:"
_CONTEXT = "While the exception above was handled, this one happened:"


class DebugFrameSummary:
    """One step of a traceback.

    :param locals: the frame's variables.
    :param globals: those of its module.
    :param kwargs: ``filename``, ``lineno``, ``name`` and more of ``traceback.FrameSummary``.
    """

    def __init__(self, *, locals: dict[str, Any], globals: dict[str, Any], **kwargs: Any) -> None:
        self.filename: str = kwargs["filename"]
        self.lineno: int = kwargs.get("lineno") or 0
        self.name: str = kwargs.get("name") or "?"
        self.colno: int | None = kwargs.get("colno")
        self.end_lineno: int | None = kwargs.get("end_lineno")
        self.end_colno: int | None = kwargs.get("end_colno")
        self.locals = self.local_ns = locals
        self.global_ns = globals

    @property
    def line(self) -> str:
        """The line that was run."""
        return linecache.getline(self.filename, self.lineno, self.global_ns).strip()

    @property
    def info(self) -> Any:
        """What the frame's ``__traceback_info__`` says, ``None`` if it has none."""
        return self.locals.get("__traceback_info__")

    @cached_property
    def is_library(self) -> bool:
        """Whether the frame is Python's or an installed package's."""
        return self.filename.startswith((*_LIBRARIES, "<frozen "))

    @cached_property
    def console(self) -> Console:
        """A console that sees the frame's variables."""
        return Console(self.global_ns, self.locals)

    def eval(self, code: str) -> Markup:
        """Run code inside the frame and return what it prints, as HTML."""
        return self.console.eval(code)

    def render_html(self, mark_library: bool) -> Markup:
        """Write the frame with the source around its line; a library's is folded."""
        folded = mark_library and self.is_library
        info = Markup("<p>{}</p>").format(self.info) if self.info is not None else ""
        return Markup(
            '<details class="{}"{}><summary><b>{}</b> <span>{}:{}</span></summary>'
            "{}<pre>{}</pre></details>"
        ).format(
            "library" if folded else "own",
            "" if folded else Markup(" open"),
            self.name,
            self.filename,
            self.lineno,
            info,
            Markup("").join(self._lines()),
        )

    def _lines(self) -> Iterator[Markup]:
        source = linecache.getlines(self.filename, self.global_ns)
        first = max(self.lineno - AROUND, 1)
        for number in range(first, min(self.lineno + AROUND, len(source)) + 1):
            mark = Markup("<mark>{}</mark>") if number == self.lineno else Markup("{}")
            yield mark.format(f"{number:5}  {source[number - 1].rstrip()}\n")


class DebugTraceback:
    """An exception with the ones that led to it.

    :param exc: the exception.
    :param te: not used: the frames are read from the exception itself.
    :param skip: how many of its first frames to leave out.
    :param hide: leave out frames that have ``__traceback_hide__``.
    """

    def __init__(
        self,
        exc: BaseException,
        te: traceback.TracebackException | None = None,
        *,
        skip: int = 0,
        hide: bool = True,
    ) -> None:
        self.exc = exc
        self.skip = skip
        self.hide = hide

    @cached_property
    def chain(self) -> list[tuple[str | None, BaseException]]:
        """The exceptions, the first one first, each with what leads to it."""
        found: list[tuple[str | None, BaseException]] = []
        seen: set[int] = set()
        current: BaseException | None = self.exc
        while current is not None and id(current) not in seen:
            seen.add(id(current))
            if current.__cause__ is not None:
                found.append((_CAUSE, current))
                current = current.__cause__
            else:
                follows = current.__context__ is not None and not current.__suppress_context__
                found.append((_CONTEXT if follows else None, current))
                current = current.__context__ if follows else None
        found.reverse()
        return found

    @cached_property
    def all_tracebacks(self) -> list[tuple[str | None, list[DebugFrameSummary]]]:
        """For each exception, the first one first, what leads to it and its frames."""
        return [(label, list(self._frames_of(error))) for label, error in self.chain]

    @property
    def all_frames(self) -> list[DebugFrameSummary]:
        """All frames of all exceptions."""
        return [frame for _, frames in self.all_tracebacks for frame in frames]

    def _frames_of(self, error: BaseException) -> Iterator[DebugFrameSummary]:
        skip = self.skip if error is self.exc else 0
        for index, (frame, line) in enumerate(_walk(error.__traceback__)):
            if index < skip or (self.hide and frame.f_locals.get("__traceback_hide__")):
                continue
            yield DebugFrameSummary(
                locals=frame.f_locals,
                globals=frame.f_globals,
                filename=frame.f_code.co_filename,
                lineno=line,
                name=frame.f_code.co_name,
            )

    def render_traceback_text(self) -> str:
        """Write it as Python does."""
        lines: list[str] = []
        for (label, error), (_, frames) in zip(self.chain, self.all_tracebacks, strict=True):
            if label and lines:
                lines.append(f"\n{label}\n\n")
            lines.append("Traceback (most recent call last):\n")
            lines += _text_of(frames)
            lines += traceback.format_exception_only(error)
        return "".join(lines)

    def render_traceback_html(self, include_title: bool = True) -> Markup:
        """Write the chain as HTML."""
        parts: list[Markup] = []
        for (label, error), (_, frames) in zip(self.chain, self.all_tracebacks, strict=True):
            if label and parts:
                parts.append(Markup("<p>{}</p>").format(label))
            if include_title:
                parts.append(Markup("<h2>{}</h2>").format(_title(error)))
            marks = any(not frame.is_library for frame in frames)
            parts += [frame.render_html(marks) for frame in frames]
            if isinstance(error, SyntaxError):
                only = "".join(traceback.format_exception_only(error))
                parts.append(Markup("<pre>{}</pre>").format(only))
        return Markup('<section class="traceback">{}</section>').format(Markup("").join(parts))

    def render_debugger_html(self, evalex: bool, secret: str, evalex_trusted: bool) -> str:
        """Write the whole page; the arguments are of Werkzeug's console, which it has not."""
        return PAGE.format(
            title=_title(self.exc),
            kind=type(self.exc).__name__,
            message=str(self.exc),
            traceback=self.render_traceback_html(include_title=len(self.chain) > 1),
            text=self.render_traceback_text(),
        )


def _walk(steps: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while steps is not None:
        yield steps.tb_frame, steps.tb_lineno
        steps = steps.tb_next


def _text_of(frames: Iterable[DebugFrameSummary]) -> Iterator[str]:
    for frame in frames:
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n'
        if frame.line:
            yield f"    {frame.line}\n"


def _title(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def render_console_html(secret: str, evalex_trusted: bool) -> str:
    """Write a page for a console; it says that there is none in the browser."""
    text = "There is no console in the browser here. Use the command: costrel shell"
    return PAGE.format(title="Console", kind="Console", message=text, traceback="", text="")
