"""Rule: one declared URL pattern, parsed when it is bound to a map."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from costrel.routing.builder import UrlTemplate
from costrel.routing.pattern import parse_converter_args, read_pattern
from costrel.routing.rule_factories import RuleFactory
from costrel.routing.segments import Field, Piece, Segment, split_segments

if TYPE_CHECKING:
    from costrel.routing.converters import BaseConverter
    from costrel.routing.url_map import Map

WEBSOCKET_METHODS = {"GET", "HEAD", "OPTIONS"}
_several_slashes = re.compile("/{2,}+").sub


class Rule(RuleFactory):
    """One URL pattern and what it leads to. Unbound until it is added to a `Map`.

    :param string: the pattern, from its leading slash on, with `<converter(arguments):name>`
        for variable parts. With a slash at the end it is a branch, without one a leaf.
    :param defaults: values the rule brings along; rules of one endpoint that differ in them only
        redirect to each other.
    :param subdomain: pattern of the subdomain; the map's default one if None.
    :param methods: the methods it answers, all if None. GET brings HEAD.
    :param build_only: never match, only build URLs.
    :param endpoint: what it leads to: usually a name, anything hashable will do.
    :param strict_slashes: redirect to the slash at the end rather than do without; None: as the
        map says.
    :param merge_slashes: take several slashes in a row for one; None: as the map says.
    :param redirect_to: redirect there: a pattern with the same variables, or a function called
        with the adapter and the values.
    :param alias: another URL for a rule of the same endpoint, redirected to that one.
    :param host: pattern of the whole host, for maps with `host_matching`.
    :param websocket: answers WebSocket handshakes, and only those.
    """

    # The map's own rule for `provide_automatic_options` is Flask's; it is kept on the rule.
    provide_automatic_options: bool | None = None
    declared_at: str | None = None
    """Where it was declared, as `file:line`, if who declared it has said so."""

    map: Map | None
    __hash__ = None  # type: ignore[assignment]  # a rule changes when it is bound

    def __init__(
        self,
        string: str,
        defaults: Mapping[str, Any] | None = None,
        subdomain: str | None = None,
        methods: Iterable[str] | None = None,
        build_only: bool = False,
        endpoint: Any = None,
        strict_slashes: bool | None = None,
        merge_slashes: bool | None = None,
        redirect_to: str | Callable[..., str] | None = None,
        alias: bool = False,
        host: str | None = None,
        websocket: bool = False,
    ) -> None:
        if not string.startswith("/"):
            raise ValueError(f"URL rule {string!r} must start with a slash.")
        self.rule = string
        self.is_leaf = not string.endswith("/")
        self.is_branch = string.endswith("/")
        self.map = None
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.subdomain = subdomain
        self.host = host
        self.defaults = defaults
        self.build_only = build_only
        self.alias = alias
        self.websocket = websocket
        self.methods = None if methods is None else self._read_methods(methods, websocket)
        self.endpoint = endpoint
        self.redirect_to = redirect_to
        self.arguments = set(map(str, defaults)) if defaults else set()
        self._converters: dict[str, BaseConverter] = {}
        self._pieces: tuple[list[Piece], list[Piece]] = ([], [])
        self._template: UrlTemplate | None = None

    @staticmethod
    def _read_methods(methods: Iterable[str], websocket: bool) -> set[str]:
        if isinstance(methods, str):
            raise TypeError(f"methods must be a list of strings such as [{methods!r}], not one.")
        names = {method.upper() for method in methods}
        if "GET" in names:
            names.add("HEAD")
        if websocket and names - WEBSOCKET_METHODS:
            raise ValueError(
                "A WebSocket handshake is a GET request: a rule with websocket=True can take only"
                f" {', '.join(sorted(WEBSOCKET_METHODS))}, not {sorted(names)}."
            )
        return names

    # --- factories -----------------------------------------------------------------------------

    def get_rules(self, map: Map) -> Iterator[Rule]:
        """Yield the rule itself."""
        yield self

    def empty(self) -> Rule:
        """Return an unbound copy."""
        copy = type(self)(self.rule, **self.get_empty_kwargs())
        for name in ("declared_at", "provide_automatic_options"):
            if name in self.__dict__:
                setattr(copy, name, self.__dict__[name])
        return copy

    def get_empty_kwargs(self) -> dict[str, Any]:
        """Return the arguments `empty` makes its copy with; a subclass adds its own."""
        return {
            "defaults": dict(self.defaults) if self.defaults else None,
            "subdomain": self.subdomain,
            "methods": self.methods,
            "build_only": self.build_only,
            "endpoint": self.endpoint,
            "strict_slashes": self.strict_slashes,
            "merge_slashes": self.merge_slashes,
            "redirect_to": self.redirect_to,
            "alias": self.alias,
            "host": self.host,
            "websocket": self.websocket,
        }

    # --- binding -------------------------------------------------------------------------------

    def bind(self, map: Map, rebind: bool = False) -> None:
        """Belong to a map: take its defaults and converters, and parse the pattern."""
        if self.map is not None and not rebind:
            raise RuntimeError(
                f"{self!r} already belongs to {self.map!r}. Add a copy: rule.empty()."
            )
        self.map = map
        if self.strict_slashes is None:
            self.strict_slashes = map.strict_slashes
        if self.merge_slashes is None:
            self.merge_slashes = map.merge_slashes
        if self.subdomain is None:
            self.subdomain = map.default_subdomain
        self.compile()

    def refresh(self) -> None:
        """Parse the pattern again, after one of the attributes was changed by hand."""
        if self.map is None:
            raise RuntimeError(f"{self!r} belongs to no map yet: add it to one first.")
        self.bind(self.map, rebind=True)

    def compile(self) -> None:
        """Parse the pattern with the map's converters."""
        if self.map is None:
            raise RuntimeError(f"{self!r} belongs to no map yet: add it to one first.")
        self.arguments = set(map(str, self.defaults or ()))
        self._converters = {}
        domain = (self.host if self.map.host_matching else self.subdomain) or ""
        path = _several_slashes("/", self.rule) if self.merge_slashes else self.rule
        self._pieces = self._read(domain), self._read(path)
        self._template = None
        if self.defaults:
            # A default that does not convert is an error of whoever wrote the rule: say so here.
            self._template = UrlTemplate(self, *self._pieces)

    def _read(self, text: str) -> list[Piece]:
        """Read one pattern, with its variables' converters."""
        pieces: list[Piece] = []
        for piece in read_pattern(text):
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            name = piece.name
            if name in self._converters:
                raise ValueError(f"The variable {name!r} stands twice in the rule {self.rule!r}.")
            args, kwargs = parse_converter_args(piece.arguments)
            converter = self.get_converter(name, piece.converter, args, kwargs)
            self._converters[name] = converter
            self.arguments.add(name)
            pieces.append(Field(name, converter))
        return pieces

    def get_converter(
        self, variable_name: str, converter_name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> BaseConverter:
        """Make the converter of a variable."""
        assert self.map is not None
        try:
            kind = self.map.converters[converter_name]
        except KeyError:
            known = ", ".join(sorted(self.map.converters))
            raise LookupError(
                f"the converter {converter_name!r} does not exist (rule {self.rule!r});"
                f" there are {known}. Add yours to url_map.converters before the rule."
            ) from None
        return kind(self.map, *args, **kwargs)

    def segments(self) -> list[Segment]:
        """Return what is matched: the domain as one segment, then the path cut at its slashes."""
        domain, path = self._pieces
        return [Segment(tuple(domain)), *split_segments(path)]

    # --- building ------------------------------------------------------------------------------

    @property
    def template(self) -> UrlTemplate:
        """What builds its URLs, made at the first use."""
        if self._template is None:
            self._template = UrlTemplate(self, *self._pieces)
        return self._template

    @property
    def _trace(self) -> list[tuple[bool, str]]:
        """The rule in pieces, for the extensions that document routes by them.

        Each is whether it is a variable, and its name or text: the domain, ``|``, then the path.
        """
        domain, path = self._pieces
        return [*_pieces_apart(domain), (False, "|"), *_pieces_apart(path)]

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        """Return the domain part and the path for these values; None if one does not convert.

        :param append_unknown: add the values that are no variables as a query string.
        """
        return self.template.build(values, append_unknown)

    def provides_defaults_for(self, rule: Rule) -> bool:
        """Whether it is the same as another rule, only with more of the values by default."""
        return bool(
            not self.build_only
            and self.defaults
            and self.endpoint == rule.endpoint
            and self != rule
            and self.arguments == rule.arguments
        )

    def suitable_for(self, values: Mapping[str, Any], method: str | None = None) -> bool:
        """Whether the values suffice for a URL and contradict no default, and the method fits."""
        if method is not None and self.methods is not None and method not in self.methods:
            return False
        template = self.template
        for name in template.required:
            if name not in values:
                return False
        for name, value in template.defaults:
            if name in values and value != values[name]:
                return False
        return True

    def build_compare_key(self) -> tuple[int, int, int]:
        """Order among the rules of an endpoint: no aliases, most variables, most defaults first."""
        return self.alias, -len(self.arguments), -len(self.defaults or ())

    # --- comparing and showing -----------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._shape() == other._shape()

    def _shape(self) -> list[str | tuple[str]]:
        if self.map is None:
            return [self.rule]
        domain, path = self._pieces
        return [
            piece if isinstance(piece, str) else (piece.name,) for piece in [*domain, "|", *path]
        ]

    def __str__(self) -> str:
        return self.rule

    def __repr__(self) -> str:
        if self.map is None:
            return f"<{type(self).__name__} (unbound)>"
        path = "".join(
            piece if isinstance(piece, str) else f"<{piece.name}>" for piece in self._pieces[1]
        )
        methods = f" ({', '.join(sorted(self.methods))})" if self.methods is not None else ""
        return f"<{type(self).__name__} {path!r}{methods} -> {self.endpoint}>"


def _pieces_apart(pieces: Iterable[Piece]) -> Iterator[tuple[bool, str]]:
    """Whether each piece is a variable, and its name or text, with slashes on their own."""
    for piece in pieces:
        if isinstance(piece, str):
            yield from ((False, part) for part in re.split("(/)", piece) if part)
        else:
            yield True, piece[0]
