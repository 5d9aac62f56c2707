"""Search: all ways through the tree, in their order, until a rule answers.

Law: this is the only judge of what matches. `Matcher.match` may be quicker, never of another view.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from costrel.routing.converters import MAX_DIGITS
from costrel.routing.tree import INT, REST, REST_THEN_SLASH, TAIL, Branch, Leaf, Node

# A leaf; or that there would be one, were there a slash more at the end.
Found = Leaf | Literal["/"] | None


class Search:
    """One search. Afterwards `args` holds the values, or `allowed` and `is_mismatch` the reasons.

    :param method: the request's method.
    :param websocket: whether the request is a WebSocket handshake.
    :param defers: let leaves match whose converters are the user's, without calling these.
    """

    __slots__ = (
        "allowed",
        "args",
        "defers",
        "is_mismatch",
        "method",
        "parts",
        "values",
        "websocket",
    )

    def __init__(self, method: str, websocket: bool, defers: bool) -> None:
        self.method = method
        self.websocket = websocket
        self.defers = defers
        self.allowed: set[str] = set()
        self.is_mismatch = False
        self.args: dict[str, Any] = {}
        self.parts: list[str] = []
        self.values: list[Any] = []

    def run(self, root: Node, domain: str, path: str) -> Found:
        """Search for a path on a domain."""
        self.parts = [domain, *path.split("/")]
        self.values = []
        return self._explore(root, 0)

    def _explore(self, node: Node, place: int) -> Found:
        """Go on from a node: with the literal first, then with each branch that fits."""
        parts = self.parts
        if place == len(parts):
            return self._arrive(node)
        part = parts[place]
        child = node.static.get(part)
        if child is not None:
            found = self._explore(child, place + 1)
            if found is not None:
                return found
        for branch in node.branches:
            found = self._try_branch(branch, place)
            if found is not None:
                return found
        if not part and place == len(parts) - 1:
            return self._pick(leaf for leaf in node.leaves if not leaf.rule.strict_slashes)
        return None

    def _try_branch(self, branch: Branch, place: int) -> Found:
        """Go on behind a branch, if it takes what stands here."""
        kind, _, test, child = branch
        parts, values = self.parts, self.values
        text = parts[place]
        place += 1
        if kind in {TAIL, REST, REST_THEN_SLASH}:
            text = "/".join(parts[place - 1 :])
            place = len(parts)
            if kind == REST_THEN_SLASH and text.endswith("/"):
                text = text[:-1]
                place -= 1
        fields: tuple[Any, ...] | None = test(text)
        if fields is None or (kind == INT and len(text) > MAX_DIGITS):
            return None
        count = len(values)
        values += (int(text),) if kind == INT else fields
        found = self._explore(child, place)
        if found is None:
            del values[count:]
        return found

    def _arrive(self, node: Node) -> Found:
        """Choose among the rules that end here, or else one slash further."""
        found = self._pick(node.leaves)
        slash = node.static.get("")
        if found is None and slash is not None:
            for leaf in slash.leaves:
                if not leaf.answers(self.method, self.websocket):
                    continue
                if leaf.rule.strict_slashes:
                    return "/"
                if self._convert(leaf):
                    return leaf
        return found

    def _pick(self, leaves: Iterable[Leaf]) -> Leaf | None:
        """Choose the first rule that answers, and note why the others do not."""
        for leaf in leaves:
            methods = leaf.rule.methods
            if methods is not None and self.method not in methods:
                self.allowed |= methods
            elif leaf.rule.websocket != self.websocket:
                self.is_mismatch = True
            elif self._convert(leaf):
                return leaf
        return None

    def _convert(self, leaf: Leaf) -> bool:
        """Make the arguments out of the values; False if one does not convert."""
        if leaf.needs_context and self.defers:
            return True
        args = leaf.read(self.values)
        if args is None:
            return False
        self.args = args
        return True
