"""The console in a frame."""

import sys
from threading import Thread

import pytest

from costrel import Flask, current_app
from costrel.debugger.frame_console import LONGEST_OUTPUT, FrameConsole
from costrel.debugger.frame_views import view_chain
from costrel.debugger.shown_values import Secrets


@pytest.fixture
def console():
    """A console in the frame of a function that has failed."""

    def fail():
        items = [1, 2, 3]
        return items[7]

    try:
        fail()
    except IndexError as error:
        frame = view_chain(error, Secrets())[-1].frames[-1]
    return FrameConsole(frame, None, Secrets(None, "hide-this-text"))


@pytest.mark.parametrize(
    ("code", "output"),
    [
        ("1+1", "2\n"),
        ("items", "[1, 2, 3]\n"),
        ("None", ""),
        ("print('x')", "x\n"),
        ("x = 5\nx * 2", "10\n"),
        ("for n in items:\n    print(n)", "1\n2\n3\n"),
        ("import asyncio\nawait asyncio.sleep(0, 'waited')", "'waited'\n"),
        ("raise SystemExit(3)", "SystemExit: 3\n"),
        ("(", "SyntaxError: '(' was never closed\n"),
        ("", ""),
        ("'hide-this-text'", "'••••••'\n"),
    ],
)
def test_code_is_run_and_its_value_shown(console, code, output):
    assert console.run(code).endswith(output)


def test_what_is_set_is_there_for_the_next_line(console):
    console.run("y = 5")
    console.run("double = lambda: y * 2")
    assert console.run("double()") == "10\n"
    assert console.run("_") == "10\n"
    assert console.run("[n for n in items if n < y]") == "[1, 2, 3]\n"


def test_an_error_is_shown_without_the_consoles_own_steps(console):
    text = console.run("def f():\n    return 1 / 0\nf()")
    assert text.startswith('Traceback (most recent call last):\n  File "<console>", line 3')
    assert "frame_console.py" not in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_output_is_bounded_and_the_servers_own_is_untouched(console, capsys):
    assert len(console.run("print('x' * 1_000_000)")) <= LONGEST_OUTPUT
    assert (
        len(
            console.run(
                "while True: print('x' * 10_000); 1/0 if sys.stdout.kept.tell() > 1e4 else 0"
            )
        )
        > 0
    )
    assert "long" in console.run("x" * 30_000)
    assert capsys.readouterr().out == ""
    before = sys.stdout
    console.names["other"] = lambda: Thread(target=lambda: print("of another thread"))
    console.run("thread = other(); thread.start(); thread.join()")
    assert capsys.readouterr().out == "of another thread\n"
    assert sys.stdout is before


def test_the_request_is_the_current_one_meanwhile():
    app = Flask("shop")
    context = app.test_request_context("/path?a=1")
    try:
        raise ValueError
    except ValueError as error:
        frame = view_chain(error, Secrets())[-1].frames[-1]
    console = FrameConsole(frame, context, Secrets())
    assert console.run("from costrel import request\nrequest.args['a']") == "'1'\n"
    with pytest.raises(RuntimeError):
        current_app.name
