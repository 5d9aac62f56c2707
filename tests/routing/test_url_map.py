"""The map: rules in, adapters out."""

from __future__ import annotations

from threading import Thread

import pytest

from costrel.http.exceptions import BadHost
from costrel.http.immutable import ImmutableDict
from costrel.routing import BaseConverter, Map, Rule


def environ(**changes):
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "SERVER_NAME": "server",
        "SERVER_PORT": "80",
        "HTTP_HOST": "example.org",
        "wsgi.url_scheme": "http",
        **changes,
    }


def test_rules_are_kept_in_order_and_by_endpoint():
    few, many = Rule("/", endpoint="a"), Rule("/<x>", endpoint="a")
    other = Rule("/b", endpoint="b")
    urls = Map([few, many, other])
    assert list(urls.iter_rules()) == [few, many, other]
    assert list(urls.iter_rules("a")) == [many, few]
    assert urls.rules_of("a") == [many, few]
    assert urls.rules_of("nope") == []
    with pytest.raises(KeyError):
        urls.iter_rules("nope")


def test_a_rule_added_later_is_matched_and_built():
    urls = Map([Rule("/", endpoint="a")])
    adapter = urls.bind("example.org")
    assert not adapter.test("/b")
    urls.add(Rule("/b", endpoint="b"))
    assert adapter.match("/b") == ("b", {})
    assert adapter.build("b") == "/b"


def test_changes_are_told():
    calls = []
    urls = Map([Rule("/")])
    urls.on_change = lambda: calls.append(len(list(urls.iter_rules())))
    urls.add(Rule("/a"))
    urls.add(Rule("/b"))
    assert calls == [2, 3]


