"""TestResponse: what a test client gets back, with the request and the redirects behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from costrel.http.headers import Headers
from costrel.http.response import Response

if TYPE_CHECKING:
    from costrel.http.request import Request


class TestResponse(Response):
    """A response that knows its `request` and the responses (`history`) that redirected to it."""

    __test__ = False  # no test case, whatever its name says to pytest
    default_mimetype = None  # the app's headers are all there is

    request: Request
    history: tuple[TestResponse, ...]

    def __init__(
        self,
        response: Iterable[bytes],
        status: str,
        headers: Headers,
        request: Request,
        history: tuple[TestResponse, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(response, status, headers, **kwargs)
        self.request = request
        self.history = history

    @property
    def text(self) -> str:
        """The body as text."""
        text: str = self.get_data(as_text=True)
        return text


def answer_class(response_class: type[Response] | None) -> type[TestResponse]:
    """The TestResponse that also is a `response_class`, so that an app's own methods are there."""
    if response_class is None:
        return TestResponse
    if issubclass(response_class, TestResponse):
        return response_class
    return type("WrapperTestResponse", (TestResponse, response_class), {"__module__": __name__})
