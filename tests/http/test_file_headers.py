"""What headers say of a file: type, name, entity tag, dates."""

import os
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http import file_headers as this
from costrel.http.file_headers import (
    cache_pairs,
    describe,
    dump_disposition,
    guess_type,
    headers_of_file,
    make_date,
    make_etag,
)
from costrel.http.header_values import parse_options_header


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("hello")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return str(path)


def ask(path, **options):
    asked = {"mimetype": None, "as_attachment": False, "download_name": None, "nosniff": False}
    return headers_of_file(path, os.stat(path), **{**asked, **options})


def test_a_file_has_type_size_name_tag_and_date(file):
    assert dict(ask(file).pairs) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "5",
        "Content-Disposition": "inline; filename=page.txt",
        "ETag": make_etag(file, os.stat(file)),
        "Last-Modified": "Sun, 09 Sep 2001 01:46:40 GMT",
    }


def test_type_and_tag_come_first(file):
    assert [name for name, _ in ask(file).pairs[:3]] == ["Content-Type", "ETag", "Content-Length"]


def test_headers_are_made_once_for_each_state_of_a_file(file):
    first = ask(file)
    assert ask(file) is first
    os.utime(file, (1_000_000_001, 1_000_000_001))
    second = ask(file)
    assert second.etag != first.etag
    assert second.last_modified == "Sun, 09 Sep 2001 01:46:41 GMT"
    with open(file, "a") as more:
        more.write("!")
    os.utime(file, (1_000_000_001, 1_000_000_001))
    assert ask(file).etag not in {first.etag, second.etag}


def test_other_wishes_give_other_headers(file):
    assert ask(file) is not ask(file, nosniff=True)
    assert ("X-Content-Type-Options", "nosniff") in ask(file, nosniff=True).pairs
    assert ("Content-Type", "a/b") in ask(file, mimetype="a/b").pairs
    assert ("Content-Disposition", "attachment; filename=x.csv") in ask(
        file, as_attachment=True, download_name="x.csv"
    ).pairs


def test_what_is_remembered_is_bounded(file, monkeypatch):
    monkeypatch.setattr(this, "_KNOWN", {})
    monkeypatch.setattr(this, "_MOST_KNOWN", 3)
    for n in range(10):
        ask(file, download_name=f"{n}.txt")
        assert len(this._KNOWN) <= 3


def test_files_of_the_same_time_and_size_have_different_tags(file):
    found = os.stat(file)
    assert make_etag("/a", found) != make_etag("/b", found)
    assert make_etag("/a", found).count("-") == 2


def test_a_name_that_is_not_utf8_has_a_tag(file):
    assert make_etag("/a\udcff", os.stat(file))[0] == '"'


@pytest.mark.parametrize("moment", [1e15, -1e15, float("inf"), float("nan")])
def test_a_day_outside_of_the_calendar_is_left_out(moment):
    assert make_date(moment) is None


def test_a_file_of_the_far_future_has_no_date(file):
    far = SimpleNamespace(st_mtime=1e13, st_mtime_ns=10**22, st_size=5)
    made = headers_of_file(file, far, None, False, "far.txt", False)
    assert made.last_modified is None
    assert "Last-Modified" not in dict(made.pairs)


def test_dates_are_written_from_numbers_and_datetimes():
    assert make_date(0) == make_date(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.html", ("text/html", None)),
        ("a.b.c.html", ("text/html", None)),
        ("a.tar.gz", ("application/x-tar", "gzip")),
        ("a.tgz", ("application/x-tar", "gzip")),
        ("logo.svgz", ("image/svg+xml", "gzip")),
        ("A.PNG", ("image/png", None)),
        ("a", ("application/octet-stream", None)),
        ("", ("application/octet-stream", None)),
        ("a.never-heard-of", ("application/octet-stream", None)),
        ("data:text/html,x.png", ("image/png", None)),
    ],
)
def test_a_type_is_told_by_the_endings(name, expected):
    assert guess_type(name) == expected


def test_what_is_shown_may_be_compressed_and_what_is_saved_stays_so():
    shown, saved = dict(describe("a.svgz", None, False)), dict(describe("a.svgz", None, True))
    assert shown["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in saved
    assert shown["Content-Type"] == saved["Content-Type"] == "image/svg+xml; charset=utf-8"


def test_without_a_name_a_type_has_to_be_given():
    with pytest.raises(TypeError, match="detect the MIME type"):
        describe(None, None, False)
    with pytest.raises(TypeError, match="attachment"):
        describe(None, "text/plain", True)
    assert describe(None, "a/b", False) == (("Content-Type", "a/b"),)


def test_a_type_that_would_split_the_response_is_refused():
    with pytest.raises(ValueError, match="Content-Type"):
        describe("a", "text/plain\r\nSet-Cookie: a=b", False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "inline; filename=index.html"),
        ("(test.txt", 'inline; filename="(test.txt"'),
        ('a"b;c.txt', r'inline; filename="a\"b;c.txt"'),
        ("a\r\nSet-Cookie: x=y", 'inline; filename="aSet-Cookie: x=y"'),
        ("a\x00\x1f\x7fb", "inline; filename=ab"),
        ("../../x.txt", "inline; filename=x.txt"),
        ("/etc/passwd", "inline; filename=passwd"),
        ("C:\\x\\y.txt", "inline; filename=y.txt"),
        ("a\\..\\y.txt", "inline; filename=y.txt"),
        ("a/../y.txt", "inline; filename=y.txt"),
        ("this/that.txt", 'inline; filename="this/that.txt"'),
        ("", 'inline; filename=""'),
        ("Vögel.txt", "inline; filename=Vogel.txt; filename*=UTF-8''V%C3%B6gel.txt"),
        ("те:/ст", "inline; filename=\":/\"; filename*=UTF-8''%D1%82%D0%B5%3A%2F%D1%81%D1%82"),
        ("\udcff.txt", "inline; filename=.txt; filename*=UTF-8''%3F.txt"),
    ],
)
def test_o4_a_name_is_quoted_or_encoded_and_never_a_path(name, expected):
    assert dump_disposition("inline", name) == expected


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_o4_any_name_can_be_written_and_read_back(name):
    written = dump_disposition("attachment", name)
    assert written.isascii()
    assert written.isprintable()
    kind, options = parse_options_header(written)
    assert kind == "attachment"
    assert set(options) <= {"filename"}


def test_a_file_is_kept_and_asked_for_unless_it_may_age():
    assert cache_pairs(None, 0) == (("Cache-Control", "no-cache"),)
    assert cache_pairs(60, 0) == (
        ("Cache-Control", "public, max-age=60"),
        ("Expires", "Thu, 01 Jan 1970 00:01:00 GMT"),
    )
    assert dict(cache_pairs(0, 0))["Cache-Control"] == "no-cache, max-age=0"
