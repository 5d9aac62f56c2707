"""Authorization, what a client shows, and WWW-Authenticate, what a server asks for.

Law: reading never raises; credentials that cannot be read are no credentials.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, Self

from costrel.http.callback_dict import CallbackDict
from costrel.http.header_values import dump_header, parse_dict_header, quote_header_value

Parameters = Mapping[str, str | None]

# RFC 7616 section 3.3 asks for quotes around these even where a token would do.
_ALWAYS_QUOTED_IN_DIGEST = frozenset({"realm", "domain", "nonce", "opaque", "qop"})


class Authorization:
    """The credentials of a request's Authorization header.

    :param auth_type: the scheme, such as "basic", "digest" or "bearer"; kept in lower case.
    :param data: the parameters, ``username`` and ``password`` among them for "basic".
    :param token: the one opaque value that schemes such as "bearer" have instead.

    Parameters are also attributes and items; one that is absent is ``None``. See RFC 9110 11.6.2.
    """

    def __init__(
        self, auth_type: str, data: Parameters | None = None, token: str | None = None
    ) -> None:
        self.type = auth_type.lower()
        self.parameters: dict[str, str | None] = {} if data is None else dict(data)
        self.token = token

    @classmethod
    def from_header(cls, value: str | None) -> Self | None:
        """Read an Authorization header; ``None`` where there is none or it is malformed."""
        if not value or not value.isascii():
            return None
        scheme, _, rest = value.strip().partition(" ")
        scheme, rest = scheme.lower(), rest.strip()
        if scheme == "basic":
            user = _read_basic(rest)
            return None if user is None else cls(scheme, user)
        if not _has_parameters(rest):
            return cls(scheme, token=rest)
        parameters = parse_dict_header(rest)
        return cls(scheme, parameters) if parameters else None

    def to_header(self) -> str:
        """Write the value of an Authorization header."""
        if self.type == "basic":
            username = self.parameters.get("username") or ""
            password = self.parameters.get("password") or ""
            return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
        return _dump(self.type, self.token, dump_header(self.parameters))

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return a parameter, or the default."""
        return self.parameters.get(key, default)

    def __getattr__(self, name: str) -> str | None:
        return _find_parameter(self, name)

    def __getitem__(self, name: str) -> str | None:
        return self.parameters.get(name)

    def __contains__(self, key: str) -> bool:
        return key in self.parameters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Authorization):
            return NotImplemented
        return _parts(self) == _parts(other)

    __hash__ = None  # type: ignore[assignment]  # equal by parameters, and those can change

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        # The credentials stay out: a repr ends up in logs and error pages.
        return f"<{type(self).__name__} {self.type.title()}>"


parse_authorization = Authorization.from_header


class WWWAuthenticate:
    """One challenge of a response's WWW-Authenticate header.

    :param auth_type: the scheme, such as "basic", "digest" or "bearer"; kept in lower case.
    :param values: the parameters, such as ``realm``.
    :param token: the one opaque value that some schemes have instead.

    Parameters are also attributes and items; one that is absent is ``None``, and setting one to
    ``None`` takes it away. See RFC 9110 11.6.1.
    """

    _OWN = frozenset(
        {"type", "parameters", "token", "_type", "_parameters", "_token", "_on_update"}
    )

    def __init__(
        self, auth_type: str, values: Parameters | None = None, token: str | None = None
    ) -> None:
        self._on_update: Callable[[WWWAuthenticate], object] | None = None
        self._type = auth_type.lower()
        self._parameters = self._watch(values)
        self._token = token

    @classmethod
    def from_header(cls, value: str | None) -> Self | None:
        """Read a WWW-Authenticate header with one challenge; ``None`` where there is none."""
        if not value:
            return None
        scheme, _, rest = value.strip().partition(" ")
        rest = rest.strip()
        if _has_parameters(rest):
            return cls(scheme, parse_dict_header(rest))
        return cls(scheme, token=rest)

    @property
    def type(self) -> str:
        """The scheme, in lower case."""
        return self._type

    @type.setter  # noqa: A003  # the API's name
    def type(self, value: str) -> None:
        self._type = value.lower()
        self._changed()

    @property
    def parameters(self) -> dict[str, str | None]:
        """The parameters; changing the dictionary changes the header."""
        return self._parameters

    @parameters.setter
    def parameters(self, value: Parameters | None) -> None:
        self._parameters = self._watch(value)
        self._changed()

    @property
    def token(self) -> str | None:
        """The opaque value of a scheme that has no parameters."""
        return self._token

    @token.setter
    def token(self, value: str | None) -> None:
        self._token = value
        self._changed()

    def to_header(self) -> str:
        """Write the value of a WWW-Authenticate header."""
        if self._type == "digest":
            text = ", ".join(_dump_digest(name, value) for name, value in self._parameters.items())
        else:
            text = dump_header(self._parameters)
        return _dump(self._type, self._token, text)

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return a parameter, or the default."""
        return self._parameters.get(key, default)

    def _watch(self, values: Parameters | None) -> CallbackDict[str, str | None]:
        return CallbackDict(values, self._changed)

    def _changed(self, _parameters: object = None) -> None:
        if self._on_update is not None:
            self._on_update(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy belongs to no response.
        return self.__class__, (self._type, dict(self._parameters), self._token)

    def __getitem__(self, key: str) -> str | None:
        return self._parameters.get(key)

    def __setitem__(self, key: str, value: str | None) -> None:
        if value is None:
            del self[key]
        else:
            self._parameters[key] = value

    def __delitem__(self, key: str) -> None:
        if key in self._parameters:
            del self._parameters[key]

    def __getattr__(self, name: str) -> str | None:
        return _find_parameter(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._OWN:
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __contains__(self, key: str) -> bool:
        return key in self._parameters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WWWAuthenticate):
            return NotImplemented
        return _parts(self) == _parts(other)

    __hash__ = None  # type: ignore[assignment]  # equal by parameters, and those can change

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.to_header()}>"


def _read_basic(encoded: str) -> dict[str, str | None] | None:
    """Read `base64(name:password)` as RFC 7617 has it."""
    try:
        text = b64decode(encoded, validate=True).decode("utf-8")
    except ValueError:
        return None
    username, _, password = text.partition(":")
    return {"username": username, "password": password}


def _has_parameters(rest: str) -> bool:
    # Equal signs at the end alone are the padding of a base64 token.
    return "=" in rest.rstrip("=")


def _dump(scheme: str, token: str | None, parameters: str) -> str:
    return f"{scheme.title()} {parameters if token is None else token}".rstrip(" ")


def _dump_digest(name: str, value: str | None) -> str:
    if value is None:
        return name
    return f"{name}={quote_header_value(value, name not in _ALWAYS_QUOTED_IN_DIGEST)}"


def _find_parameter(holder: Authorization | WWWAuthenticate, name: str) -> str | None:
    # copy and pickle ask for special methods, also before any attribute is there.
    if name.startswith("__") or name in {"parameters", "_parameters"}:
        raise AttributeError(f"{type(holder).__name__!r} has no attribute {name!r}.")
    return holder.parameters.get(name)


def _parts(of: Authorization | WWWAuthenticate) -> tuple[str, str | None, dict[str, str | None]]:
    return of.type, of.token, dict(of.parameters)
