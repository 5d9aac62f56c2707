import os
import signal
import threading
import time

from app import app
from waitress import create_server

server = create_server(app, listen=f"127.0.0.1:{os.environ.get('PORT', '8000')}")


def let_requests_end():
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(
        channel.requests or channel.total_outbufs_len
        for channel in list(server.active_channels.values())
    ):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


# Shells have the programs that they put into the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=let_requests_end).start())
server.run()
