import socket

import pytest

from costrel.devserver import banner
from costrel.devserver.banner import get_interface_ip, greet, say, urls_of, wants_colour


class Bound:
    def __init__(self, *address, family=socket.AF_INET):
        self.address = address
        self.family = family

    def getsockname(self):
        return self.address if len(self.address) > 1 else self.address[0]


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(banner, "get_interface_ip", lambda family: "192.0.2.33")


def test_a_loopback_address_has_one_url():
    assert urls_of([Bound("127.0.0.1", 5000)], "http") == ["http://127.0.0.1:5000"]


def test_an_ipv6_address_stands_in_brackets():
    bound = Bound("::1", 5000, 0, 0, family=socket.AF_INET6)
    assert urls_of([bound], "https") == ["https://[::1]:5000"]


def test_all_addresses_are_this_machines_and_the_networks(network):
    assert urls_of([Bound("0.0.0.0", 80)], "http") == [
        "http://127.0.0.1:80",
        "http://192.0.2.33:80",
    ]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_a_unix_socket_is_named_by_its_path():
    assert urls_of([Bound("/run/s", family=socket.AF_UNIX)], "http") == ["unix:///run/s"]


def test_the_greeting_says_what_where_and_how_to_stop(capsys):
    greet("hello", [Bound("127.0.0.1", 5000)], "http", debug=False)
    said = capsys.readouterr().err
    assert "'hello'" in said
    assert "debug off" in said
    assert "Running on http://127.0.0.1:5000" in said
    assert "Ctrl-C" in said
    assert "WARNING" not in said


@pytest.mark.parametrize(
    ("debug", "words"),
    [
        (True, "source, values and the console are for this machine only"),
        (False, "sees the program. Use"),
    ],
)
def test_all_addresses_are_warned_of_once(capsys, network, debug, words):
    greet(None, [Bound("0.0.0.0", 5000)], "http", debug=debug)
    said = capsys.readouterr().err
    assert said.count("WARNING") == 1
    assert words in said
    assert "http://192.0.2.33:5000" in said


@pytest.mark.parametrize(
    ("env", "debug", "is_told"),
    [("development", False, True), ("development", True, False), ("production", False, False)],
)
def test_who_sets_flask_env_is_told_what_to_set(capsys, monkeypatch, env, debug, is_told):
    monkeypatch.setenv("FLASK_ENV", env)
    greet("hello", [Bound("127.0.0.1", 5000)], "http", debug=debug)
    assert ("FLASK_ENV turns nothing on: use --debug" in capsys.readouterr().err) is is_told


def test_debug_mode_without_the_debugger_is_debug_mode_all_the_same(capsys, network):
    greet("hello", [Bound("0.0.0.0", 5000)], "http", debug=True, has_pages=False)
    said = capsys.readouterr().err
    assert "debug on" in said
    assert "sees the program. Use" in said


def test_colour_is_for_terminals_only_and_no_color_is_respected(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    say("a", "red")
    assert terminal.text == "\x1b[31ma\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour()
    say("b", "red")
    assert terminal.text.endswith("\nb\n")


def test_a_stderr_that_is_closed_has_no_colour(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", None)
    assert not wants_colour()


def test_without_a_network_the_address_is_loopback(monkeypatch):
    class Unconnected(socket.socket):
        def connect(self, address):
            raise OSError("no route")

    monkeypatch.setattr(socket, "socket", Unconnected)
    assert get_interface_ip(socket.AF_INET) == "127.0.0.1"
