"""Frames and errors as the debugger shows them: source, local values, whose code it is.

Law: looking at a frame changes nothing in it.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from dataclasses import dataclass, field

from costrel.debugger.advice.situation import Step, cause_of, short_path, steps_of
from costrel.debugger.shown_values import Secrets, show

LINES_AROUND = 5
MOST_LOCALS = 60
MOST_ERRORS = 10
IN_EVERY_TEMPLATE = frozenset(
    (
        *("range", "dict", "lipsum", "cycler", "joiner", "namespace", "self"),
        *("url_for", "get_flashed_messages", "config", "request", "session", "g"),
    )
)
LONGEST_LINE = 400
LONGEST_MESSAGE = 4_000


@dataclass(slots=True)
class Line:
    """A line of source.

    :ivar start: where the part that was running begins, in characters; -1 for the whole line.
    """

    number: int
    text: str
    is_current: bool = False
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class FrameView:
    """One frame, ready to be shown; `step` is the frame itself, for the console."""

    number: int
    file: str
    line: int
    function: str
    is_yours: bool
    is_template: bool
    lines: list[Line]
    values: list[tuple[str, str]]
    step: Step | None = None

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class ErrorView:
    """One error of a chain.

    :ivar relation: how it led to the one after it in the chain: ``cause``, ``context``,
        ``member`` of a group, or empty for the error itself.
    """

    kind: str
    message: str
    notes: list[str]
    frames: list[FrameView]
    relation: str = ""
    depth: int = 0
    members: list[ErrorView] = field(default_factory=list)


def view_chain(error: BaseException, secrets: Secrets) -> list[ErrorView]:
    """An error and what led to it, the first cause first, as Python prints them."""
    chain: list[ErrorView] = []
    seen: set[int] = set()
    numbers = iter(range(100_000))
    link: BaseException | None = error
    relation = ""
    while link is not None and id(link) not in seen and len(chain) < MOST_ERRORS:
        seen.add(id(link))
        chain.append(_view_error(link, relation, secrets, numbers, seen, 0))
        relation = "cause" if link.__cause__ is not None else "context"
        link = cause_of(link)
    chain.reverse()
    return chain


def _view_error(
    error: BaseException,
    relation: str,
    secrets: Secrets,
    numbers: Iterator[int],
    seen: set[int],
    depth: int,
) -> ErrorView:
    view = ErrorView(
        name_of(error),
        secrets.hide(message_of(error)),
        [secrets.hide(str(note)) for note in getattr(error, "__notes__", ())],
        list(_view_frames(error, secrets, numbers)),
        relation,
        depth,
    )
    if isinstance(error, BaseExceptionGroup) and depth < 3:
        for member in error.exceptions[:MOST_ERRORS]:
            if id(member) not in seen:
                seen.add(id(member))
                view.members.append(
                    _view_error(member, "member", secrets, numbers, seen, depth + 1)
                )
    return view


def name_of(error: BaseException) -> str:
    """An error's class, with its module unless that is Python's."""
    kind = type(error)
    if kind.__module__ in {"builtins", "__main__"}:
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def message_of(error: BaseException) -> str:
    """An error's text; for a syntax error, with its place."""
    try:
        text = str(error)
    except Exception:
        text = "<no text: its __str__ raises>"
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


def _view_frames(
    error: BaseException, secrets: Secrets, numbers: Iterator[int]
) -> Iterator[FrameView]:
    source = ""
    for step in steps_of(error):
        if step.function == "render_template_string":
            source = str(step.locals.get("source", ""))
        # Traceback marks of other tools: a frame that asks to be left out.
        if step.locals.get("__traceback_hide__"):
            continue
        is_template = step.is_template
        given = source if is_template and step.file.startswith("<") else None
        yield FrameView(
            next(numbers),
            short_path(step.file),
            step.line,
            step.function,
            step.is_yours,
            is_template,
            _lines_of(step, given, is_template, secrets),
            list(_values_of(step, secrets)),
            step,
        )
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        yield _syntax_frame(error, next(numbers))


