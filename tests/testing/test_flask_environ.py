"""An app's builder takes from its config what it is not told."""

from types import SimpleNamespace

import pytest

from costrel.testing.flask_environ import EnvironBuilder, open_request_context

APP = SimpleNamespace(
    config={
        "SERVER_NAME": "ex.com:81",
        "APPLICATION_ROOT": "/root",
        "PREFERRED_URL_SCHEME": "http",
    },
    json=SimpleNamespace(dumps=lambda obj, **kwargs: f"dumped {obj} {kwargs}"),
    request_context=lambda environ: environ,
)


@pytest.mark.parametrize(
    ("said", "base_url", "path", "query"),
    [
        ({}, "http://ex.com:81/root/", "/", ""),
        ({"subdomain": "s"}, "http://s.ex.com:81/root/", "/", ""),
        ({"url_scheme": "https"}, "https://ex.com:81/root/", "/", ""),
        ({"path": "http://h/p?q=1"}, "http://h/root/", "/p", "q=1"),
        ({"path": "//h/p"}, "http://h/root/", "/p", ""),
        ({"path": "/p?"}, "http://ex.com:81/root/", "/p", ""),
        ({"path": "?a=1"}, "http://ex.com:81/root/", "", "a=1"),
        ({"base_url": "https://z/x"}, "https://z/x/", "/", ""),
    ],
)
def test_what_is_not_said_is_configured(said, base_url, path, query):
    builder = EnvironBuilder(APP, **said)
    assert (builder.base_url, builder.path, builder.query_string) == (base_url, path, query)


def test_without_a_server_name_the_host_is_local():
    app = SimpleNamespace(**{**vars(APP), "config": {**APP.config, "SERVER_NAME": None}})
    assert EnvironBuilder(app).host == "localhost"


@pytest.mark.parametrize("more", [{"subdomain": "s"}, {"url_scheme": "https"}])
def test_a_base_url_says_everything(more):
    with pytest.raises(TypeError, match="`base_url` already says"):
        EnvironBuilder(APP, base_url="http://x", **more)


def test_json_is_dumped_by_the_app():
    builder = EnvironBuilder(APP, json=[1])
    assert builder.input_stream.read() == b"dumped [1] {}"


def test_a_context_is_made_of_the_environ_and_uploads_are_closed():
    closed = []
    upload = SimpleNamespace(read=lambda size=-1: b"", close=lambda: closed.append(True))
    environ = open_request_context(APP, "/p", method="POST", data={"f": upload})
    assert (environ["PATH_INFO"], environ["SCRIPT_NAME"], closed) == ("/p", "/root", [True])
