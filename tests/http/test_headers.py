"""Tests of headers."""

import pickle
import time
from copy import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.headers import EnvironHeaders, Headers
from costrel.http.multidict import MultiDict

PAIRS = [("Content-Type", "text/plain"), ("X-A", "1"), ("x-a", "2")]


class Missing(KeyError):
    pass


@pytest.fixture
def headers():
    return Headers(PAIRS)


@pytest.mark.parametrize(
    "source",
    [
        PAIRS,
        tuple(PAIRS),
        iter(PAIRS),
        {"Content-Type": "text/plain", "X-A": ["1", "2"]},
        MultiDict([("Content-Type", "text/plain"), ("X-A", 1), ("X-A", 2)]),
        Headers(PAIRS),
    ],
    ids=["list", "tuple", "iterator", "mapping", "multidict", "headers"],
)
def test_headers_are_made_from_whatever_holds_pairs(source):
    assert Headers(source) == Headers(PAIRS)


def test_names_are_found_in_any_case(headers):
    assert headers["content-TYPE"] == headers.get("CONTENT-type") == "text/plain"
    assert "x-A" in headers
    assert "X-B" not in headers
    assert 42 not in headers
    assert headers.getlist("X-a") == headers.get_all("x-a") == ["1", "2"]
    assert headers.get("X-B") is None
    assert headers.get("X-B", "no") == "no"


def test_values_are_converted_or_left_out(headers):
    headers.add("X-A", "x")
    assert headers.get("X-A", type=int) == 1
    assert headers.get("Content-Type", 0, int) == 0
    assert headers.getlist("X-A", int) == [1, 2]


def test_a_missing_name_raises_what_the_class_says():
    class Strict(Headers):
        missing = Missing

    with pytest.raises(Missing):
        Strict()["X-A"]
    with pytest.raises(Missing):
        Strict().pop("X-A")
    with pytest.raises(KeyError):
        Headers()["X-A"]


def test_pairs_are_shown_in_order(headers):
    assert list(headers) == list(headers.items()) == headers.to_wsgi_list() == PAIRS
    assert list(headers.items(lower=True))[1] == ("x-a", "1")
    assert list(headers.keys()) == ["Content-Type", "X-A", "x-a"]
    assert list(headers.keys(lower=True)) == ["content-type", "x-a", "x-a"]
    assert list(headers.values()) == ["text/plain", "1", "2"]
    assert len(headers) == 3
    assert str(headers) == "Content-Type: text/plain\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    assert str(Headers()) == "\r\n"
    assert repr(headers) == f"Headers({PAIRS!r})"


def test_headers_differ_from_what_is_no_headers(headers):
    assert headers != dict(PAIRS)
    assert headers != None  # noqa: E711  # the operator is tested


def test_places_and_slices(headers):
    assert headers[0] == PAIRS[0]
    assert headers[1:] == Headers(PAIRS[1:])
    headers[0] = ("X-B", 3)
    headers[2:] = [("X-C", b"4")]
    assert list(headers) == [("X-B", "3"), ("X-A", "1"), ("X-C", "4")]
    del headers[0]
    del headers[-1:]
    assert list(headers) == [("X-A", "1")]


def test_setting_replaces_at_the_first_place(headers):
    headers.add("X-C", "3")
    headers["X-a"] = 9
    assert list(headers) == [PAIRS[0], ("X-a", "9"), ("X-C", "3")]
    headers.set("X-D", "4")
    assert headers[-1] == ("X-D", "4")
    headers["X-D"] = "5"
    assert headers[-1] == ("X-D", "5")


def test_options_are_written_behind_the_value(headers):
    headers.add("Content-Disposition", "attachment", filename='a "b".txt')
    assert headers["Content-Disposition"] == 'attachment; filename="a \\"b\\".txt"'
    headers.set("Content-Disposition", b"inline", file_name="c", size=None)
    assert headers["Content-Disposition"] == "inline; file-name=c"
    headers.add_header("X-B", 1, a=2)
    assert headers["X-B"] == "1; a=2"


