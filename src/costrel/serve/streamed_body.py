"""StreamedBody: a body that is made while it is sent, within its request's context.

Law: the context is entered for each step and left after it, so that no thread is ever left with
it; its teardown runs once, when the body ends, fails or is closed because the client went away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from costrel.serve.current import CURRENT

if TYPE_CHECKING:
    from costrel.serve.context import RequestContext


class StreamedBody:
    """What a WSGI server iterates over for a streamed response.

    :param ctx: the request's context, which has been left but not torn down.
    :param body: the response's body as bytes.
    """

    def __init__(self, ctx: RequestContext, body: Iterable[bytes]) -> None:
        self.ctx = ctx
        self.body = body
        self.chunks = iter(body)
        self.is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = CURRENT.set(self.ctx)
        try:
            return next(self.chunks)
        except StopIteration:
            self.finish()
            raise
        except BaseException as error:
            self.ctx.error = error
            self.finish()
            raise
        finally:
            CURRENT.reset(token)

    def close(self) -> None:
        """Close the body and end the request; nothing happens the second time."""
        self.finish()

    def finish(self) -> None:
        """Close the body within the context, then tear the context down."""
        if not self.is_open:
            return
        self.is_open = False
        self.ctx.enter_again()
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            self.ctx.pop(self.ctx.error)
