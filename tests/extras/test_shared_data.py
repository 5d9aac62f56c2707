import os
import sys
import zipfile
from datetime import UTC, datetime

import pytest

from costrel.extras.shared_data import SharedDataMiddleware
from costrel.http.dates import http_date


def front(environ, start_response):
    start_response("404 Not Found", [])
    return [b"front"]


def get(app, path, **environ):
    """Ask for a path: status, headers, body."""
    started = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path.encode().decode("latin-1")} | environ
    body = app(environ, lambda status, headers: started.append((status, dict(headers))))
    try:
        content = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    return (*started[0], content)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.html").write_text("page")
    (tmp_path / "äöü").write_text("umlauts")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "deep.txt").write_text("deep")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "body"),
    [("/files/page.html", b"page"), ("/files/äöü", b"umlauts"), ("/files/sub/deep.txt", b"deep")],
)
def test_files_of_a_directory_are_served(folder, path, body):
    app = SharedDataMiddleware(front, {"/files": str(folder)})
    assert get(app, path)[::2] == ("200 OK", body)


@pytest.mark.parametrize(
    "path",
    [
        "/files",
        "/files/",
        "/files/sub",
        "/files/missing",
        "/filespage.html",
        "/files/../conftest.py",
        "/files/sub/../../x",
        "/files//etc/passwd",
        "/files/\0",
        "/files/" + "a" * 300,
        "/other",
    ],
)
def test_everything_else_goes_to_the_app(folder, path):
    app = SharedDataMiddleware(front, {"/files": str(folder)})
    assert get(app, path)[::2] == ("404 Not Found", b"front")


def test_a_response_says_type_size_and_age(folder):
    os.utime(folder / "page.html", (1_000_000_000, 1_000_000_000))
    headers = get(SharedDataMiddleware(front, {"/": str(folder)}), "/page.html")[1]
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Length"] == "4"
    assert headers["Last-Modified"] == http_date(datetime.fromtimestamp(1_000_000_000, tz=UTC))
    assert headers["Cache-Control"] == "max-age=43200, public"
    assert headers["ETag"].startswith('"')
    assert "Expires" in headers


def test_an_unknown_type_is_the_fallback(folder):
    app = SharedDataMiddleware(front, {"/": str(folder)}, fallback_mimetype="text/x-mine")
    assert get(app, "/äöü")[1]["Content-Type"].startswith("text/x-mine")


def test_a_client_that_has_the_file_gets_304(folder):
    app = SharedDataMiddleware(front, {"/": str(folder)})
    etag = get(app, "/page.html")[1]["ETag"]
    status, headers, body = get(app, "/page.html", HTTP_IF_NONE_MATCH=etag)
    assert (status, body) == ("304 Not Modified", b"")
    assert headers["ETag"] == etag


def test_without_caching_nothing_is_promised(folder):
    app = SharedDataMiddleware(front, {"/": str(folder)}, cache=False)
    headers = get(app, "/page.html")[1]
    assert headers["Cache-Control"] == "public"
    assert "ETag" not in headers


def test_one_file_can_be_exported(folder):
    app = SharedDataMiddleware(front, [("/about", str(folder / "page.html"))])
    assert get(app, "/about")[2] == b"page"


@pytest.mark.parametrize("disallow", ["*.html", ["*.txt", "*.html"]])
def test_disallowed_names_go_to_the_app(folder, disallow):
    app = SharedDataMiddleware(front, {"/": str(folder)}, disallow=disallow)
    assert get(app, "/page.html")[2] == b"front"
    assert get(app, "/äöü")[2] == b"umlauts"


@pytest.fixture
def package(tmp_path, monkeypatch):
    home = tmp_path / "shared_demo_package"
    (home / "data").mkdir(parents=True)
    (home / "__init__.py").write_text("")
    (home / "data" / "a.css").write_text("css")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield home.name
    sys.modules.pop(home.name, None)


def test_files_of_a_package_are_served(package):
    app = SharedDataMiddleware(front, {"/static": (package, "data")})
    assert get(app, "/static/a.css")[1]["Content-Type"].startswith("text/css")
    assert get(app, "/static/a.css")[2] == b"css"


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/x", "/static/../__init__.py"])
def test_what_a_package_has_not_goes_to_the_app(package, path):
    app = SharedDataMiddleware(front, {"/static": (package, "data")})
    assert get(app, path)[2] == b"front"


def test_files_of_a_package_in_an_archive_are_served(tmp_path, monkeypatch):
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_demo_package/__init__.py", "")
        file.writestr("zipped_demo_package/data/a.txt", "zipped")
    monkeypatch.syspath_prepend(str(archive))
    app = SharedDataMiddleware(front, {"/static": ("zipped_demo_package", "data")})
    status, headers, body = get(app, "/static/a.txt")
    assert (status, headers["Content-Length"], body) == ("200 OK", "6", b"zipped")


def test_a_package_that_is_not_there_is_said_at_once():
    with pytest.raises(ValueError, match="'no_such_package' was not found"):
        SharedDataMiddleware(front, {"/x": ("no_such_package", "data")})
