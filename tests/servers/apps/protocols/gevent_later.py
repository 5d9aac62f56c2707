"""gevent comes after the app was made, as in a program that imports it late."""

import app  # noqa: F401  it is here first
import gevent_server  # noqa: F401  serves
