import os
import signal
import socket
import sys
import threading

import pytest

from costrel.devserver import supervisor
from costrel.devserver.supervisor import (
    RESTART,
    Child,
    adopt_sockets,
    can_supervise,
    command_line,
    ensure_echo_on,
    is_running_from_reloader,
    restart_on_change,
)


class FakeChild:
    """A child whose exit codes are given; None means that it runs."""

    def __init__(self, *codes):
        self.codes = list(codes)
        self.steps = []
        self.process = object()

    def ended_with(self):
        return self.codes.pop(0) if self.process and self.codes else None

    def start(self):
        self.steps.append("start")
        self.process = object()

    def stop(self):
        self.steps.append("stop")

    def give_up(self, code):
        self.given_up = code
        self.process = None


def watch(child, *changes):
    return supervisor._watch_child(child, iter(changes))


def test_a_change_starts_the_program_anew(capsys):
    child = FakeChild()
    assert watch(child, [], ["app.py"], []) == 0
    assert child.steps == ["stop", "start"]
    assert "Detected change in 'app.py'\n" in capsys.readouterr().err


def test_several_changes_are_one_start(capsys):
    child = FakeChild()
    watch(child, ["a.py", "b.py", "c.py"])
    assert child.steps == ["stop", "start"]
    assert "Detected change in 'a.py' and 2 more\n" in capsys.readouterr().err


def test_a_program_that_ended_in_good_order_ends_its_supervisor():
    assert watch(FakeChild(None, 0), [], [], ["never.py"]) == 0


def test_a_program_that_was_stopped_by_a_signal_ends_its_supervisor():
    assert watch(FakeChild(-signal.SIGTERM), [], ["never.py"]) == 0


def test_a_program_that_failed_is_told_of_once_and_waited_for(capsys):
    child = FakeChild(1)
    assert watch(child, [], [], [], ["app.py"], []) == 0
    assert capsys.readouterr().err.count("exit code 1") == 1
    assert child.steps == ["stop", "start"]


def test_a_mistaken_command_is_given_up_at_once_but_not_after_a_change():
    assert watch(FakeChild(2), [], ["never.py"]) == 2
    child = FakeChild(None, 2)
    assert watch(child, ["app.py"], [], []) == 0


def test_a_program_may_ask_to_be_started_anew():
    child = FakeChild(RESTART)
    assert watch(child, []) == 0
    assert child.steps == ["start"]


