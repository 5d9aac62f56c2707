"""Attributes that read and write one header or one environ key."""

from datetime import UTC, datetime, timedelta

import pytest

from costrel.http.door import Door
from costrel.http.header_fields import (
    ParsedHeader,
    ViewedHeader,
    _StoredField,
    age_header,
    date_header,
    dump_any,
    environ_property,
    header_property,
    set_header,
)
from costrel.http.header_values import HeaderSet
from costrel.http.headers import Headers


class Holder:
    """Has headers and an environ."""

    text = header_property("X-Text", doc="Some text.")
    number = header_property("X-Number", 7, int, str)
    fixed = header_property("X-Fixed", read_only=True)
    when = date_header("X-When", "When.")
    age = age_header("X-Age", "How old.")
    names = set_header("X-Names", "Names.")
    key = environ_property("a.key", doc="A key.")
    parsed = ParsedHeader("X-Parsed", Door("json:loads"), "Some JSON.")
    late = ViewedHeader(
        "X-Late",
        Door("costrel.http.cache_control:parse_response_cache_control"),
        Door("costrel.http.header_fields:dump_any"),
        "Seen by code that is fetched late.",
    )
    writable = environ_property("a.writable", "default", read_only=False)

    def __init__(self):
        self.headers = Headers()
        self.environ = {}


@pytest.fixture
def holder():
    return Holder()


def test_on_the_class_it_is_itself_with_its_documentation():
    assert Holder.text.__doc__ == "Some text."
    assert Holder.names.__doc__ == "Names."
    assert repr(Holder.text) == "<header_property X-Text>"
    assert repr(Holder.key) == "<environ_property a.key>"


def test_a_header_is_read_written_and_deleted(holder):
    assert holder.text is None
    holder.text = "x"
    assert (holder.headers["X-Text"], holder.text) == ("x", "x")
    del holder.text
    del holder.text
    assert "X-Text" not in holder.headers
    holder.text = "x"
    holder.text = None
    holder.text = None
    assert "X-Text" not in holder.headers


def test_a_header_is_loaded_and_dumped(holder):
    assert holder.number == 7
    holder.number = 3
    assert (holder.headers["X-Number"], holder.number) == ("3", 3)
    holder.headers["X-Number"] = "three"
    assert holder.number == 7


def test_dates_and_ages(holder):
    assert (holder.when, holder.age) == (None, None)
    holder.when = datetime(2030, 1, 1, tzinfo=UTC)
    holder.age = timedelta(minutes=1)
    assert holder.headers["X-When"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert holder.headers["X-Age"] == "60"
    assert (holder.when, holder.age) == (datetime(2030, 1, 1, tzinfo=UTC), timedelta(minutes=1))
    holder.headers["X-When"] = holder.headers["X-Age"] = "odd"
    assert (holder.when, holder.age) == (None, None)


@pytest.mark.parametrize("name", ["fixed", "key"])
def test_what_is_read_only_is_neither_set_nor_deleted(holder, name):
    with pytest.raises(AttributeError, match="is read only"):
        setattr(holder, name, "x")
    with pytest.raises(AttributeError, match="is read only"):
        delattr(holder, name)


def test_a_key_of_the_environ_is_read_and_may_be_written(holder):
    assert (holder.key, holder.writable) == (None, "default")
    holder.environ["a.key"] = "x"
    holder.writable = "y"
    assert (holder.key, holder.environ["a.writable"]) == ("x", "y")


def test_a_header_seen_as_a_set_is_written_when_it_changes(holder):
    seen = holder.names
    seen.add("a")
    assert holder.headers["X-Names"] == "a"
    seen.discard("a")
    assert "X-Names" not in holder.headers
    seen.discard("a")
    holder.names = {"b"}
    assert holder.headers["X-Names"] == "b"
    holder.names = []
    assert "X-Names" not in holder.headers
    assert isinstance(Holder.names, ViewedHeader)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a, b", "a, b"), (["a", "b"], "a, b"), (HeaderSet(["a", "b c"]), 'a, "b c"')],
)
def test_what_is_assigned_is_dumped_by_its_kind(value, text):
    assert dump_any(value) == text


def test_a_field_without_a_place_is_no_use():
    with pytest.raises(NotImplementedError):
        _StoredField("x").lookup(object())


def test_a_header_is_parsed_once_by_code_that_is_elsewhere(holder):
    holder.headers["X-Parsed"] = "[1]"
    assert holder.parsed == [1]
    assert holder.parsed is holder.parsed
    holder.parsed = "mine"
    assert holder.parsed == "mine"
    assert isinstance(Holder.parsed, ParsedHeader)
    assert Holder.parsed.__doc__ == "Some JSON."


def test_a_header_is_viewed_by_code_that_is_fetched_late(holder):
    holder.late.max_age = 5
    assert holder.headers["X-Late"] == "max-age=5"
    holder.late = ["no-store", "private"]
    assert holder.headers["X-Late"] == "no-store, private"
    assert holder.late.no_store is True
