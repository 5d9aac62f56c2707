"""abort: raise the HTTP error of a status code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from costrel.http.exceptions import HTTPException, default_exceptions

if TYPE_CHECKING:
    from costrel.http.response import Response


class Aborter:
    """Raises the exception for a code; `mapping` replaces the table, `extra` adds to it."""

    def __init__(
        self,
        mapping: dict[int, type[HTTPException]] | None = None,
        extra: dict[int, type[HTTPException]] | None = None,
    ) -> None:
        self.mapping = {**(default_exceptions if mapping is None else mapping), **(extra or {})}

    def __call__(self, code: int | Response, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise the exception for `code`, or one that answers with the given response."""
        if not isinstance(code, int) and hasattr(code, "get_wsgi_response"):
            raise HTTPException(response=code)
        kind = self.mapping.get(code)  # type: ignore[arg-type]  # no response has come this far
        if kind is None:
            known = ", ".join(map(str, self.mapping))
            raise LookupError(
                f"No exception is known for {code!r}. Give a response or one of {known},"
                " or make an Aborter with extra={code: exception}."
            )
        raise kind(*args, **kwargs)


_abort = Aborter()


def abort(code: int | Response, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise the exception for a code, made with the further arguments, or answer a response."""
    _abort(code, *args, **kwargs)
