import io
import logging
import sys
from types import SimpleNamespace

import pytest

from costrel.parts.log_lines import wsgi_errors_stream
from costrel.parts.logger import create_logger, default_handler, has_level_handler


@pytest.fixture(autouse=True)
def bare_root(monkeypatch, pytestconfig):
    plugin = pytestconfig.pluginmanager.unregister(name="logging-plugin")
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    yield
    pytestconfig.pluginmanager.register(plugin, "logging-plugin")


@pytest.fixture
def make_logger(request):
    made = []

    def make(debug=False, name=request.node.name):
        made.append(create_logger(SimpleNamespace(name=name, debug=debug)))
        return made[-1]

    yield make
    for logger in made:
        logger.handlers = []
        logger.setLevel(logging.NOTSET)


def test_the_logger_is_named_after_the_app(make_logger):
    logger = make_logger(name="some.app")
    assert logger is logging.getLogger("some.app")
    assert logger.level == logging.NOTSET
    assert logger.handlers == [default_handler]


def test_in_debug_the_logger_tells_everything(make_logger):
    assert make_logger(debug=True).level == logging.DEBUG


def test_in_debug_a_level_that_was_set_stays(make_logger):
    make_logger().setLevel(logging.ERROR)
    assert make_logger(debug=True).level == logging.ERROR


def test_a_handler_that_is_there_is_enough(make_logger):
    logging.root.addHandler(logging.StreamHandler())
    assert make_logger().handlers == []


def test_the_default_handler_is_added_once(make_logger):
    make_logger()
    assert make_logger().handlers == [default_handler]


def test_a_handler_counts_where_it_would_write_messages_of_the_level(make_logger):
    logger = logging.getLogger("one.two")
    assert not has_level_handler(logger)
    handler = logging.StreamHandler()
    logging.root.addHandler(handler)
    assert has_level_handler(logger)
    logger.propagate = False
    assert not has_level_handler(logger)
    logger.propagate = True
    handler.setLevel(logging.ERROR)
    assert not has_level_handler(logger)


def test_lines_go_to_the_stream_of_the_moment(make_logger, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(wsgi_errors_stream, "find", lambda: stream)
    make_logger().error("a\nb")
    assert stream.getvalue().endswith("ERROR in test_logger: a\nb\n")


def test_b13_the_text_of_an_exception_cannot_steer_the_terminal(make_logger, monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    try:
        raise ValueError("/x\x1b[31m\r\x9b\ud800é\t☃")
    except ValueError:
        make_logger().exception("failed")
    written = sys.stderr.getvalue()
    assert "ValueError: /x\\x1b[31m\\x0d\\x9b\\ud800é\t☃\n" in written
    assert written.count("\n") > 3


def test_b13_further_lines_of_an_errors_text_are_indented(make_logger, monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    try:
        try:
            raise ValueError("inner\n[2026-01-01 00:00:00,000] ERROR in app: forged")
        except ValueError as inner:
            error = RuntimeError("outer\u2028\n\nforged")
            error.add_note("a note\nforged")
            raise error from inner
    except RuntimeError:
        make_logger().exception("failed")
    written = sys.stderr.getvalue()
    assert "ValueError: inner\n    [2026-01-01 00:00:00,000] ERROR in app: forged\n" in written
    assert "RuntimeError: outer\\u2028\n    \n    forged\na note\n    forged\n" in written


def test_an_error_whose_text_cannot_be_made_is_written_all_the_same(make_logger, monkeypatch):
    class Silent(Exception):
        def __str__(self):
            raise ValueError

    monkeypatch.setattr("sys.stderr", io.StringIO())
    try:
        raise Silent
    except Silent:
        make_logger().exception("failed")
    assert "Silent" in sys.stderr.getvalue()


def test_errors_in_a_circle_and_in_groups_are_written_once_each(make_logger, monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    first, second = ValueError("a\nb"), ValueError("c\nd")
    first.__context__, second.__context__ = second, first
    make_logger().error("failed", exc_info=ExceptionGroup("all", [first, second]))
    assert not {"b", "d"} & set(sys.stderr.getvalue().split("\n"))
