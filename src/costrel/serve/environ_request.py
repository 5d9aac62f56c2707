"""A request over ASGI or RSGI whose class has a constructor of its own: made of an environ.

Law: such a class sees what it would see under WSGI. Its body is the one that the gateway reads
after the request was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costrel.http.wire import Wire


class LateInput:
    """The ``wsgi.input`` of a request that is made before its body has come.

    :param wire: tells the request what `raw` says.
    """

    def __init__(self, wire: Wire, raw: Any) -> None:
        self._wire = wire
        self._raw = raw
        self._file: IO[bytes] | None = None

    def _open(self) -> IO[bytes]:
        if self._file is None:
            self._file = self._wire.body(self._raw, None)
        return self._file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._open(), name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._open())


def make_environ_request(request_class: type[Any], wire: Wire, raw: Any) -> Any:
    """Make a request by its class's constructor.

    :param wire: tells what `raw` says.
    """
    environ = wire.environ(raw)
    environ["wsgi.input"] = LateInput(wire, raw)
    return request_class(environ)
