"""The tree: what shares a place in it, and in which order its branches are asked."""

from __future__ import annotations

from costrel.routing import BaseConverter, Map, Matcher, Rule
from costrel.routing.tree import INT, NO_ENDINGS, PART, REST, REST_THEN_SLASH, TAIL, TEXT


class Number(BaseConverter):
    regex = "[0-9]+"
    weight = 50


def node_of(*rules):
    urls = Map([Rule(rule, methods=["GET"]) for rule in rules], converters={"number": Number})
    return Matcher(urls).top.static[""]


def test_rules_of_one_shape_share_a_branch():
    node = node_of("/<int:a>", "/<int:b>/x", "/<int:c>/<d>")
    assert len(node.branches) == 1
    child = node.branches[0][3]
    assert [leaf.names for leaf in child.leaves] == [("a",)]
    assert child.static["x"].leaves[0].names == ("b",)


def test_a_converter_of_the_users_shares_no_branch_that_converts():
    kinds = [branch[0] for branch in node_of("/<int:a>", "/<number:a>").branches]
    assert kinds == [INT, PART]


def test_branches_are_in_order_of_rank_then_of_declaration():
    node = node_of(
        "/<path:p>", "/<path:p>/", "/<path:p>/x", "/<a>", "/<int(min=1):a>", "/<int:a>", "/v<a>"
    )
    kinds = [branch[0] for branch in node.branches]
    assert kinds == [PART, REST, PART, INT, TEXT, TAIL, REST_THEN_SLASH]


def test_the_tree_is_not_touched_by_nodes_without_endings():
    node = node_of("/a/b")
    assert node.endings is NO_ENDINGS
    assert NO_ENDINGS == {}


def test_a_plain_ending_has_no_leaf_and_others_do():
    node = node_of("/<a>", "/<float:b>", "/<x>/<y>", "/<z>/<y>/1")
    endings = {branch[0]: branch[3].endings["GET"][1] for branch in node.branches}
    assert endings[TEXT] is None
    assert endings[PART] is not None
