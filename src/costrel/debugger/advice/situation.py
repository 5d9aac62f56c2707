"""What a rule sees: the error, the steps that led to it, the app and the request.

Law: looking changes nothing. A request's body is not read here, only what was read already.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cached_property
from types import CodeType, FrameType, TracebackType
from typing import Any

from costrel.serve.context import RequestContext

_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
_LIBRARIES = tuple(
    {
        os.path.realpath(path) + os.sep
        for path in (
            *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
            *sys.path,
        )
        if path and ("site-packages" in path or path in sysconfig.get_paths().values())
    }
)
MOST_STEPS = 400
TEMPLATE_STEPS = ("top-level template code", 'block "', "template")


def is_yours(filename: str) -> bool:
    """Whether a file is the user's own: not Python's, not installed, not costrel's."""
    if filename.startswith("<"):
        return False
    path = os.path.realpath(filename)
    if path.startswith(_OURS + os.sep):
        return False
    return not path.startswith(_LIBRARIES)


class Step:
    """One step of a traceback.

    :ivar locals: the frame's own, not a copy.
    """

    def __init__(self, traceback: TracebackType) -> None:
        self.frame: FrameType = traceback.tb_frame
        self.code: CodeType = self.frame.f_code
        self.line: int = traceback.tb_lineno or self.code.co_firstlineno
        self.file: str = self.code.co_filename
        self.function: str = self.code.co_name
        self.last_instruction = traceback.tb_lasti

    @property
    def locals(self) -> dict[str, Any]:
        """The local variables."""
        return self.frame.f_locals

    @cached_property
    def is_yours(self) -> bool:
        """Whether it is in the user's own code."""
        return self.is_template or is_yours(self.file)

    @property
    def is_template(self) -> bool:
        """Whether it is in a template, as Jinja names its steps."""
        return self.function.startswith(TEMPLATE_STEPS)

    @property
    def place(self) -> str:
        """``file:line``, relative to the current folder where that is shorter."""
        return f"{short_path(self.file)}:{self.line}"

    @property
    def source(self) -> str:
        """The line of code, stripped; empty where there is none."""
        return linecache.getline(self.file, self.line, self.frame.f_globals).strip()

    @cached_property
    def span(self) -> tuple[int, int, int, int] | None:
        """First line, last line, first column, last column (bytes) of what was being done."""
        positions = self.code.co_positions()
        for index, (first, last, start, end) in enumerate(positions):
            if index * 2 == self.last_instruction:
                if first is None or last is None or start is None or end is None:
                    return None
                return first, last, start, end
        return None


def short_path(path: str) -> str:
    """A path relative to the current folder, if it is below that."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative


def steps_of(error: BaseException) -> list[Step]:
    """The steps of an error's traceback, outermost first; bounded."""
    found: list[Step] = []
    traceback = error.__traceback__
    while traceback is not None:
        found.append(Step(traceback))
        traceback = traceback.tb_next
    if len(found) > MOST_STEPS:
        half = MOST_STEPS // 2
        found = [*found[:half], *found[-half:]]
    return found


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An error, the members of its group, and what it was raised from; each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting.append(cause_of(link))
        if isinstance(link, BaseExceptionGroup):
            waiting.extend(link.exceptions)


def cause_of(error: BaseException) -> BaseException | None:
    """What an error was raised from, or was raised while handling; as Python shows it."""
    if error.__cause__ is not None:
        return error.__cause__
    return None if error.__suppress_context__ else error.__context__


class Situation:
    """An error, and what is known of where it happened.

    :param app: the application, if one is known.
    :param request: the request, if one is known.
    """

    def __init__(self, error: BaseException, app: Any = None, request: Any = None) -> None:
        self.error = error
        self._app = app
        self._request = request

    @cached_property
    def message(self) -> str:
        """The error's text; empty where it cannot be made."""
        try:
            return str(self.error)
        except Exception:
            return ""

    @cached_property
    def steps(self) -> list[Step]:
        """The traceback's steps, outermost first."""
        return steps_of(self.error)

    @cached_property
    def context(self) -> RequestContext | None:
        """The request's context, as it stands in a gateway's frame."""
        for step in self.steps:
            found = step.locals.get("ctx")
            if isinstance(found, RequestContext):
                return found
        return None

    @property
    def app(self) -> Any:
        """The application; ``None`` where it is not known."""
        if self._app is None and self.context is not None:
            return self.context.app
        return self._app

    @property
    def request(self) -> Any:
        """The request; ``None`` where there was none."""
        if self._request is None and self.context is not None:
            return self.context.request
        return self._request

    @cached_property
    def yours(self) -> Step | None:
        """The innermost step in the user's own code."""
        return next((step for step in reversed(self.steps) if step.is_yours), None)

    @property
    def innermost(self) -> Step | None:
        """The step that raised."""
        return self.steps[-1] if self.steps else None

    @property
    def where(self) -> str | None:
        """``file:line`` in the user's own code."""
        return None if self.yours is None else self.yours.place

    @property
    def view(self) -> Any:
        """The view of the request's endpoint; ``None`` where there is none."""
        endpoint = getattr(self.request, "endpoint", None)
        return None if endpoint is None else self.app.view_functions.get(endpoint)

    def passed(self, function: str, file_ending: str = "") -> Step | None:
        """The innermost step in a function, of a file whose path ends so."""
        for step in reversed(self.steps):
            if step.function == function and step.file.endswith(file_ending):
                return step
        return None


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like another; ``None`` where none is much like it."""
    # 2 ms to import.
    from difflib import get_close_matches  # noqa: PLC0415

    known = {str(other).lower(): str(other) for other in words}
    found = get_close_matches(word.lower(), known, n=1, cutoff=0.66)
    return known[found[0]] if found else None


def listed(words: Iterable[Any], most: int = 20) -> str:
    """Words with quotes and commas, bounded; ``nothing`` for none."""
    all_of_them = [repr(str(word)[:80]) for word in words]
    if not all_of_them:
        return "nothing"
    shown = ", ".join(all_of_them[:most])
    more = len(all_of_them) - most
    return f"{shown} and {more} more" if more > 0 else shown


def with_article(word: str) -> str:
    """A word with *a* or *an*."""
    return f"{'an' if word[:1].lower() in 'aeio' else 'a'} {word}"


def view_place(view: Any) -> str | None:
    """``file:line`` of a view's definition."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    code = getattr(view, "__code__", None)
    return None if code is None else f"{short_path(code.co_filename)}:{code.co_firstlineno}"
