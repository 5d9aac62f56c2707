"""Files, the environment and services that are not there."""

import os
import socket
import urllib.request

from costrel.debugger.advice import advise


def test_a_relative_path_is_told_with_where_it_starts(mistake, tmp_path):
    (tmp_path / "words.txt").write_text("x")
    told = mistake(lambda: open("words.txt"))["CST908"]
    assert os.getcwd() in told["says"]
    assert "words.txt" in told["notes"][0]


def test_a_service_that_does_not_run_is_told(mistake):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        found = mistake(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/"))
    assert "Nothing accepts connections" in found["CST909"]["says"]


def test_a_service_is_named_by_its_port():
    error = ConnectionRefusedError("connection to 127.0.0.1 port 6379 refused")
    (found,) = [one for one in advise(error) if one.code == "CST909"]
    assert found.says == "Nothing accepts connections on port 6379, where Redis usually is."


def test_a_variable_that_is_not_set_is_told(mistake, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", "x")
    told = mistake(lambda: os.environ["SHOP_DATABSE"])["CST911"]
    assert "Did you mean 'SHOP_DATABASE'?" in told["fix"]
    assert ".env" in told["fix"]


def test_a_file_that_may_not_be_read_is_told(advice_on):
    def read():
        raise PermissionError(13, "Permission denied", "/root/secret")

    assert "/root/secret" in advice_on(read)["CST912"]["says"]


def test_a_port_that_may_not_be_taken_is_told(advice_on):
    def listen():
        raise PermissionError(13, "Permission denied")

    assert "1024" in advice_on(listen)["CST912"]["fix"]
