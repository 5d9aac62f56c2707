import pytest

from costrel.cli.command import cli
from costrel.cli.explain import explain_command
from costrel.debugger.advice import RULES


@pytest.mark.parametrize("code", ["CST601", "cst601", "601"])
def test_a_code_is_explained(runner, code):
    done = runner.invoke(explain_command, [code])
    assert done.exit_code == 0
    assert done.output.startswith("CST601: A view returned None\n\n  It ended without `return`")


def test_all_codes_are_listed(runner):
    lines = runner.invoke(explain_command, []).output.splitlines()
    assert [line[:6] for line in lines] == sorted(RULES)
    assert "CST601  A view returned None" in lines


@pytest.mark.parametrize("code", ["CST000", "nonsense", "CST6011"])
def test_a_code_that_is_none_says_where_all_are(runner, code):
    done = runner.invoke(explain_command, [code])
    assert done.exit_code == 2
    assert f"There is no code {code!r}; `costrel explain` lists all of them." in done.output


def test_it_needs_no_application(runner, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(cli, ["explain", "CST101"]).exit_code == 0


def test_the_terminal_says_it_of_each_finding():
    from costrel.debugger.advice.rulebook import Finding
    from costrel.debugger.debug_page import finding_lines

    finding = Finding("CST601", "A title", "It is so.", "Do this.", (), "", "app.py:7")
    assert list(finding_lines([finding]))[-1] == "  (app.py:7, costrel explain CST601)\n"
