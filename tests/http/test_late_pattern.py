import re

import pytest

from costrel.http import late_pattern as late_pattern_file
from costrel.http.late_pattern import late_pattern


@pytest.fixture
def compiled(monkeypatch):
    """The patterns that were compiled, in their order."""
    seen = []

    class Re:
        @staticmethod
        def compile(text, flags=0):
            seen.append(text)
            return re.compile(text, flags)

    monkeypatch.setattr(late_pattern_file, "re", Re)
    return seen


def test_a_pattern_is_compiled_when_it_is_first_used(compiled):
    pattern = late_pattern("a+")
    assert compiled == []
    assert pattern.fullmatch("aaa")
    assert compiled == ["a+"]


def test_a_method_is_asked_for_once(compiled):
    pattern = late_pattern("a+")
    assert [pattern.sub("b", "caac"), pattern.sub("b", "a")] == ["cbc", "b"]
    assert compiled == ["a+"]


def test_it_is_used_as_a_pattern_is():
    pattern = late_pattern("A B", re.VERBOSE | re.IGNORECASE)
    assert pattern.search("xab").span() == (1, 3)
    assert pattern.split("1ab2") == ["1", "2"]
    assert [found[0] for found in pattern.finditer("abAB")] == ["ab", "AB"]
    assert pattern.pattern == "A B"


def test_bytes_have_patterns_too():
    assert late_pattern(rb"[\x00-\x1f]").sub(b"?", b"a\nb") == b"a?b"


def test_an_error_shows_at_the_first_use():
    pattern = late_pattern("(")
    with pytest.raises(re.error):
        pattern.match("x")
