"""The cookies of a test client: kept from answers, sent with requests (RFC 6265, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from costrel.http.cookies import dump_cookie, parse_cookie
from costrel.http.dates import parse_date

Key = tuple[str, str, str]


@dataclass
class Cookie:
    """One cookie. `key` and `value` are as sent, the `decoded_` ones as an app reads them."""

    key: str
    value: str
    decoded_key: str
    decoded_value: str
    expires: datetime | None
    max_age: int | None  # seconds
    domain: str
    origin_only: bool  # sent to the very host only, not to those below it
    path: str
    secure: bool | None
    http_only: bool | None
    same_site: str | None

    @classmethod
    def _from_response_header(cls, server_name: str, path: str, header: str) -> Cookie | None:
        """Read a Set-Cookie header that answered a request to `path`; None for no cookie."""
        pair, *attributes = header.split(";")
        key, _, value = (part.strip() for part in pair.partition("="))
        if not key:
            return None
        said = {name: given for name, given in map(split_attribute, attributes) if name}
        decoded_key, decoded_value = next(parse_cookie(pair).items(), (key, value))
        domain = said.get("domain", "").lstrip(".").lower()
        return cls(
            key=key,
            value=value,
            decoded_key=decoded_key,
            decoded_value=decoded_value,
            expires=parse_date(said.get("expires")),
            max_age=parse_max_age(said.get("max-age", "")),
            domain=domain or server_name,
            origin_only="domain" not in said,
            path=said.get("path") or path.rpartition("/")[0] or "/",
            secure="secure" in said,
            http_only="httponly" in said,
            same_site=said.get("samesite") or None,
        )

    def _to_request_header(self) -> str:
        return f"{self.key}={self.value}"

    def _matches_request(self, server_name: str, path: str) -> bool:
        is_its_host = server_name == self.domain or (
            not self.origin_only and server_name.endswith(f".{self.domain}")
        )
        below = self.path if self.path.endswith("/") else f"{self.path}/"
        return is_its_host and (path == self.path or path.startswith(below))

    @property
    def _storage_key(self) -> Key:
        return self.domain, self.path, self.decoded_key

    @property
    def _should_delete(self) -> bool:
        """Whether the server asks to forget it: Max-Age decides before Expires."""
        if self.max_age is not None:
            return self.max_age <= 0
        return self.expires is not None and self.expires <= datetime.now(UTC)


def split_attribute(text: str) -> tuple[str, str]:
    """`" Path = /x"` → `("path", "/x")`."""
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip()


def parse_max_age(text: str) -> int | None:
    """Seconds, or None where it is no number (then it counts as not sent)."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


class CookieJar:
    """Cookies by domain, path and key, in the order they were first set."""

    def __init__(self) -> None:
        self._cookies: dict[Key, Cookie] = {}

    def __iter__(self) -> Iterator[Cookie]:
        return iter(self._cookies.values())

    def __len__(self) -> int:
        return len(self._cookies)

    def find(self, key: str, domain: str, path: str) -> Cookie | None:
        """The cookie set for exactly this domain and path."""
        return self._cookies.get((domain.lstrip(".").lower(), path, key))

    def add(self, cookie: Cookie) -> None:
        """Keep a cookie in place of its predecessor, or forget both when it has expired."""
        if cookie._should_delete:
            self._cookies.pop(cookie._storage_key, None)
        else:
            self._cookies[cookie._storage_key] = cookie

    def set(
        self, key: str, value: str, domain: str, path: str, *, origin_only: bool, **kwargs: Any
    ) -> None:
        """Keep a cookie as if a server had set it; `kwargs` are those of `dump_cookie`."""
        header = dump_cookie(key, value, domain=domain, path=path, **kwargs)
        cookie = Cookie._from_response_header(domain, "/", header)
        assert cookie is not None  # `dump_cookie` refuses an empty key
        cookie.origin_only = origin_only
        self.add(cookie)

    def delete(self, key: str, domain: str, path: str) -> None:
        """Forget a cookie, if there is one for exactly this domain and path."""
        self._cookies.pop((domain.lstrip(".").lower(), path, key), None)

    def read_answer(self, server_name: str, path: str, headers: Iterable[str]) -> None:
        """Keep what the Set-Cookie headers of an answer to `path` say; ignore malformed ones."""
        for header in headers:
            cookie = Cookie._from_response_header(server_name, path, header)
            if cookie is not None:
                self.add(cookie)

    def header_for(self, server_name: str, path: str) -> str:
        """The Cookie header for a request, empty when none is to be sent."""
        return "; ".join(
            cookie._to_request_header()
            for cookie in self
            if cookie._matches_request(server_name, path)
        )
