import logging
import re

import pytest

from costrel.devserver.access_log import (
    LOGGER_NAME,
    format_access,
    format_time,
    get_server_logger,
    log_access,
    log_exception,
)


@pytest.fixture(autouse=True)
def fresh_logger(monkeypatch):
    logger = logging.getLogger(LOGGER_NAME)
    before = (logger.level, list(logger.handlers), logger.propagate, logger.disabled)
    logger.setLevel(logging.NOTSET)
    logger.handlers[:] = []
    yield logger
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]
    logger.propagate, logger.disabled = before[2:]


def test_a_line_tells_who_when_what_status_size_and_time():
    line = format_access("127.0.0.1", "GET /x?a=b HTTP/1.1", 200, "12", 0.0042)
    assert re.fullmatch(
        r"127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] "
        r'"GET /x\?a=b HTTP/1\.1" 200 12 4ms',
        line,
    )


def test_an_unknown_size_is_a_dash():
    assert format_access("::1", "GET / HTTP/1.1", 200, None, 0).endswith('" 200 - 0ms')


def test_the_month_does_not_depend_on_the_locale():
    assert re.match(r"\d\d/(Jan|Dec)/\d{4}", format_time(0))


@pytest.mark.parametrize("bad", ["\r", "\n", "\x1b[31m", "\x00", "\x9b", "\u2028"])
def test_control_characters_are_spelled_out(bad):
    line = format_access(f"1{bad}", f"GET /{bad}x HTTP/1.1", 200, 1, 0)
    assert bad[0] not in line
    assert "\\" in line


def test_a_quote_does_not_end_the_request_line():
    assert '\\" 500' in format_access("c", 'GET /" 500 HTTP/1.1', 200, 1, 0)


def test_lines_are_printed_where_nobody_set_logging_up(capsys):
    logging.getLogger(LOGGER_NAME).propagate = False
    log_access("127.0.0.1", "GET / HTTP/1.1", 200, 2, 0)
    assert '"GET / HTTP/1.1" 200 2' in capsys.readouterr().err


def test_a_level_that_a_program_set_is_left_alone(capsys, fresh_logger):
    fresh_logger.setLevel(logging.ERROR)
    log_access("127.0.0.1", "GET / HTTP/1.1", 200, 2, 0)
    assert get_server_logger().level == logging.ERROR
    assert capsys.readouterr().err == ""


def test_an_exception_is_logged_with_its_traceback(caplog):
    try:
        raise ValueError("\x1b[31mred")
    except ValueError:
        log_exception("GET /\n HTTP/1.1")
    record = caplog.records[-1]
    assert record.getMessage().endswith("GET /\\x0a HTTP/1.1")
    assert record.exc_info[0] is ValueError