def _lines_of(step: Step, source: str | None, is_template: bool, secrets: Secrets) -> list[Line]:
    if source is None:
        text = linecache.getlines(step.file, step.frame.f_globals)
    else:
        text = source.splitlines(keepends=True)
    span = None if is_template else step.span
    lines = _excerpt(text, step.line, span)
    for line in lines:
        hidden = secrets.hide(line.text)
        if hidden != line.text:
            line.text, line.start, line.end = hidden, -1, -1
    return lines


def _excerpt(
    text: list[str], current: int, span: tuple[int, int, int, int] | None = None
) -> list[Line]:
    if not 1 <= current <= len(text):
        return []
    first = max(1, current - LINES_AROUND)
    found = []
    for number in range(first, min(len(text), current + LINES_AROUND) + 1):
        words = text[number - 1].rstrip("\r\n").expandtabs(4)
        line = Line(number, words[:LONGEST_LINE], number == current)
        if span and span[0] == span[1] == number and "\t" not in text[number - 1]:
            raw = words.encode()
            line.start = len(raw[: span[2]].decode("utf-8", "replace"))
            line.end = len(raw[: span[3]].decode("utf-8", "replace"))
            if words[line.start : line.end].strip() == words.strip():
                line.start = line.end = -1
        found.append(line)
    return found


def _values_of(step: Step, secrets: Secrets) -> Iterator[tuple[str, str]]:
    if step.function == "<module>":
        return
    for name, value in list(step.locals.items())[:MOST_LOCALS]:
        if name.startswith(("__", "@py_", "l_0_", "t_")) and name != "__class__":
            continue
        if step.is_template and name in IN_EVERY_TEMPLATE:
            continue
        yield str(name), secrets.hide(show(value, name))


def _syntax_frame(error: SyntaxError, number: int) -> FrameView:
    name, line = str(error.filename), int(error.lineno or 0)
    text = linecache.getlines(name)
    return FrameView(number, short_path(name), line, "", True, False, _excerpt(text, line), [])


def frames_in(chain: list[ErrorView]) -> Iterator[FrameView]:
    """All frames of a chain, those of groups' members too."""
    for view in chain:
        yield from view.frames
        yield from frames_in(view.members)


def text_of(chain: list[ErrorView], *, has_source: bool = True) -> str:
    """A chain as Python's traceback has it, without local values; to be copied."""
    return "\n".join(_text_lines(chain, has_source)) + "\n"


_BETWEEN: dict[str, str] = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
}


def _text_lines(chain: list[ErrorView], has_source: bool) -> Iterator[str]:
    for view in chain:
        margin = "  | " * view.depth
        yield f"{margin}Traceback (most recent call last):"
        for frame in _without_gateway(view.frames):
            yield f'{margin}  File "{frame.file}", line {frame.line}, in {frame.function}'
            for line in frame.lines:
                if line.is_current and has_source:
                    yield f"{margin}    {line.text.strip()}"
        told = f"{view.kind}: {view.message}" if view.message else view.kind
        yield from (f"{margin}{part}" for part in told.splitlines())
        yield from (f"{margin}{note}" for note in view.notes)
        yield from _text_lines(view.members, has_source)
        if view.relation in _BETWEEN:
            yield f"\n{_BETWEEN[view.relation]}\n"


def _without_gateway(frames: list[FrameView]) -> list[FrameView]:
    """Frames from the first of the user's own on; all where there is none."""
    for number, frame in enumerate(frames):
        if frame.is_yours:
            return frames[number:]
    return frames


def short_text(error: BaseException) -> str:
    """An error as one line."""
    text = message_of(error).splitlines()
    return f"{name_of(error)}: {text[0][:200]}" if text else name_of(error)
