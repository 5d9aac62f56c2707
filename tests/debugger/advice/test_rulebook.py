"""The engine of advice, and that every rule has its page and its test."""

import os
import re
from pathlib import Path

import pytest

from costrel.debugger.advice import RULES, Advice, advise, page_of, rule
from costrel.debugger.advice.rulebook import PAGES

ROOT = Path(__file__).resolve().parents[3]
TITLES = {
    "forms-and-bodies": "Forms and bodies",
    "routing": "Routing and links",
    "templates": "Templates",
    "contexts": "Contexts",
    "sessions": "Sessions",
    "responses": "Responses",
    "setup": "Setting up and starting",
    "async": "Async code",
    "data": "Data, files and services",
}


def page_text(page):
    """The page of docs that the rules make."""
    lines = [
        f"# {TITLES[page]}: errors and their fixes\n",
        (
            "In debug mode costrel recognises these mistakes. Each has a code, shown on the debug "
            "page, in the\nterminal and in JSON answers, with what it found in your program.\n"
        ),
    ]
    for code in sorted(RULES):
        if PAGES[code[3]] == page:
            known = RULES[code]
            lines += [f'<a id="{code.lower()}"></a>\n', f"## {code}: {known.title}\n", known.text]
            lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize("page", sorted(TITLES))
def test_every_code_is_documented(page):
    path = ROOT / "docs" / "errors" / f"{page}.md"
    if os.environ.get("COSTREL_WRITE_DOCS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page_text(page), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page_text(page), (
        "The rules have changed: COSTREL_WRITE_DOCS=1 pytest tests/debugger/advice writes the pages"
    )


def test_every_rule_is_tested_by_a_program():
    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*_advice.py"))
    assert [code for code in RULES if code not in texts] == []


def test_there_are_enough_rules_and_each_says_what_it_is_about():
    assert len(RULES) >= 40
    for known in RULES.values():
        assert re.fullmatch(r"CST[1-9]\d\d", known.code)
        assert known.title
        assert len(known.text) > 40, known.code
        assert known.kinds


def test_a_code_is_given_once():
    with pytest.raises(ValueError, match="CST101 is taken by missing_form_key"):
        rule("CST101", ValueError)(lambda situation: None)


@pytest.fixture
def extra_rule(monkeypatch):
    """Declares a rule for one test."""
    monkeypatch.setattr("costrel.debugger.advice.rulebook.RULES", dict(RULES))
    return rule


def test_a_rule_that_fails_says_nothing(extra_rule):
    def judge(situation):
        """A rule with a mistake."""
        raise KeyError

    extra_rule("CST999", ArithmeticError)(judge)
    assert advise(ArithmeticError()) == []


def test_causes_and_members_of_groups_are_looked_at(extra_rule):
    def judge(situation):
        """A rule for a test."""
        return Advice("It is one.", "Divide less.")

    extra_rule("CST999", ZeroDivisionError)(judge)
    error = RuntimeError()
    error.__cause__ = ZeroDivisionError()
    assert [found.code for found in advise(error)] == ["CST999"]
    group = ExceptionGroup("many", [ValueError(), ExceptionGroup("more", [ZeroDivisionError()])])
    assert [found.code for found in advise(group)] == ["CST999"]


def test_a_chain_that_is_a_ring_comes_to_an_end():
    first, second = ValueError(), ValueError()
    first.__context__, second.__context__ = second, first
    assert advise(first) == []


def test_an_error_whose_text_cannot_be_made_is_no_trouble():
    class Sulky(ValueError):
        def __str__(self):
            raise RuntimeError

    assert advise(Sulky()) == []


def test_a_finding_tells_its_page():
    assert page_of("CST101") == "docs/errors/forms-and-bodies.md#cst101"