def test_lists_are_set(headers):
    headers.setlist("X-A", ["7", "8"])
    headers.setlist("content-type", [])
    headers.setlist("X-B", (9,))
    assert list(headers) == [("X-A", "7"), ("X-A", "8"), ("X-B", "9")]


def test_defaults_are_stored_only_when_missing(headers):
    assert headers.setdefault("X-A", "9") == "1"
    assert headers.setdefault("X-B", 9) == "9"
    assert headers.setlistdefault("X-A", ["9"]) == ["1", "2"]
    assert headers.setlistdefault("X-C", ["1", "2"]) == ["1", "2"]


def test_extending_adds(headers):
    headers.extend({"X-A": "3"}, b=["4", "5"])
    headers.extend(headers)
    assert headers.getlist("X-A") == ["1", "2", "3"] * 2
    assert headers.getlist("B") == ["4", "5"] * 2
    headers.extend()
    assert len(headers) == 12


def test_extending_adds_all_or_nothing(headers):
    with pytest.raises(ValueError, match="line breaks"):
        headers.extend([("X-B", "1"), ("X-C", "a\nb")])
    assert list(headers) == PAIRS


def test_updating_replaces(headers):
    headers.update([("X-A", "3"), ("x-a", "4")], b="5")
    assert headers.getlist("X-A") == ["3", "4"]
    assert headers["B"] == "5"
    headers.update({"b": "6"}, B=["7", "8"])
    assert headers.getlist("b") == ["7", "8"]
    headers |= {"b": "9"}
    assert headers.getlist("b") == ["9"]
    assert (headers | {"b": "10"})["b"] == "10"
    assert headers["b"] == "9"


def test_joining_with_what_holds_no_pairs_is_a_type_error(headers):
    with pytest.raises(TypeError):
        headers | [("a", "b")]
    with pytest.raises(TypeError):
        headers |= 3


def test_taking_out(headers):
    assert headers.pop("x-A") == "1"
    assert "X-A" not in headers
    assert headers.pop("X-A", None) is None
    headers.extend(PAIRS)
    assert headers.pop() == PAIRS[2]
    assert headers.popitem() == PAIRS[1]
    assert headers.pop(0) == PAIRS[0]
    headers.remove("content-type")
    headers.remove("content-type")
    del headers["X-Z"]
    assert list(headers) == []
    headers.add("X-A", "1")
    headers.clear()
    assert not headers


def test_equality_minds_neither_case_nor_the_order_of_names(headers):
    assert headers == Headers([("x-a", "1"), ("X-A", "2"), ("content-type", "text/plain")])
    assert headers != Headers([("x-a", "2"), ("X-A", "1"), ("content-type", "text/plain")])
    assert headers != PAIRS
    with pytest.raises(TypeError):
        hash(headers)


def test_copies_and_pickles_are_separate(headers):
    for made in (headers.copy(), copy(headers), pickle.loads(pickle.dumps(headers))):
        made.add("X-B", "1")
        assert len(made) == 4
    assert len(headers) == 3


def test_a_wrapped_list_is_shared_through_every_change():
    raw = list(PAIRS)
    headers = Headers.wrap(raw)
    for change in (
        lambda: headers.set("X-A", "9"),
        lambda: headers.add("X-B", "1"),
        lambda: headers.setlist("X-B", ["1", "2"]),
        lambda: headers.update(c="1"),
        lambda: headers.remove("c"),
        lambda: headers.extend(d="1"),
        lambda: headers.__setitem__(slice(1), [("E", "1")]),
        lambda: headers.pop("E"),
        lambda: headers.clear(),
    ):
        change()
        assert headers._list is raw


