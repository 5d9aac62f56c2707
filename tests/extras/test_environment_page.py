import sys

from costrel.extras import environment_page


def page(**environ):
    started = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": "http"} | environ
    chunks = environment_page.test_app(
        environ, lambda status, headers, *rest: started.append((status, dict(headers)))
    )
    return (*started[0], b"".join(chunks).decode())


def test_the_page_shows_python_packages_and_environment():
    status, headers, body = page(MY_SETTING="a value")
    assert status == "200 OK"
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert sys.version.split()[0] in body
    assert "MarkupSafe" in body
    assert "MY_SETTING" in body
    assert "a value" in body


def test_what_a_client_sends_is_escaped():
    assert "<script>" not in page(QUERY_STRING="<script>")[2]


def test_the_import_path_is_listed_with_what_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "mine"), "/no/such/place"])
    assert list(environment_page.iter_sys_path()) == [
        ("~/mine", False, True),
        ("/no/such/place", True, False),
    ]
    assert "not there" in page()[2]
