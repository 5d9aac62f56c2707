"""docs/security.md names each check and where its test is."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"


def ids_in(path):
    """The ids that a file's tests are named after."""
    names = re.findall(r"^(?:def )?(test_\w+)", path.read_text(), re.MULTILINE)
    words = (word for name in names for word in name.split("_"))
    return {word.upper() for word in words if re.fullmatch("[a-z][0-9]+", word)}


def promised():
    """The ids of the page by file."""
    found, file = {}, None
    for line in PAGE.read_text().split("\n"):
        if place := re.match(r"`tests/([\w/]+\.py)`", line):
            file = found.setdefault(place[1], set())
        elif row := re.match(r"\| ([A-Z][0-9]+) \|", line):
            file.add(row[1])
    return found


def test_each_check_of_the_page_has_a_test_in_the_file_it_names():
    assert promised()
    for file, ids in promised().items():
        assert not ids - ids_in(TESTS / file), file


def test_each_test_named_after_a_check_is_on_the_page():
    listed = set().union(*promised().values())
    for path in (TESTS / "security").glob("test_*.py"):
        assert not ids_in(path) - listed, path.name
