from gevent import monkey

monkey.patch_all()

import os
import signal

import gevent
from app import app
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

address = ("127.0.0.1", int(os.environ.get("PORT", "8000")))
server = WSGIServer(address, app, spawn=Pool(1000))
gevent.signal_handler(signal.SIGTERM, server.stop, 10)
server.serve_forever(stop_timeout=10)
