"""Files as responses: whole, in part, not at all; small ones at once."""

import io
import os
from datetime import UTC, datetime

import pytest

from costrel.http import files
from costrel.http.exceptions import NotFound, RequestedRangeNotSatisfiable
from costrel.http.files import AT_ONCE, send_file, send_from_directory
from costrel.http.response import Response

SMALL = b"0123456789"
LARGE = os.urandom(1024) * (AT_ONCE // 1024 + 1)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "small.txt").write_bytes(SMALL)
    (tmp_path / "large.bin").write_bytes(LARGE)
    (tmp_path / "empty.txt").write_bytes(b"")
    return tmp_path


@pytest.fixture(params=["small.txt", "large.bin"])
def file(root, request):
    """A file that is read at once, and one that is not."""
    return root / request.param


def environ(method="GET", **headers):
    return {"REQUEST_METHOD": method, **{f"HTTP_{name}": text for name, text in headers.items()}}


def wire(response, asked):
    """What goes out: status, headers, body."""
    body, status, headers = response.get_wsgi_response(asked)
    content = b"".join(body)
    response.close()
    return int(status[:3]), dict(headers), content


def fetch(path, *args, method="GET", sends=send_file, headers=None, **options):
    asked = environ(method, **(headers or {}))
    return wire(sends(path, *args, asked, **options), asked)


def test_a_file_is_sent_whole(file):
    status, headers, body = fetch(file)
    assert (status, body) == (200, file.read_bytes())
    assert headers["Content-Length"] == str(file.stat().st_size)
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Cache-Control"] == "no-cache"
    assert {"Date", "ETag", "Last-Modified", "Content-Disposition"} <= set(headers)


def test_a_path_and_its_text_are_the_same(file):
    assert fetch(file)[2] == fetch(str(file))[2]


def test_an_empty_file_has_an_empty_body(root):
    status, headers, body = fetch(root / "empty.txt")
    assert (status, headers["Content-Length"], body) == (200, "0", b"")


def test_a_small_file_goes_out_in_one_piece(root):
    assert send_file(root / "small.txt", environ()).response == [SMALL]


def test_a_large_file_is_not_held_in_memory(root):
    with send_file(root / "large.bin", environ()) as response:
        assert not response.is_sequence


def test_a_large_file_is_left_to_the_server_where_it_has_a_way(root):
    taken = []

    def wrapper(file, size):
        taken.append(file)
        return iter([b"by the server"])

    response = send_file(root / "large.bin", {**environ(), "wsgi.file_wrapper": wrapper})
    assert list(response.response) == [b"by the server"]
    taken[0].close()


def test_a_head_request_has_headers_and_no_body(file):
    status, headers, body = fetch(file, method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(file.stat().st_size)


def test_a_post_is_answered_whole_whatever_it_asks(file):
    etag = fetch(file)[1]["ETag"]
    conditions = {"IF_NONE_MATCH": etag, "RANGE": "bytes=0-1"}
    status, headers, body = fetch(file, method="POST", headers=conditions)
    assert (status, body) == (200, file.read_bytes())
    assert "Accept-Ranges" not in headers


@pytest.mark.parametrize(
    "condition",
    [
        lambda headers: {"IF_NONE_MATCH": headers["ETag"]},
        lambda headers: {"IF_NONE_MATCH": f'"other", {headers["ETag"]}'},
        lambda headers: {"IF_NONE_MATCH": f"W/{headers['ETag']}"},
        lambda headers: {"IF_NONE_MATCH": headers["ETag"], "IF_MODIFIED_SINCE": "never"},
        lambda headers: {"IF_MODIFIED_SINCE": headers["Last-Modified"]},
        lambda headers: {"IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
        lambda headers: {"IF_NONE_MATCH": "*"},
        lambda headers: {"IF_MATCH": "*", "IF_NONE_MATCH": "*"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_that_the_client_has_is_not_sent_again(file, condition, method):
    before = fetch(file)[1]
    status, headers, body = fetch(file, method=method, headers=condition(before))
    assert (status, body) == (304, b"")
    assert headers["ETag"] == before["ETag"]
    assert headers["Cache-Control"] == "no-cache"
    assert "Date" in headers
    assert "Content-Length" not in headers
    assert "Content-Type" not in headers


def test_a_304_says_again_how_long_the_file_may_be_kept(file):
    held = {"IF_NONE_MATCH": fetch(file)[1]["ETag"]}
    status, headers, _ = fetch(file, headers=held, max_age=60)
    assert status == 304
    assert headers["Cache-Control"] == "public, max-age=60"
    assert "Expires" in headers


@pytest.mark.parametrize(
    "condition",
    [
        {"IF_NONE_MATCH": '"other"'},
        {"IF_NONE_MATCH": '"other"', "IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"IF_MODIFIED_SINCE": "Mon, 01 Jan 1990 00:00:00 GMT"},
        {"IF_MODIFIED_SINCE": "Mon, 01 Jan 9999999999 00:00:00 GMT"},
        {"IF_MODIFIED_SINCE": "Mon, 01 Jan 0001 00:00:00 +2359"},
        {"IF_MODIFIED_SINCE": ""},
        {"IF_NONE_MATCH": '"' * 2001},
        {"IF_NONE_MATCH": ",".join(f'"{n}"' for n in range(2000))},
        {"IF_MATCH": "*"},
        {"RANGE": "bytes=0-3", "IF_RANGE": '"other"'},
        {"RANGE": "bytes=0-3", "IF_RANGE": 'a"b\\'},
    ],
)
def test_b1_b8_n4_n6_all_other_conditions_get_the_whole_file(file, condition):
    status, _, body = fetch(file, headers=condition)
    assert (status, body) == (200, file.read_bytes())


def test_a_changed_file_is_sent_again(file):
    before = fetch(file)[1]
    file.write_bytes(b"changed")
    held = {"IF_NONE_MATCH": before["ETag"]}
    assert fetch(file, headers=held)[2] == b"changed"


def test_a_file_in_another_state_than_wanted_is_412(file):
    assert fetch(file, headers={"IF_MATCH": '"other"'})[0] == 412


@pytest.mark.parametrize(
    ("asked", "span"),
    [("0-3", slice(0, 4)), ("4-", slice(4, None)), ("-4", slice(-4, None)), ("9-9", slice(9, 10))],
)
def test_a_range_is_cut_out(file, asked, span):
    etag = fetch(file)[1]["ETag"]
    for condition in ({}, {"IF_RANGE": etag}):
        status, headers, body = fetch(file, headers={"RANGE": f"bytes={asked}", **condition})
        assert (status, body) == (206, file.read_bytes()[span])
        assert headers["Content-Length"] == str(len(body))
        assert headers["Content-Range"].endswith(f"/{file.stat().st_size}")


def test_a_range_of_a_head_request_is_ignored(file):
    status, headers, body = fetch(file, method="HEAD", headers={"RANGE": "bytes=0-3"})
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(file.stat().st_size)


def test_a_range_outside_is_416_and_the_file_is_closed(file, monkeypatch):
    opened = []

    def keep(environ, file, size):
        opened.append(file)
        return io.BytesIO()

    monkeypatch.setattr(files, "wrap_file", keep)
    with pytest.raises(RequestedRangeNotSatisfiable):
        send_file(file, environ(RANGE="bytes=999999999-"))
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    "asked", ["0-1," * 1000 + "2-3", "5-2", "-0", "9" * 20 + "-", "٣-٥", "", "a-b", "0-1,x"]
)
def test_n1_to_n3_odd_ranges_are_answered_and_never_longer_than_the_file(file, asked):
    try:
        status, _, body = fetch(file, headers={"RANGE": f"bytes={asked}"})
    except RequestedRangeNotSatisfiable:
        return
    assert status in {200, 206}
    assert len(body) <= file.stat().st_size


def test_conditions_can_be_switched_off(file):
    held = {"IF_NONE_MATCH": fetch(file)[1]["ETag"], "RANGE": "bytes=0-1"}
    status, headers, body = fetch(file, headers=held, conditional=False)
    assert (status, body) == (200, file.read_bytes())
    assert "Accept-Ranges" not in headers


def test_a_tag_can_be_given_or_left_out(file):
    assert fetch(file, etag="mine")[1]["ETag"] == '"mine"'
    assert fetch(file, etag="mine", headers={"IF_NONE_MATCH": '"mine"'})[0] == 304
    assert "ETag" not in fetch(file, etag=False)[1]
    assert "Last-Modified" in fetch(file, etag=False)[1]


def test_a_date_can_be_given(file):
    moment = datetime(1999, 1, 1, tzinfo=UTC)
    headers = fetch(file, last_modified=moment)[1]
    assert headers["Last-Modified"] == "Fri, 01 Jan 1999 00:00:00 GMT"
    assert fetch(file, last_modified=0)[1]["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    since = {"IF_MODIFIED_SINCE": "Fri, 02 Jan 1970 00:00:00 GMT"}
    assert fetch(file, last_modified=0, headers=since)[0] == 304


def test_how_long_it_is_kept_may_depend_on_the_path(file):
    asked = []

    def max_age(path):
        asked.append(path)
        return 10

    assert fetch(file, max_age=max_age)[1]["Cache-Control"] == "public, max-age=10"
    assert asked == [str(file)]
    send_file(io.BytesIO(), environ(), mimetype="a/b", max_age=max_age)
    assert asked[1] is None


def test_the_server_in_front_may_send_it(file):
    ranged = {"RANGE": "bytes=0-3"}
    for headers in ({}, ranged):
        status, answer, body = fetch(file, use_x_sendfile=True, headers=headers)
        assert (status, answer["X-Sendfile"], body) == (200, str(file), b"")
    held = {"IF_NONE_MATCH": answer["ETag"]}
    status, answer, _ = fetch(file, use_x_sendfile=True, headers=held)
    assert status == 304
    assert "X-Sendfile" not in answer


def test_a_relative_path_starts_at_the_root_or_here(root, monkeypatch):
    assert fetch("small.txt", _root_path=root)[2] == SMALL
    monkeypatch.chdir(root)
    status, headers, body = fetch("small.txt", use_x_sendfile=True)
    assert headers["X-Sendfile"] == str(root / "small.txt")


def test_an_object_that_names_a_path_is_a_path(root):
    class Named:
        def __fspath__(self):
            return os.fsencode(root / "small.txt")

    assert fetch(Named())[2] == SMALL


def test_a_response_class_of_ones_own_is_made(file):
    class Mine(Response):
        default_mimetype = "text/mine"

    with send_file(file, environ(), response_class=Mine) as response:
        assert type(response) is Mine
    held = environ(IF_NONE_MATCH=fetch(file)[1]["ETag"])
    assert type(send_file(file, held, response_class=Mine)) is Mine
    assert fetch(file, response_class=Mine)[1]["Content-Type"] != "text/mine"


def test_headers_of_one_response_are_not_those_of_the_next(file):
    first = send_file(file, environ())
    first.headers["X-Mine"] = "1"
    first.headers["ETag"] = '"mine"'
    first.close()
    assert "X-Mine" not in fetch(file)[1]
    assert fetch(file)[1]["ETag"] != '"mine"'


def test_bytes_in_memory_are_sent():
    status, headers, body = fetch(io.BytesIO(SMALL), download_name="a.txt")
    assert (status, body, headers["Content-Length"]) == (200, SMALL, "10")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "ETag" not in headers
    status, _, body = fetch(io.BytesIO(SMALL), mimetype="a/b", headers={"RANGE": "bytes=2-3"})
    assert (status, body) == (206, b"23")


def test_bytes_that_were_read_in_part_are_sent_from_there():
    stream = io.BytesIO(SMALL)
    stream.read(6)
    status, headers, body = fetch(stream, mimetype="a/b", headers={"RANGE": "bytes=0-1"})
    assert (status, body, headers["Content-Length"]) == (200, b"6789", "4")


def test_an_open_file_is_sent_and_closed(file):
    stream = file.open("rb")
    assert fetch(stream, mimetype="a/b")[2] == file.read_bytes()
    assert stream.closed


def test_an_open_file_may_have_a_tag_and_a_date(file):
    with file.open("rb") as stream:
        headers = fetch(stream, mimetype="a/b", etag="mine", last_modified=0)[1]
    assert headers["ETag"] == '"mine"'
    assert headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_text_cannot_be_sent(root):
    with pytest.raises(ValueError, match="binary mode"):
        send_file(io.StringIO("text"), environ(), mimetype="a/b")
    with (root / "small.txt").open() as stream, pytest.raises(ValueError, match="binary mode"):
        send_file(stream, environ(), mimetype="a/b")


def test_what_is_no_file_raises_what_the_system_says(root):
    with pytest.raises(IsADirectoryError):
        send_file(root, environ())
    with pytest.raises(FileNotFoundError):
        send_file(root / "none", environ())


def test_a_file_that_shrinks_while_it_is_sent_has_an_honest_length(root, monkeypatch):
    monkeypatch.setattr(files, "_read", lambda path, size: b"0123")
    status, headers, body = fetch(root / "small.txt")
    assert (status, headers["Content-Length"], body) == (200, "4", b"0123")


def test_a_file_that_is_read_bit_by_bit_is_sent_whole(root, monkeypatch):
    real = os.read
    monkeypatch.setattr(files.os, "read", lambda descriptor, size: real(descriptor, min(size, 3)))
    assert fetch(root / "small.txt")[2] == SMALL


def test_a_file_that_was_cut_is_read_to_its_end(root):
    assert files._read(str(root / "small.txt"), 100) == SMALL


# --- from a directory


def serve(root, path, **options):
    return fetch(root, path, sends=send_from_directory, **options)


def test_a_file_of_a_directory_is_sent(file):
    status, headers, body = serve(file.parent, file.name)
    assert (status, body) == (200, file.read_bytes())
    assert headers["ETag"] == fetch(file)[1]["ETag"]


def test_p10_files_of_a_directory_are_what_they_say(file):
    assert serve(file.parent, file.name)[1]["X-Content-Type-Options"] == "nosniff"
    assert "X-Content-Type-Options" not in serve(file.parent, file.name, nosniff=False)[1]
    assert "X-Content-Type-Options" not in fetch(file)[1]


def test_all_that_send_file_takes_can_be_given(file):
    options = {"as_attachment": True, "download_name": "x.csv", "max_age": 5, "etag": "mine"}
    headers = serve(file.parent, file.name, **options)[1]
    assert headers["Content-Disposition"] == "attachment; filename=x.csv"
    assert headers["Cache-Control"] == "public, max-age=5"
    assert headers["ETag"] == '"mine"'
    assert serve(file.parent, file.name, use_x_sendfile=True)[1]["X-Sendfile"] == str(file)


def test_how_long_a_file_of_a_directory_is_kept_may_depend_on_its_path(file):
    headers = serve(file.parent, file.name, max_age=lambda path: len(path))[1]
    assert headers["Cache-Control"] == f"public, max-age={len(str(file))}"


def test_a_file_of_a_directory_that_the_client_has_is_not_sent_again(file):
    etag = serve(file.parent, file.name)[1]["ETag"]
    assert serve(file.parent, file.name, headers={"IF_NONE_MATCH": etag})[0] == 304


def test_a_directory_may_be_relative_to_a_root(root):
    (root / "d").mkdir()
    (root / "d" / "a.txt").write_bytes(b"a")
    assert serve("d", "a.txt", _root_path=root)[2] == b"a"


@pytest.mark.parametrize("path", ["../x", "none", ".hidden", "nul\0l", "small.txt/", ""])
def test_what_is_not_to_be_sent_is_not_found(root, path):
    (root / ".hidden").write_text("hidden")
    with pytest.raises(NotFound):
        send_from_directory(root, path, environ())


def test_dot_files_and_links_are_sent_on_request(root):
    (root / "sub").mkdir()
    (root / "sub" / ".hidden").write_text("hidden")
    (root / "sub" / "link").symlink_to(root / "small.txt")
    assert serve(root / "sub", ".hidden", dot_files=True)[2] == b"hidden"
    assert serve(root / "sub", "link", follow_symlinks=True)[2] == SMALL
    with pytest.raises(NotFound):
        send_from_directory(root / "sub", "link", environ())


def test_a_file_that_vanishes_while_it_is_sent_is_not_found(file, monkeypatch):
    known = files.find_below

    def then_gone(*args, **options):
        found = known(*args, **options)
        file.unlink()
        return found

    monkeypatch.setattr(files, "find_below", then_gone)
    with pytest.raises(NotFound):
        send_from_directory(file.parent, file.name, environ())
