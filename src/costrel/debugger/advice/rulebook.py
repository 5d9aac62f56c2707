"""The engine of advice: a rule is what it recognises and what it says; all are asked here.

Law: a rule only looks. One that fails says nothing, as advice must never hide the error itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from costrel.debugger.advice.situation import Situation, chain_of

Judge = Callable[[Situation], "Advice | None"]
Kind = type[BaseException] | str

# The first digit of a code → the page of docs that tells of it.
PAGES = {
    "1": "forms-and-bodies",
    "2": "routing",
    "3": "templates",
    "4": "contexts",
    "5": "sessions",
    "6": "responses",
    "7": "setup",
    "8": "async",
    "9": "data",
}
MOST_ERRORS = 12


@dataclass(frozen=True, slots=True)
class Advice:
    """What a rule says of one mistake.

    :ivar says: what happened, in one or two sentences.
    :ivar fix: what to do.
    :ivar notes: further facts, one line each.
    :ivar example: code to write, if code says it best.
    :ivar where: ``file:line`` to go to, if it is known.
    """

    says: str
    fix: str
    notes: tuple[str, ...] = ()
    example: str = ""
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Advice with the code and the page of its rule."""

    code: str
    title: str
    says: str
    fix: str
    notes: tuple[str, ...]
    example: str
    where: str | None

    @property
    def page(self) -> str:
        """The file and section of the docs that tells more."""
        return page_of(self.code)

    def as_json(self) -> dict[str, Any]:
        """The finding for a JSON body; without what is empty."""
        told = {
            "code": self.code,
            "title": self.title,
            "says": self.says,
            "fix": self.fix,
            "notes": list(self.notes),
            "example": self.example,
            "where": self.where,
            "docs": self.page,
        }
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Rule:
    """A code, the kinds of errors it is about, and the function that looks closer."""

    code: str
    kinds: tuple[Kind, ...]
    judge: Judge
    title: str
    text: str

    def fits(self, error: BaseException) -> bool:
        """Whether an error is of one of the kinds."""
        names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
        return any(
            kind in names if isinstance(kind, str) else isinstance(error, kind)
            for kind in self.kinds
        )


RULES: dict[str, Rule] = {}


def rule(code: str, *kinds: Kind) -> Callable[[Judge], Judge]:
    """Declare a rule.

    Its docstring is its page: the first line is the title.

    :param code: ``CST`` and three digits; the first says which page.
    :param kinds: classes of errors; a string names one whose module need not be imported.
    """

    def declare(judge: Judge) -> Judge:
        if code in RULES:
            raise ValueError(f"The code {code} is taken by {RULES[code].judge.__name__}.")
        title, _, text = cleandoc(judge.__doc__ or "").partition("\n")
        RULES[code] = Rule(code, kinds, judge, title.strip().removesuffix("."), text.strip())
        return judge

    return declare


def page_of(code: str) -> str:
    """The file and section of the docs about a code."""
    return f"docs/errors/{PAGES[code[3]]}.md#{code.lower()}"


def advise(error: BaseException, app: Any = None, request: Any = None) -> list[Finding]:
    """Find what can be said of an error, its causes and its members.

    :param app: the application, if one is known.
    :param request: the request that was handled, if there was one; else it is looked for in
        the error's frames.
    """
    found: dict[str, Finding] = {}
    outer = Situation(error, app, request)
    for position, link in enumerate(chain_of(error)):
        if position >= MOST_ERRORS:
            break
        situation = Situation(link, outer.app, outer.request)
        for finding in _ask_all(situation):
            found.setdefault(finding.code, finding)
    return list(found.values())


def _ask_all(situation: Situation) -> Iterator[Finding]:
    for asked in list(RULES.values()):
        if not asked.fits(situation.error):
            continue
        try:
            advice = asked.judge(situation)
        except Exception:  # noqa: S112  # the law on top
            continue
        if advice is not None:
            yield Finding(
                asked.code,
                asked.title,
                advice.says,
                advice.fix,
                advice.notes,
                advice.example,
                advice.where,
            )


_QUOTED = re.compile(r"'([^'\n]{1,200})'")


def quoted(text: str) -> list[str]:
    """The words in single quotes of an error's text."""
    return _QUOTED.findall(text)