def test_threads_may_add_and_match_at_once():
    urls = Map([Rule("/", endpoint="index")])
    failures = []

    def add(number):
        for i in range(20):
            urls.add(Rule(f"/{number}/{i}", endpoint=f"{number}.{i}"))
            if urls.bind("example.org").match(f"/{number}/{i}")[0] != f"{number}.{i}":
                failures.append((number, i))

    threads = [Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert len(list(urls.iter_rules())) == 81
    assert urls.bind("example.org").match("/3/19") == ("3.19", {})


def test_the_matcher_is_made_once_per_state_of_the_map():
    urls = Map([Rule("/")])
    first = urls.matcher
    assert urls.matcher is first
    urls.add(Rule("/a"))
    assert urls.matcher is not first


def test_a_matcher_made_while_a_rule_came_is_not_kept():
    class Late(Map):
        def iter_rules(self, endpoint=None):
            rules = super().iter_rules(endpoint)
            if len(self._rules) == 1:
                rules = iter(list(rules))
                self.add(Rule("/late", endpoint="late"))
            return rules

    urls = Late([Rule("/", endpoint="index")])
    assert urls.matcher is not urls.matcher
    assert urls.bind("example.org").match("/late")[0] == "late"


def test_endpoints_expect_arguments():
    urls = Map([Rule("/<a>/<b>", endpoint="e"), Rule("/", defaults={"c": 1}, endpoint="e")])
    assert urls.is_endpoint_expecting("e", "a", "b")
    assert urls.is_endpoint_expecting("e", "c")
    assert not urls.is_endpoint_expecting("e", "a", "c")


def test_converters_are_the_maps_own():
    assert isinstance(Map.default_converters, ImmutableDict)
    urls = Map(converters={"x": BaseConverter})
    urls.converters["y"] = BaseConverter
    assert {"x", "y", "int"} <= urls.converters.keys()
    assert "x" not in Map.default_converters
    assert "y" not in Map().converters


def test_a_map_shows_its_rules():
    assert repr(Map([Rule("/", endpoint="e")])) == "Map([<Rule '/' -> e>])"


# --- bind ----------------------------------------------------------------------------------------


def test_binding_fills_in_what_is_left_out():
    adapter = Map(default_subdomain="www").bind("Example.ORG:80", "/app", query_args="a=1")
    assert (adapter.server_name, adapter.script_name) == ("example.org:80", "/app/")
    assert (adapter.subdomain, adapter.url_scheme) == ("www", "http")
    assert (adapter.path_info, adapter.default_method, adapter.query_args) == ("", "GET", "a=1")
    assert not adapter.websocket
    assert Map().bind("a", url_scheme="wss").websocket


def test_a_map_of_hosts_takes_no_subdomain():
    with pytest.raises(RuntimeError, match="subdomain"):
        Map(host_matching=True).bind("example.org", subdomain="www")
    assert Map(host_matching=True).bind("example.org").subdomain is None


def test_hosts_are_written_in_ascii():
    assert Map().bind("☃.example.org:81").server_name == "xn--n3h.example.org:81"
    assert Map().bind("xn--a").server_name == "xn--a"
    assert Map().bind("a" * 80).server_name == "a" * 80


def test_a_host_that_cannot_be_written_is_a_bad_request():
    for host in ("é" * 80, "é..b", "é." + "a" * 64):
        with pytest.raises(BadHost):
            Map().bind(host)


@pytest.mark.parametrize(
    ("changes", "server_name", "subdomain"),
    [
        ({}, "example.org", ""),
        ({"HTTP_HOST": "www.example.org"}, "example.org", "www"),
        ({"HTTP_HOST": "A.B.Example.ORG"}, "example.org", "a.b"),
        ({"HTTP_HOST": "www.example.org:81"}, "example.org:81", "www"),
        ({"HTTP_HOST": "example.org"}, "Example.org:80", ""),
        ({"HTTP_HOST": "example.org", "wsgi.url_scheme": "https"}, "example.org:443", ""),
    ],
)
def test_the_subdomain_is_what_stands_before_the_server_name(changes, server_name, subdomain):
    adapter = Map().bind_to_environ(environ(**changes), server_name=server_name)
    assert adapter.subdomain == subdomain


@pytest.mark.parametrize(
    "host", ["example.com", "example.org:81", "badexample.org", "127.0.0.1", ""]
)
def test_another_host_is_on_no_subdomain(host):
    with pytest.warns(UserWarning, match=r"is not 'example\.org' or below it"):
        adapter = Map([Rule("/")]).bind_to_environ(environ(HTTP_HOST=host), "example.org")
    assert adapter.subdomain == "<invalid>"
    assert not adapter.test("/")


def test_an_environ_gives_path_method_and_query():
    class Request:
        environ = environ(
            SCRIPT_NAME="/app",
            PATH_INFO="/caf\xc3\xa9",
            REQUEST_METHOD="POST",
            QUERY_STRING="a=1",
        )

    adapter = Map().bind_to_environ(Request(), subdomain="www")
    assert (adapter.server_name, adapter.subdomain) == ("example.org", "www")
    assert (adapter.script_name, adapter.path_info) == ("/app/", "café")
    assert (adapter.default_method, adapter.query_args) == ("POST", "a=1")


@pytest.mark.parametrize(
    ("changes", "scheme"),
    [
        ({"HTTP_UPGRADE": "WebSocket", "HTTP_CONNECTION": "keep-alive, Upgrade"}, "ws"),
        ({"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "upgrade"}, "ws"),
        ({"HTTP_UPGRADE": "websocket"}, "http"),
        ({"HTTP_UPGRADE": "h2c", "HTTP_CONNECTION": "upgrade"}, "http"),
        (
            {
                "HTTP_UPGRADE": "websocket",
                "HTTP_CONNECTION": "upgrade",
                "wsgi.url_scheme": "https",
            },
            "wss",
        ),
    ],
)
def test_a_handshake_has_the_scheme_of_websockets(changes, scheme):
    adapter = Map().bind_to_environ(environ(**changes))
    assert adapter.url_scheme == scheme
    assert adapter.websocket == (scheme != "http")


@pytest.mark.parametrize("host", ["xn--a", "a b", "a/b", "é", "☃", "[::1", "a" * 300, "@", "a:b"])
def test_a_malformed_host_never_fails_and_never_gets_into_a_redirect(host):
    urls = Map([Rule("/a/<path:p>/", endpoint="e")])
    adapter = urls.bind_to_environ(environ(HTTP_HOST=host, PATH_INFO="/a//evil.example"))
    with pytest.raises(Exception) as error:
        adapter.match()
    url = error.value.new_url
    assert url.startswith(("/a/", "http://xn--a/a/"))
    assert adapter.build("e", {"p": "x"}, force_external=True).endswith("/a/x/")