BAD_VALUES = ["a\rb", "a\nb", "a\r\nSet-Cookie: x", "\x00", "\x01", "\x0b", "\x1f", "\x7f", "€"]
WRITERS = {
    "make": lambda h, name, value: Headers([(name, value)]),
    "set": lambda h, name, value: h.set(name, value),
    "item": lambda h, name, value: h.__setitem__(name, value),
    "place": lambda h, name, value: h.__setitem__(0, (name, value)),
    "slice": lambda h, name, value: h.__setitem__(slice(1), [(name, value)]),
    "add": lambda h, name, value: h.add(name, value),
    "setlist": lambda h, name, value: h.setlist(name, ["good", value]),
    "setdefault": lambda h, name, value: h.setdefault(name, value),
    "extend": lambda h, name, value: h.extend({name: value}),
    "update": lambda h, name, value: h.update({name: value}),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("value", BAD_VALUES)
def test_o1_o2_no_value_breaks_out_of_its_line(headers, write, value):
    with pytest.raises(ValueError, match="X-Bad"):
        write(headers, "X-Bad", value)
    with pytest.raises(ValueError, match="Content-Length"):
        write(headers, "Content-Length", value)
    assert list(headers) == PAIRS


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize(
    "name", ["a\r\nb", "a\n", "a:b", "a b", "", "\x00", "a\x7f", "é", "€", "a\t"]
)
def test_o1_o2_no_name_breaks_out_of_its_line(headers, write, name):
    with pytest.raises(ValueError, match="not a token"):
        write(headers, name, "good")
    assert list(headers) == PAIRS


@pytest.mark.parametrize("value", BAD_VALUES)
def test_o1_o2_no_option_breaks_out_of_its_line(headers, value):
    with pytest.raises(ValueError, match="X-Bad"):
        headers.add("X-Bad", "v", option=value)
    with pytest.raises(ValueError, match="X-Bad"):
        headers.set("X-Bad", "v", option=value)


def test_tabs_and_latin_1_are_allowed(headers):
    headers["X-A"] = "a\tb é \xff"
    headers["X-B"] = b"\xe9"
    assert headers["X-A"] == "a\tb é \xff"
    assert headers["X-B"] == "é"


def test_a_url_with_wide_characters_is_written_in_ascii(headers):
    headers["Location"] = "http://☃.net/påth?€"
    headers["content-location"] = "/☃"
    assert headers["Location"] == "http://xn--n3h.net/p%C3%A5th?%E2%82%AC"
    assert headers["Content-Location"] == "/%E2%98%83"
    with pytest.raises(ValueError, match="Location"):
        headers["Location"] = "/☃\r\nSet-Cookie: a=b"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_what_gets_in_is_one_line(name, value):
    headers = Headers()
    try:
        headers.add(name, value)
    except ValueError:
        assert len(headers) == 0
        return
    assert str(headers).encode("latin-1").splitlines() == [
        f"{name}: {value}".encode("latin-1"),
        b"",
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["A", "a", "B", "c"]), st.sampled_from("123"))))
def test_it_agrees_with_a_list_of_pairs(pairs):
    headers = Headers(pairs)
    assert headers.getlist("a") == [value for name, value in pairs if name in "Aa"]
    headers["A"] = "4"
    assert headers.getlist("a") == ["4"]
    assert [pair for pair in headers if pair[0] not in "Aa"] == [
        pair for pair in pairs if pair[0] not in "Aa"
    ]


def test_q5_twenty_thousand_headers_take_linear_time():
    start = time.thread_time()
    headers = Headers([("X-A", "1")] * 20_000)
    assert len(headers.getlist("X-A")) == 20_000
    headers["X-A"] = "2"
    assert len(headers) == 1
    assert len(EnvironHeaders({f"HTTP_X{n}": "1" for n in range(20_000)})) == 20_000
    assert time.thread_time() - start < 2


