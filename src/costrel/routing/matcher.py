"""Match a path and a method to what the map's rules lead to.

Law: this file never raises HTTP errors. It returns a miss, and a miss is a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from costrel.routing.converters import MAX_DIGITS
from costrel.routing.outcomes import (
    NEEDS_CONTEXT,
    NO_RULE,
    DefaultsRedirect,
    Miss,
    NoMatch,
    RequestAliasRedirect,
    RequestPath,
    TargetRedirect,
)
from costrel.routing.search import Search
from costrel.routing.tree import INT, PART, TAIL, TEXT, Ending, Leaf, Node, grow, set_endings

if TYPE_CHECKING:
    from costrel.routing.rule import Rule
    from costrel.routing.url_map import Map

_several_slashes = re.compile("/{2,}+").sub

Match = tuple[Any, dict[str, Any]]


def rule_itself(rule: Rule, method: str) -> Rule:
    """Return the rule: the target where none other is wanted."""
    return rule


def miss_itself(miss: Miss) -> Miss:
    """Return the miss: what stands for it where nothing else is wanted."""
    return miss


class Matcher:
    """The frozen look-up made from a map. Later changes of the map do not reach it.

    `static` answers whole paths without values: ``static[path][method]`` is the target, and there
    are no arguments. What it does not know is asked of `match`. Both are about ordinary requests
    to the map's default domain; `match_at` is about any. `has_one_domain` tells whether all rules
    are on that domain.

    :param map: whose rules.
    :param target_of: called once per rule and method with both: what a match returns.
    :param miss_of: called with each miss: what is returned in place of a target.
    :param defers: let `match` return `NeedsContext` instead of calling converters of the user's.
    """

    def __init__(
        self,
        map: Map,
        target_of: Callable[[Rule, str], Any] = rule_itself,
        miss_of: Callable[[Miss], Any] = miss_itself,
        *,
        defers: bool = False,
    ) -> None:
        self.target_of = target_of
        self.miss_of = miss_of
        self.defers = defers
        self.redirects_defaults = map.redirect_defaults
        self.merges_slashes = map.merge_slashes
        self.domain = map.default_subdomain
        self.root = Node(0, ())
        self.static: dict[str, dict[str, Any]] = {}
        givers = _rules_with_defaults(map) if map.redirect_defaults else {}
        ends: dict[int, Node] = {}
        for rule in map.iter_rules():
            if not rule.build_only and not _is_out_of_reach(rule):
                provides = _providers(rule, givers.get(rule.endpoint, ()))
                node = grow(self.root, rule, provides, target_of)
                ends[id(node)] = node
        self.top = self.root.static.get(self.domain) or Node(1, ())
        self.has_one_domain = not (
            map.host_matching or self.root.branches or self.root.static.keys() - {self.domain}
        )
        for node in ends.values():
            set_endings(node)
        self._list_literals(self.top, [], is_only_way=not self.root.branches)

    def _list_literals(self, node: Node, parts: list[str], *, is_only_way: bool) -> None:
        """Fill `static` with the paths made of literals only, from a node on."""
        node.is_only_way = is_only_way and not node.branches
        path = "/".join(parts)
        targets = {method: end[0] for method, end in node.endings.items() if end[1] is None}
        if targets:
            self.static.setdefault(path, {}).update(targets)
        for leaf in node.leaves:
            if not leaf.rule.strict_slashes and path != "/":
                self._list_lenient(path[:-1] if path.endswith("/") else f"{path}/", leaf)
        for part, child in node.static.items():
            self._list_literals(child, [*parts, part], is_only_way=node.is_only_way)

    def _list_lenient(self, path: str, leaf: Leaf) -> None:
        """List a path which differs from a rule by the slash at its end, where it leads there."""
        for method, target in leaf.targets.items():
            search = Search(method, websocket=False, defers=True)
            found = search.run(self.root, self.domain, path)
            if found is leaf and leaf.is_simple and not leaf.rule.websocket:
                self.static.setdefault(path, {})[method] = target

    # --- the quick way -------------------------------------------------------------------------

    def match(self, path: str, method: str) -> Match:
        """Return the target and the arguments for a path on the default domain."""
        # PERF: /users/<int:id>/posts/<slug> in one Python call, 0.7 µs with 10 rules or 10,000.
        # At each part it takes the first way that fits. Where that leads nowhere, the search
        # tries the others.
        node = self.top
        args: dict[str, Any] = {}
        for part in path.split("/"):
            child = node.static.get(part)
            if child is None:
                for kind, names, test, child in node.branches:
                    if kind == TEXT:
                        if part:
                            args[names[0]] = part
                            break
                    elif kind == INT:
                        if part.isdigit() and part.isascii() and len(part) <= MAX_DIGITS:
                            args[names[0]] = int(part)
                            break
                    elif kind == PART:
                        fields = test(part)
                        if fields is not None:
                            args.update(zip(names, fields, strict=True))
                            break
                    elif kind == TAIL:
                        return self._match_tail(path, method, node, child, args)
                    else:
                        return self.match_at(self.domain, path, method, defers=self.defers)
                else:
                    # PERF: where there was no choice, there is nothing to search (1 of 10 µs).
                    if part and node.is_only_way and node.depth > 1 and "//" not in path:
                        return self.miss_of(NO_RULE), {}
                    return self.match_at(self.domain, path, method, defers=self.defers)
            node = child
        ending = node.endings.get(method)
        if ending is not None and ending[1] is None:
            return ending[0], args
        return self._match_ending(ending, path, method, args)

    def _match_tail(
        self, path: str, method: str, node: Node, child: Node, args: dict[str, Any]
    ) -> Match:
        """Go on from a node whose path converter takes the rest."""
        ending = child.endings.get(method)
        # The domain counts in a node's depth, and is no part of the path.
        rest = path.split("/", node.depth - 1)[node.depth - 1]
        if not rest or rest[0] == "/" or "\n" in rest:
            ending = None
        args[child.names[-1]] = rest
        if ending is not None and ending[1] is None:
            return ending[0], args
        return self._match_ending(ending, path, method, args)

    def _match_ending(
        self, ending: Ending | None, path: str, method: str, args: dict[str, Any]
    ) -> Match:
        """End where the values still have to be converted, renamed or looked through."""
        target, leaf = ending or (None, None)
        if leaf is not None:
            if leaf.needs_context and self.defers:
                return self.miss_of(NEEDS_CONTEXT), {}
            read = leaf.read(args.values())
            if read is not None:
                return self._answer(leaf, target, read, method)
        return self.match_at(self.domain, path, method, defers=self.defers)

    # --- the thorough way ----------------------------------------------------------------------

    def match_at(
        self, domain: str, path: str, method: str, websocket: bool = False, defers: bool = False
    ) -> Match:
        """Return the target and the arguments for a path on any domain.

        :param domain: the subdomain, or the host where the map matches hosts.
        :param path: the decoded path; it is taken to begin with one slash.
        :param websocket: whether the request is a WebSocket handshake.
        :param defers: return `NeedsContext` instead of calling converters of the user's.
        """
        path = f"/{path.lstrip('/')}" if path else ""
        search = Search(method, websocket, defers)
        found = search.run(self.root, domain, path)
        if isinstance(found, Leaf):
            if found.needs_context and defers:
                return self.miss_of(NEEDS_CONTEXT), {}
            # A rule without methods answers any; there is no table of those.
            target = found.targets.get(method)
            if target is None:
                target = self.target_of(found.rule, method)
            return self._answer(found, target, search.args, method)
        if found is None and self.merges_slashes and "//" in path:
            path = _several_slashes("/", path)
            found = search.run(self.root, domain, path)
            if isinstance(found, Leaf) and found.rule.merge_slashes:
                return self.miss_of(RequestPath(path)), {}
        if found == "/":
            return self.miss_of(RequestPath(f"{path}/")), {}
        return self.miss_of(NoMatch(search.allowed, search.is_mismatch)), {}

    def _answer(self, leaf: Leaf, target: Any, args: dict[str, Any], method: str) -> Match:
        """Return a match, or where it redirects to."""
        rule = leaf.rule
        if rule.alias and self.redirects_defaults:
            return self.miss_of(RequestAliasRedirect(args, rule.endpoint)), {}
        for shorter in leaf.provides:
            if shorter.suitable_for(args, method):
                values = {**args, **(shorter.defaults or {})}
                return self.miss_of(DefaultsRedirect(shorter, values)), {}
        if rule.redirect_to is not None:
            return self.miss_of(TargetRedirect(rule, args)), {}
        return target, args


def _rules_with_defaults(map: Map) -> dict[Any, list[Rule]]:
    """Return the rules that bring values of their own, by endpoint."""
    givers: dict[Any, list[Rule]] = {}
    for rule in map.iter_rules():
        if rule.defaults and not rule.build_only:
            givers.setdefault(rule.endpoint, []).append(rule)
    for rules in givers.values():
        rules.sort(key=lambda rule: rule.build_compare_key())
    return givers


def _providers(rule: Rule, givers: Iterable[Rule]) -> list[Rule]:
    """Return those of an endpoint's rules that may be written shorter in place of this one."""
    found = []
    for other in givers:
        if other is rule:
            break
        if other.build_compare_key() <= rule.build_compare_key() and other.provides_defaults_for(
            rule
        ):
            found.append(other)
    return found


def _is_out_of_reach(rule: Rule) -> bool:
    """Whether the rule begins with two slashes: a request's path is taken to begin with one."""
    return not rule.merge_slashes and rule.rule.startswith("//")
