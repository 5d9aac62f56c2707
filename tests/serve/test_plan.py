"""Plans and engines: records."""

import pytest

from costrel.serve.plan import Plan


def view():
    return "x"


@pytest.mark.parametrize(
    ("options", "is_bare"),
    [
        ({}, True),
        ({"teardown": (view,)}, True),
        ({"handlers": {404: ()}}, True),
        ({"before": (view,)}, False),
        ({"after": (view,)}, False),
        ({"value_hooks": (view,)}, False),
        ({"waits": True}, False),
    ],
)
def test_a_plan_is_bare_where_nothing_stands_around_the_view(options, is_bare):
    assert Plan(None, view, **options).is_bare is is_bare


def test_a_plan_has_no_attributes_but_its_own():
    plan = Plan(None, view)
    with pytest.raises(AttributeError):
        plan.other = 1
    assert repr(plan) == "<Plan for None>"


def test_a_plan_that_was_given_no_lane_says_so():
    plan = Plan(None, view)
    with pytest.raises(AssertionError, match="before it was compiled"):
        plan.run(None, plan)
    with pytest.raises(AssertionError, match="before it was compiled"):
        plan.begin(None, plan)
