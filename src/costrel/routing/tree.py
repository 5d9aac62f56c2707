"""The tree of a map's rules: one level per part of the path, below one level for the domain.

Law: a node's children are found in one dict look-up by the part's text; only then its branches are
asked, in their order. Which rules end at a node depends on their patterns alone, not on methods.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from costrel.routing.converters import (
    STOCK,
    BaseConverter,
    ValidationError,
    is_plain_int,
    is_plain_path,
    is_plain_text,
)
from costrel.routing.segments import Field, Segment, Test, compile_test

if TYPE_CHECKING:
    from costrel.routing.rule import Rule

# What a branch takes. The first three convert on the way; the others give the texts of fields.
TEXT = 0  # any one part, as it is
INT = 1  # one part of ASCII digits, as an int
TAIL = 2  # the rest of the path, as it is
PART = 3  # one part that passes the branch's test
REST = 4  # the rest of the path, if it passes
REST_THEN_SLASH = 5  # the rest of the path but the slash at its end, if it passes

# Its kind, what its values are filed under, its test, and where it leads.
Branch = tuple[int, tuple[str, ...], Test, "Node"]
# What ends at a node for one method: the target, and its leaf if that has more to say.
Ending = tuple[Any, "Leaf | None"]
NO_ENDINGS: dict[str, Ending] = {}
TargetOf = Callable[["Rule", str], Any]


class Leaf:
    """A rule at the place in the tree where it ends.

    :param converters: per value the converter that is still to be called, if any.
    :param provides: the rules of the endpoint which have some of this one's values by default.
    :param target_of: called once for each of the rule's methods.
    """

    __slots__ = (
        "converters", "defaults", "is_simple", "names", "needs_context", "provides", "rule",
        "targets",
    )  # fmt: skip

    def __init__(
        self,
        rule: Rule,
        names: list[str],
        converters: list[BaseConverter | None],
        provides: list[Rule],
        target_of: TargetOf,
    ) -> None:
        self.rule = rule
        self.names = tuple(names)
        self.converters = (
            tuple(None if one is None else one.to_python for one in converters)
            if any(converters)
            else None
        )
        self.needs_context = any(type(one) not in STOCK for one in converters if one)
        self.defaults = rule.defaults
        self.provides = provides
        self.targets = {method: target_of(rule, method) for method in rule.methods or ()}
        # Whether a match needs nothing but the values found on the way.
        self.is_simple = not (
            self.converters or self.defaults or provides or rule.alias or rule.redirect_to
        )

    def answers(self, method: str, websocket: bool) -> bool:
        """Whether the rule takes this kind of request."""
        methods = self.rule.methods
        return self.rule.websocket == websocket and (methods is None or method in methods)

    def read(self, values: Iterable[Any]) -> dict[str, Any] | None:
        """Make arguments of the values found on the way; None if one does not convert."""
        if self.converters is not None:
            try:
                values = [
                    value if convert is None else convert(value)
                    for value, convert in zip(values, self.converters, strict=True)
                ]
            except ValidationError:
                return None
        args = dict(zip(self.names, values, strict=True))
        if self.defaults:
            args.update(self.defaults)
        return args


class Node:
    """A place in the tree: what may follow, and the rules that end here.

    :param depth: how many parts lead here, the domain being the first.
    :param names: what the values of the branches on the way are filed under.
    :ivar is_only_way: whether nothing but literals leads on from here, and from all nodes above.
    """

    __slots__ = (
        "_children", "_order", "branches", "depth", "endings", "is_only_way", "leaves", "names",
        "static",
    )  # fmt: skip

    def __init__(self, depth: int, names: tuple[str, ...]) -> None:
        self.depth = depth
        self.names = names
        self.static: dict[str, Node] = {}
        # Most nodes have no use for all of these, and large maps have many nodes.
        self.branches: tuple[Branch, ...] = ()
        self.leaves: tuple[Leaf, ...] = ()
        self.endings: Mapping[str, Ending] = NO_ENDINGS
        self.is_only_way = False
        self._order: tuple[tuple[Any, ...], ...] = ()
        self._children: dict[tuple[int, str, str], Node] | None = None

    def follow(self, segment: Segment) -> Node:
        """Return the node behind a segment, made if it is not there."""
        literal = segment.literal
        if literal is not None:
            child = self.static.get(literal)
            if child is None:
                child = self.static[literal] = Node(self.depth + 1, self.names)
            return child
        rank = segment.rank
        key = kind_of(segment), segment.pattern, repr(rank)
        children = self._children
        if children is None:
            children = self._children = {}
        child = children.get(key)
        if child is None:
            child = children[key] = self._branch_off(segment, (*rank, len(children)))
        return child

    def _branch_off(self, segment: Segment, order: tuple[Any, ...]) -> Node:
        """Add a branch at its place among the others."""
        # The first rule gives the names. Another name can be in use on the way here only where a
        # second rule goes on from the first one's branch; those values are renamed at its leaf.
        names = tuple(
            field.name if field.name not in self.names else f"{field.name} at {self.depth}"
            for field in segment.fields
        )
        child = Node(self.depth + 1, self.names + names)
        place = bisect(self._order, order)
        branch = kind_of(segment), names, compile_test(segment), child
        self._order = *self._order[:place], order, *self._order[place:]
        self.branches = *self.branches[:place], branch, *self.branches[place:]
        return child


def kind_of(segment: Segment) -> int:
    """Return what kind of branch a segment with fields is."""
    if segment.then_slash:
        return REST_THEN_SLASH
    first = segment.pieces[0]
    is_alone = len(segment.pieces) == 1 and isinstance(first, Field)
    if segment.to_end:
        return TAIL if is_alone and is_plain_path(segment.fields[0].converter) else REST
    if is_alone and is_plain_int(segment.fields[0].converter):
        return INT
    if is_alone and is_plain_text(segment.fields[0].converter):
        return TEXT
    return PART


def left_to_convert(segment: Segment) -> list[BaseConverter | None]:
    """Return per field the converter that has to be called once the rule is found."""
    converts = kind_of(segment) == INT
    return [
        None
        if converts or is_plain_text(field.converter) or is_plain_path(field.converter)
        else field.converter
        for field in segment.fields
    ]


def grow(root: Node, rule: Rule, provides: list[Rule], target_of: TargetOf) -> Node:
    """Add a rule to the tree and return the node where it ends."""
    node = root
    names: list[str] = []
    converters: list[BaseConverter | None] = []
    for segment in rule.segments():
        fields = segment.fields
        if fields:
            names += [field.name for field in fields]
            converters += left_to_convert(segment)
        node = node.follow(segment)
        if segment.then_slash:
            node = node.follow(Segment(()))
    node.leaves += (Leaf(rule, names, converters, provides, target_of),)
    return node


def set_endings(node: Node) -> None:
    """Make a node's table of what ends there, by method. The first rule that answers counts."""
    endings: dict[str, Ending] = {}
    for leaf in node.leaves:
        rule = leaf.rule
        if rule.websocket:
            continue
        if rule.methods is None:
            # It answers every method, also those that no table can list: left to the search.
            break
        is_plain = leaf.is_simple and leaf.names == node.names
        for method in rule.methods - endings.keys():
            endings[method] = leaf.targets[method], None if is_plain else leaf
    node.endings = endings