ENVIRON = {
    "HTTP_ACCEPT": "*/*",
    "HTTP_X_USER": "me",
    "HTTP_CONTENT_TYPE": "ignored",
    "CONTENT_TYPE": "text/plain",
    "CONTENT_LENGTH": "5",
    "wsgi.version": (1, 0),
    "PATH_INFO": "/",
}


def test_an_environ_is_seen_as_headers():
    headers = EnvironHeaders(ENVIRON)
    assert sorted(headers) == [
        ("Accept", "*/*"),
        ("Content-Length", "5"),
        ("Content-Type", "text/plain"),
        ("X-User", "me"),
    ]
    assert headers["x-user"] == headers.get("X-USER") == "me"
    assert headers.get("content-length", type=int) == 5
    assert headers.get("Accept", 0, int) == 0
    assert headers.get("Path-Info", "no") == "no"
    assert "content-type" in headers
    assert "X-Other" not in headers
    assert 42 not in headers
    assert len(headers) == 4
    assert headers[0] == ("Accept", "*/*")
    assert headers.getlist("accept") == headers.get_all("Accept") == ["*/*"]
    assert headers.getlist("Content-Length", int) == [5]
    assert headers.getlist("Accept", int) == headers.getlist("X-Other") == []
    assert str(EnvironHeaders({"HTTP_A": "1"})) == "A: 1\r\n\r\n"
    assert Headers(headers)["X-User"] == "me"


def test_headers_of_an_environ_follow_it():
    environ = {}
    headers = EnvironHeaders(environ)
    assert not headers
    environ["HTTP_A"] = "1"
    assert headers["A"] == "1"
    assert headers == EnvironHeaders(dict(environ)) == Headers([("a", "1")])
    assert headers != EnvironHeaders({})


def test_an_empty_content_type_or_length_is_none():
    headers = EnvironHeaders({"CONTENT_TYPE": "", "CONTENT_LENGTH": "", "HTTP_A": ""})
    assert list(headers) == [("A", "")]
    assert "Content-Type" not in headers
    assert headers["A"] == ""
    with pytest.raises(KeyError):
        headers["Content-Length"]


def test_q6_underscores_and_hyphens_never_share_a_name():
    headers = EnvironHeaders(ENVIRON)
    assert "X-User" in headers
    assert "X_User" not in headers
    assert headers.get("content_type") is None
    plain = Headers([("X_User", "evil"), ("X-User", "good")])
    assert plain.getlist("X-User") == ["good"]
    assert plain.getlist("X_User") == ["evil"]


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.add("A", "1"),
        lambda h: h.add_header("A", "1"),
        lambda h: h.set("A", "1"),
        lambda h: h.__setitem__("A", "1"),
        lambda h: h.__delitem__("A"),
        lambda h: h.__ior__({"A": "1"}),
        lambda h: h | {"A": "1"},
        lambda h: h.clear(),
        lambda h: h.extend({"A": "1"}),
        lambda h: h.update({"A": "1"}),
        lambda h: h.pop("A"),
        lambda h: h.popitem(),
        lambda h: h.remove("A"),
        lambda h: h.setdefault("A", "1"),
        lambda h: h.setlist("A", ["1"]),
        lambda h: h.setlistdefault("A", ["1"]),
        lambda h: h.copy(),
        copy,
    ],
)
def test_headers_of_an_environ_refuse_changes(change):
    environ = dict(ENVIRON)
    with pytest.raises(TypeError):
        change(EnvironHeaders(environ))
    assert environ == ENVIRON


def test_an_environs_headers_go_by_how_a_subclass_iterates():
    class Shouting(EnvironHeaders):
        def __iter__(self):
            for name, value in super().__iter__():
                yield name.upper(), value

    headers = Shouting({"HTTP_X_A": "1", "CONTENT_TYPE": "t"})
    pairs = [("X-A", "1"), ("CONTENT-TYPE", "t")]
    assert list(headers.items()) == headers.to_wsgi_list() == pairs
    assert list(Headers(headers)) == pairs
    assert len(headers) == 2
