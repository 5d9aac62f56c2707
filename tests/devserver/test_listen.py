import errno
import os
import socket
import subprocess

import pytest

from costrel.devserver import listen as module
from costrel.devserver.listen import (
    CannotListen,
    PortTaken,
    find_holder,
    listen,
    listen_here,
    listen_near,
)


def close(sockets):
    for bound in sockets:
        bound.close()


def test_port_0_takes_one_that_is_free_and_listens():
    bound = listen("127.0.0.1", 0)
    host, port = bound[0].getsockname()
    with socket.create_connection((host, port), timeout=5):
        pass
    assert port > 0
    close(bound)


def test_a_name_is_listened_on_at_each_of_its_addresses_with_one_port(monkeypatch):
    infos = [(socket.AF_INET, 1, 6, "", (address, 0)) for address in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [*infos, infos[0]])
    bound = listen("twice.test", 0)
    addresses = [found.getsockname() for found in bound]
    close(bound)
    assert [host for host, _ in addresses] == ["127.0.0.1", "127.0.0.2"]
    assert len({port for _, port in addresses}) == 1


def test_an_address_that_the_machine_lacks_is_passed_over_beside_one_it_has(monkeypatch):
    infos = [(socket.AF_INET, 1, 6, "", (address, 0)) for address in ("127.0.0.1", "192.0.2.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: infos)
    bound = listen("half.test", 0)
    close(bound)
    assert len(bound) == 1


def test_a_taken_port_says_by_whom_and_what_to_do_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            listen("127.0.0.1", port)
    text = caught.value.strerror
    assert caught.value.errno == errno.EADDRINUSE
    assert f"127.0.0.1 port {port} is already in use" in text
    assert f"choose another port than {port}" in text
    assert "\n" not in text
    if os.path.exists("/proc/net/tcp"):
        assert f"kill {os.getpid()}" in text


def test_the_holder_of_a_port_nobody_holds_is_not_known():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    assert find_holder(port) is None


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="needs Linux")
def test_the_holder_of_a_port_is_named_by_program_and_script():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        pid, name = find_holder(holder.getsockname()[1])
    assert pid == os.getpid()
    assert "py" in name


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(CannotListen, match="from 1 to 65535"):
        listen("127.0.0.1", port)


def test_an_unknown_host_says_which_to_use(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        CannotListen, match=r"no address for the host 'nowhere\.test'.*127\.0\.0\.1"
    ):
        listen("nowhere.test", 0)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "choose a port from 1024 up"),
        (errno.EADDRNOTAVAIL, "not an address of this machine"),
        (errno.ENOBUFS, os.strerror(errno.ENOBUFS)),
    ],
)
def test_other_failures_say_what_to_do(monkeypatch, number, words):
    def fail(*args):
        raise OSError(number, "no")

    monkeypatch.setattr(module, "_bind", fail)
    with pytest.raises(CannotListen, match=words) as caught:
        listen("127.0.0.1", 80)
    assert not isinstance(caught.value, PortTaken)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_a_unix_socket_left_behind_is_replaced_and_one_in_use_is_not(tmp_path):
    path = tmp_path / "s"
    close(listen(f"unix://{path}", 0))
    assert path.is_socket()
    bound = listen(f"unix://{path}", 0)
    with pytest.raises(PortTaken, match="already in use"):
        listen(f"unix://{path}", 0)
    close(bound)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_a_file_that_is_no_socket_is_not_removed_for_one(tmp_path):
    path = tmp_path / "precious"
    path.write_text("x")
    with pytest.raises(CannotListen):
        listen(f"unix://{path}", 0)
    assert path.read_text() == "x"


def has_ipv6():
    bound = listen_here(0)
    close(bound)
    return len(bound) == 2


HAS_IPV6 = has_ipv6()


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no ::1")
def test_this_machine_is_both_of_its_addresses():
    bound = listen_here(0)
    port = bound[0].getsockname()[1]
    hosts = [one.getsockname()[0] for one in bound]
    with socket.create_connection(("::1", port), timeout=5):
        pass
    close(bound)
    assert hosts == ["127.0.0.1", "::1"]


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no ::1")
def test_a_server_on_either_address_has_the_port():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as holder:
        with pytest.raises(PortTaken):
            listen_here(holder.getsockname()[1])


def test_a_port_is_not_shared_with_a_server_that_would_share_it():
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(PortTaken):
                listen(host, holder.getsockname()[1])


def test_the_next_free_port_is_taken_and_told():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        bound, told = listen_near(port)
        used = bound[0].getsockname()[1]
        close(bound)
    assert port < used < port + 20
    assert f"Port {port} is in use by " in told
    assert told.endswith(f"this takes {used}.")


def test_nothing_is_told_of_a_port_that_is_free():
    bound, told = listen_near(0, "127.0.0.1")
    close(bound)
    assert told == ""


def test_the_search_for_a_port_ends(monkeypatch):
    monkeypatch.setattr("costrel.devserver.listen.NEXT_PORTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as holder, pytest.raises(PortTaken):
        listen_near(holder.getsockname()[1])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("p77\ncpython3.12\nf3\n", (77, "python3.12")),
        (
            "p5\ncControlCe\nf9\n",
            (5, "AirPlay (System Settings, AirDrop & Handoff, AirPlay Receiver turns it off)"),
        ),
        ("", None),
    ],
)
def test_on_a_mac_lsof_tells_who_has_a_port(monkeypatch, told, expected):
    monkeypatch.setattr("costrel.devserver.listen.sys.platform", "darwin")
    answer = subprocess.CompletedProcess([], 0, stdout=told)
    monkeypatch.setattr("costrel.devserver.listen.subprocess.run", lambda *a, **k: answer)
    assert find_holder(5000) == expected
