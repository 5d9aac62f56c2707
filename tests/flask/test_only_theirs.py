import logging
import pickle
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from costrel.flask import only_theirs
from costrel.http.content_policy import ContentSecurityPolicy


@pytest.mark.parametrize(("text", "number"), [("0", 0), (" 12 ", 12), ("-5", -5)])
def test_plain_digits_are_a_number(text, number):
    assert only_theirs.plain_int(text) == number


@pytest.mark.parametrize("text", ["", "+1", "1_0", "\u0661", "1.0", "--1", "1 2"])
def test_anything_else_is_no_number(text):
    with pytest.raises(ValueError, match="ASCII digits"):
        only_theirs.plain_int(text)


@pytest.mark.parametrize("text", ["", "plain", "é/ü", "\U0001f600"])
def test_wsgi_strings_and_text_turn_into_each_other(text):
    assert only_theirs.wsgi_decoding_dance(only_theirs.wsgi_encoding_dance(text)) == text


def test_bytes_that_are_no_utf8_are_replaced():
    assert only_theirs.wsgi_decoding_dance("\xff") == "\ufffd"


def test_datetimes_become_utc():
    naive = datetime(2024, 1, 2, 3)
    assert only_theirs.dt_as_utc(naive) == naive.replace(tzinfo=UTC)
    assert only_theirs.dt_as_utc(naive.replace(tzinfo=timezone(timedelta(hours=2)))).hour == 1
    assert only_theirs.dt_as_utc(None) is None


def test_the_mark_for_no_value_is_one_object():
    assert pickle.loads(pickle.dumps(only_theirs.missing)) is only_theirs.missing
    assert repr(only_theirs.missing) == "no value"


def test_an_environ_is_taken_from_a_request_or_as_it_is():
    class Request:
        environ = {"a": 1}

    assert only_theirs.get_environ(Request()) is only_theirs.get_environ(Request.environ)


@pytest.fixture
def logger(monkeypatch):
    # A logger outside of the tree: pytest's own handlers do not reach it.
    found = logging.Logger("werkzeug")
    stand_in = SimpleNamespace(**vars(logging) | {"getLogger": lambda name: found})
    monkeypatch.setattr(only_theirs, "logging", stand_in)
    return found


class Recorder(logging.Handler):
    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def test_logging_sets_itself_up_where_nobody_did(logger, capsys):
    only_theirs.log("info", "%s here\n", "I am")
    assert capsys.readouterr().err == "I am here\n"
    only_theirs.log("warning", "again")
    assert len(logger.handlers) == 1


def test_logging_leaves_a_set_up_logger_alone(logger):
    recorder = Recorder()
    logger.setLevel(logging.ERROR)
    logger.addHandler(recorder)
    only_theirs.log("info", "not this")
    only_theirs.log("error", "this")
    assert recorder.texts == ["this"]
    assert logger.handlers == [recorder]


def test_a_handler_above_counts_where_records_travel_up(logger):
    child = logging.Logger("werkzeug.child", logging.INFO)
    child.parent = logger
    assert not only_theirs.has_level_handler(child)
    logger.addHandler(Recorder())
    assert only_theirs.has_level_handler(child)
    child.propagate = False
    assert not only_theirs.has_level_handler(child)


def test_a_content_type_gets_its_charset_once():
    assert only_theirs.get_content_type("text/html", "utf-8") == "text/html; charset=utf-8"
    assert only_theirs.get_content_type("image/png", "utf-8") == "image/png"


def test_a_policy_can_have_directives_of_its_own():
    class Policy(ContentSecurityPolicy):
        fancy_src = only_theirs.csp_property("fancy-source")

    policy = Policy({"fancy-source": "'self'"})
    assert policy.fancy_src == "'self'"
    policy.fancy_src = None
    assert "fancy-source" not in policy


def test_types_that_only_werkzeug_uses_can_be_named():
    weight = only_theirs.Weighting(1, [(1, -3)], 0, [])
    assert only_theirs.RulePart("abc", True, True, False, weight).weight is weight
    assert issubclass(only_theirs.UnexpectedUnicodeError, UnicodeError)
    assert issubclass(only_theirs.SlashRequired, Exception)
