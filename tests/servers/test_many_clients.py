"""Many clients at once on one process, and what they leave behind: nothing."""

import asyncio
import json
import resource
import socket
import time
from pathlib import Path

import processes
import pytest
from test_protocols import SERVERS
from websockets.asyncio.client import connect

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "apps" / "protocols"
SOCKETS = 1000
STREAMS = 200


@pytest.fixture(params=["uvicorn", "granian asgi", "granian rsgi"])
def running(request, tmp_path):
    """A server that may hold as many connections as the test opens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    log = tmp_path / "events.log"
    log.touch()
    running = processes.start(
        SERVERS[request.param], FOLDER, tmp_path, PROTOCOLS_LOG=str(log), SERVER=request.param
    )
    request.node.servers = [running]
    running.name = request.param
    yield running
    processes.kill_group(running.process)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def left(running):
    """What the server process holds, asked of itself."""
    return json.loads(running.ask("GET", "/left").body)


def settled(running, before, within=15):
    """What it holds once it has come down to what it held before, or has had time to."""
    deadline = time.monotonic() + within
    while True:
        now = left(running)
        if all(now[name] <= before[name] for name in ("tasks", "files", "contexts")):
            return now
        if time.monotonic() > deadline:
            return now
        time.sleep(0.2)


async def echo_all(url, count):
    """Open all WebSockets, then have each echo twice; returns them open."""
    gate = asyncio.Semaphore(50)

    async def open_one():
        async with gate:
            return await connect(url, open_timeout=30, ping_interval=None, compression=None)

    clients = await asyncio.gather(*(open_one() for _ in range(count)))

    async def echo(number, client):
        for turn in range(2):
            await client.send(f"{number}.{turn}")
            assert await asyncio.wait_for(client.recv(), 30) == f"den: {number}.{turn}"

    await asyncio.gather(*(echo(number, client) for number, client in enumerate(clients)))
    return clients


def test_a_thousand_websockets_echo_on_one_process(running, record_property):
    running.ask("GET", "/async")
    before = left(running)

    async def test():
        clients = await echo_all(f"ws://127.0.0.1:{running.port}/ws/den", SOCKETS)
        during = await asyncio.to_thread(left, running)
        await asyncio.gather(*(client.close() for client in clients))
        return during

    during = asyncio.run(test())
    assert during["contexts"] >= SOCKETS
    each = (during["kilobytes"] - before["kilobytes"]) / SOCKETS
    record_property("kilobytes_per_connection", each)
    print(f"{running.name}: {each:.1f} kB per idle WebSocket")
    # Most of it is the server's own buffers (granian's: 130 kB), not the app's.
    assert each < 250
    after = settled(running, before)
    assert after["contexts"] <= before["contexts"]
    assert after["tasks"] <= before["tasks"]
    assert after["files"] <= before["files"]
    assert running.ask("GET", "/").text == "sync"


@pytest.mark.parametrize("path", ["/events", "/events/sync"])
def test_event_streams_whose_clients_vanish_leave_nothing(running, path):
    running.ask("GET", "/async")
    running.ask("GET", "/")
    before = left(running)
    clients = []
    for _ in range(STREAMS):
        client = socket.create_connection(("127.0.0.1", running.port), 10)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        clients.append(client)
    for client in clients:
        found = b""
        while b"data: " not in found:
            found += client.recv(4096)
    assert left(running)["contexts"] >= STREAMS
    for client in clients:
        # RST instead of FIN: nobody says good-bye.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    after = settled(running, before)
    assert after["threads"] == before["threads"] == []
    assert after["contexts"] <= before["contexts"]
    assert after["tasks"] <= before["tasks"]
    assert after["files"] <= before["files"]
