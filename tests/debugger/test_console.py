import sys

import pytest

from costrel.debugger.console import Console, HTMLStringO, ThreadedStream


@pytest.fixture(autouse=True)
def streams():
    before = sys.stdout
    yield
    sys.stdout = before


def test_an_expression_shows_its_value_escaped():
    assert Console().eval("'<' * 3") == (
        '&gt;&gt;&gt; &#39;&lt;&#39; * 3\n<span class="object">&#39;&lt;&lt;&lt;&#39;</span>\n'
    )


def test_what_is_printed_is_returned_and_not_printed(capsys):
    assert "hi &lt;\n" in Console().eval("print('hi <')")
    assert "hi" not in capsys.readouterr().out


def test_variables_are_seen_and_kept():
    console = Console({"outer": 1}, {"inner": 2})
    console.eval("total = outer + inner")
    assert ">3<" in console.eval("total")
    assert console.eval("None") == "&gt;&gt;&gt; None\n"


def test_a_statement_of_several_lines_is_run_when_it_is_complete():
    console = Console()
    assert console.eval("def f(x):") == "&gt;&gt;&gt; def f(x):\n"
    assert console.eval("    return x * 2").startswith("... ")
    console.eval("")
    assert ">14<" in console.eval("f(7)")


@pytest.mark.parametrize("code", ["1/0", "raise SystemExit", "a b"])
def test_an_error_is_shown_and_does_not_leave(code):
    assert "Error" in Console().eval(code) or "SystemExit" in Console().eval(code)


def test_help_and_dump_are_there():
    console = Console()
    assert "Type help(object)" in console.eval("help")
    assert "<pre>" in console.eval("help(len)")
    assert "Type help(object)" in console.eval("help()")
    assert "Items" in console.eval("dump({'a': 1})")


def test_a_stream_of_html_escapes_and_begins_anew():
    stream = HTMLStringO()
    assert not stream.isatty()
    assert stream.write("<") == 1
    stream.writelines(["a", "&"])
    assert stream.reset() == "&lt;a&amp;"
    assert stream.reset() == ""


def test_outside_a_console_the_stream_is_the_one_before(capsys):
    ThreadedStream.push()
    print("captured")
    assert ThreadedStream.fetch() == "captured\n"
    assert ThreadedStream.fetch() == ""
    print("not captured")
    assert capsys.readouterr().out == "not captured\n"
