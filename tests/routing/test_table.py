"""The table against the regex it stands for."""

from __future__ import annotations

import re
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.exceptions import NotFound
from costrel.routing import Map, Rule
from costrel.routing.table import INT_SPAN, PATH_SPAN, TEXT_SPAN, share_out

REGEX = {TEXT_SPAN: "([^/]+)", INT_SPAN: "([0-9]+)", PATH_SPAN: "([^/].*?)"}
PIECES = st.lists(
    st.one_of(st.sampled_from(list(REGEX)), st.sampled_from(["-", "/", "1", "a", "-1", "//"])),
    min_size=1,
    max_size=5,
)


@given(PIECES, st.text(alphabet="a1-/\n", max_size=9))
@settings(max_examples=600, deadline=None)
def test_the_table_says_what_the_regex_says(pieces, text):
    pattern = "".join(REGEX.get(piece) or re.escape(piece) for piece in pieces)
    found = re.fullmatch(pattern, text)
    assert share_out(text, pieces) == (found.groups() if found else None)


MANY = range(12)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("-".join(f"<a{i}>" for i in MANY) + ".html", "-" * 3900),
        ("".join(f"<a{i}>" for i in MANY) + ".html", "-" * 3900),
        ("".join(f"<int:a{i}>" for i in MANY) + "x", "1" * 3900),
        ("-".join(f"<int:a{i}>" for i in MANY), "1-" * 1950),
        ("-".join(f"<a{i}>-<int:b{i}>" for i in MANY) + ".html", "a-1-" * 975),
        ("/".join(f"<path:a{i}>" for i in MANY) + "/x", "a/" * 1950),
        ("".join(f"<path:a{i}>" for i in MANY) + "x/", "-" * 3900),
        ("/".join(f"<path:a{i}>/<b{i}>" for i in MANY) + "/x", "a/" * 1950),
        ("-".join(f"<float:a{i}>" for i in MANY), "1." * 1950),
    ],
)
def test_long_paths_are_refused_in_linear_time(rule, text):
    urls = Map([Rule(f"/{rule}", endpoint="x")], merge_slashes=False).bind("example.org")
    start = thread_time()
    with pytest.raises(NotFound):
        urls.match(f"/{text}")
    # Far less; the regexes would take years.
    assert thread_time() - start < 2


def test_many_variables_in_one_part_match():
    rule = "/" + "-".join(f"<a{i}>" for i in MANY)
    urls = Map([Rule(rule, endpoint="x")]).bind("example.org")
    text = "-".join(str(i) for i in MANY)
    assert urls.match(f"/{text}")[1] == {f"a{i}": str(i) for i in MANY}
    assert urls.match(f"/z-{text}")[1] == {f"a{i}": "z-0" if i == 0 else str(i) for i in MANY}


def test_the_first_variable_takes_the_most_in_short_and_long_texts():
    urls = Map([Rule("/<a>-<b>", endpoint="x")]).bind("example.org")
    for text in ("x", "x" * 300):
        assert urls.match(f"/{text}-1-2")[1] == {"a": f"{text}-1", "b": "2"}


def test_the_last_variable_takes_no_slash_that_is_the_rules_own():
    urls = Map([Rule("/<path:a>-<path:b>/", endpoint="x")], merge_slashes=False).bind("e.org")
    for text in ("x", "x" * 300):
        assert urls.match(f"/{text}-y/")[1] == {"a": text, "b": "y"}
        with pytest.raises(NotFound):
            urls.match(f"/{text}-y//")