@pytest.fixture
def no_reloader(monkeypatch):
    for name in ("WERKZEUG_RUN_MAIN", "COSTREL_SERVER_FDS", "COSTREL_PARENT_PIPE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_a_process_is_a_child_by_its_mark(no_reloader, monkeypatch):
    assert not is_running_from_reloader()
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    assert is_running_from_reloader()


def test_sockets_are_adopted_once_and_not_passed_on(no_reloader, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as bound:
        copy = os.dup(bound.fileno())
        os.set_inheritable(copy, True)
        monkeypatch.setenv("COSTREL_SERVER_FDS", str(copy))
        adopted = adopt_sockets()
        assert adopted[0].getsockname() == bound.getsockname()
        assert adopted[0].get_inheritable() is False
        adopted[0].close()
    assert adopt_sockets() == []


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_child_stops_when_its_supervisor_is_gone(no_reloader, monkeypatch):
    read, write = os.pipe()
    stopped = threading.Event()
    monkeypatch.setattr(supervisor.os, "kill", lambda pid, number: stopped.set())
    monkeypatch.setenv("COSTREL_PARENT_PIPE", str(read))
    adopt_sockets()
    assert not stopped.wait(0.05)
    os.close(write)
    assert stopped.wait(5)
    os.close(read)


def test_a_program_is_started_again_by_its_own_command(monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-X", "dev", "-m", "hello", "a b"])
    assert command_line() == [sys.executable, "-X", "dev", "-m", "hello", "a b"]
    assert can_supervise() is None


@pytest.mark.parametrize("argv", [["python3"], ["python3", "-"]])
def test_a_program_that_was_typed_in_cannot_be_started_again(monkeypatch, argv):
    monkeypatch.setattr(sys, "orig_argv", argv)
    assert "typed in" in can_supervise()


def test_a_program_in_a_thread_cannot_be_supervised():
    said = []
    thread = threading.Thread(target=lambda: said.append(can_supervise()))
    thread.start()
    thread.join()
    assert said == ["it runs in a thread"]


@pytest.mark.skipif(os.name != "posix", reason="needs inherited sockets")
def test_a_child_gets_the_marks_and_stops_when_it_is_told(no_reloader, monkeypatch):
    code = (
        "import os, socket, sys\n"
        "fds = os.environ['COSTREL_SERVER_FDS']\n"
        "assert os.environ['WERKZEUG_RUN_MAIN'] == 'true'\n"
        "client, _ = socket.socket(fileno=int(fds)).accept()\n"
        "client.sendall(b'up')\n"
        "os.read(int(os.environ['COSTREL_PARENT_PIPE']), 1)\n"
    )
    monkeypatch.setattr(sys, "orig_argv", ["python", "-c", code])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        child = Child([bound])
        assert child.ended_with() is None
        child.stop()
        child.start()
        with socket.create_connection(bound.getsockname(), timeout=10) as client:
            assert client.recv(2) == b"up"
        assert child.ended_with() is None
        process = child.process
        child.stop()
        os.close(child.pipe)
        os.close(child.kept_end)
    assert process.returncode == -signal.SIGTERM


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_child_that_does_not_listen_is_killed(no_reloader, monkeypatch):
    code = "import signal, os; signal.signal(15, signal.SIG_IGN); os.write(1, b'r'); signal.pause()"
    monkeypatch.setattr(sys, "orig_argv", ["python", "-c", code])
    monkeypatch.setattr(supervisor, "GRACE", 0.1)
    read, write = os.pipe()
    before = supervisor.subprocess.Popen
    monkeypatch.setattr(
        supervisor.subprocess, "Popen", lambda *a, **k: before(*a, stdout=write, **k)
    )
    child = Child([])
    child.start()
    assert os.read(read, 1) == b"r"
    process = child.process
    child.stop()
    for number in (read, write, child.pipe, child.kept_end):
        os.close(number)
    assert process.returncode == -signal.SIGKILL


def test_supervising_ends_with_its_child_and_keeps_the_handlers_of_others(monkeypatch):
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    child = FakeChild(0)
    monkeypatch.setattr(supervisor, "Child", lambda *args: child)
    monkeypatch.setattr("costrel.devserver.watcher.watch_sources", lambda *args: iter([[], []]))
    try:
        assert restart_on_change([]) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert child.steps == ["start", "stop"]


def test_the_terminal_is_left_alone_where_there_is_none(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    ensure_echo_on()


@pytest.mark.skipif(os.name != "posix", reason="needs pseudo-terminals")
def test_a_terminal_that_hides_what_is_typed_shows_it_again(monkeypatch):
    import pty
    import termios

    leader, follower = pty.openpty()
    settings = termios.tcgetattr(follower)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(follower, termios.TCSANOW, settings)
    with os.fdopen(follower) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        ensure_echo_on()
        assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(leader)


@pytest.mark.skipif(os.name != "posix", reason="needs inherited pipes")
def test_advice_on_a_child_that_failed_is_told_in_the_terminal(no_reloader, monkeypatch, capsys):
    code = "raise ValueError(\"rule 'about' must start with a slash\")"
    monkeypatch.setattr(sys, "orig_argv", ["python", "-c", code])
    monkeypatch.delenv("COSTREL_FINDINGS_FD", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        child = Child([bound])
        child.start()
        child.give_up(child.process.wait(20))
        child.stop()
    for number in (child.pipe, child.kept_end, child.findings.reader, child.findings.writer):
        os.close(number)
    assert "CST710 A rule must begin with a slash\n" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="needs inherited sockets")
def test_a_child_that_failed_is_stood_in_for_until_it_is_started_again(no_reloader, monkeypatch):
    from costrel.devserver import stand_in

    monkeypatch.setattr(stand_in, "NOTICE", 0.01)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-c", "raise OSError('no disk')"])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        child = Child([bound])
        child.start()
        code = child.process.wait(20)
        child.give_up(code)
        assert child.ended_with() is None
        with socket.create_connection(bound.getsockname(), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n")
            answer = b""
            while chunk := client.recv(1000):
                answer += chunk
        child.start()
        assert child.stand_in is None
        child.stop()
        for number in (child.pipe, child.kept_end):
            os.close(number)
    assert code == 1
    assert b'"message": "no disk"' in answer


def test_without_a_socket_nobody_stands_in():
    child = Child([])
    child.give_up(1)
    assert child.stand_in is None
    for number in (child.pipe, child.kept_end):
        os.close(number)
