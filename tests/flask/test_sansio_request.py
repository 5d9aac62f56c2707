"""Requests made of values, under Werkzeug's name for them."""

import pytest

from costrel.flask.sansio_request import SansIORequest
from costrel.http.headers import Headers
from costrel.http.request import Request


class Socket(SansIORequest):
    def __init__(self, **values):
        super().__init__(**{**VALUES, **values})
        self.shallow = True


HEADERS = [("Host", "a.example:81"), ("X-Two", "1"), ("x-two", "2"), ("Cookie", "c=d")]
VALUES = {
    "method": "websocket",
    "scheme": "wss",
    "server": ("127.0.0.1", 80),
    "root_path": "/mount/",
    "path": "/€/b",
    "query_string": b"q=%20&r=1",
    "headers": Headers(HEADERS),
    "remote_addr": "10.0.0.9",
}


@pytest.mark.parametrize("made_by", [Socket, lambda: SansIORequest(**VALUES)])
def test_a_request_says_what_it_was_made_of(made_by):
    request = made_by()
    assert (request.method, request.scheme) == ("WEBSOCKET", "wss")
    assert (request.root_path, request.path) == ("/mount", "/€/b")
    assert request.url == "wss://a.example:81/mount/€/b?q=%20&r=1"
    assert request.args.to_dict() == {"q": " ", "r": "1"}
    assert request.headers is VALUES["headers"]
    assert request.cookies["c"] == "d"
    assert (request.server, request.remote_addr) == (("127.0.0.1", 80), "10.0.0.9")


def test_what_a_server_does_not_know_is_none():
    request = Socket(server=None, remote_addr=None, headers=Headers())
    assert (request.server, request.remote_addr, request.host) == (None, None, "")
    assert Socket(server=("/run/socket", None), headers=Headers()).server == ("/run/socket", None)


def test_headers_of_the_body_and_repeated_ones_are_read():
    headers = Headers([("Content-Type", "text/plain; charset=utf-8"), ("Accept", "a/b")])
    headers.add("Accept", "c/d")
    request = Socket(headers=headers)
    assert request.mimetype == "text/plain"
    assert request.environ["HTTP_ACCEPT"] == "a/b,c/d"


def test_cookies_of_several_headers_are_all_read():
    request = Socket(headers=Headers([("Cookie", "a=b"), ("Cookie", "a=c; d=e")]))
    assert request.cookies.getlist("a") == ["b", "c"]
    assert request.environ["HTTP_COOKIE"] == "a=b; a=c; d=e"


def test_every_request_is_one():
    plain = Request({"REQUEST_METHOD": "GET"})
    assert isinstance(plain, SansIORequest)
    assert issubclass(Request, SansIORequest)
    assert not isinstance(plain, Socket)
    assert isinstance(Socket(), Socket)
    assert not isinstance(object(), SansIORequest)
