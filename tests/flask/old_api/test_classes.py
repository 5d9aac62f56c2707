"""What classes are given."""

from costrel.flask.old_api.classes import give


def test_what_a_class_has_is_left_alone():
    class Today:
        own = "today's"

    give(Today, {"own": "old", "gone": "old"})
    assert (Today.own, Today.gone) == ("today's", "old")
