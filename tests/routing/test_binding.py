"""The adapter: a request's view of the map."""

from __future__ import annotations

import pytest

from costrel.http.exceptions import MethodNotAllowed, NotFound
from costrel.http.multidict import MultiDict
from costrel.routing import Map, RequestRedirect, Rule, WebsocketMismatch
from costrel.routing.outcomes import NEEDS_CONTEXT, DefaultsRedirect


def adapter(*rules, bind=None, **settings):
    return Map(rules, **settings).bind("example.org", **(bind or {}))


def redirect_of(urls, *args, **kwargs):
    with pytest.raises(RequestRedirect) as error:
        urls.match(*args, **kwargs)
    return error.value.new_url


# --- matching ------------------------------------------------------------------------------------


def test_the_requests_own_path_and_method_are_matched():
    rule = Rule("/a", endpoint="e", methods=["POST"])
    urls = adapter(rule, bind={"path_info": "/a", "default_method": "POST"})
    assert urls.match() == ("e", {})
    assert urls.match(return_rule=True) == (rule, {})
    with pytest.raises(NotFound):
        urls.match("/b")


def test_another_method_is_not_allowed_and_the_valid_ones_are_told():
    urls = adapter(Rule("/<x>", methods=["GET"]), Rule("/a", methods=["PUT"]))
    with pytest.raises(MethodNotAllowed) as error:
        urls.match("/a", "get")
    assert error.value.valid_methods == ["GET", "HEAD", "PUT"]
    assert urls.allowed_methods("/a") == ["GET", "HEAD", "PUT"]
    assert urls.allowed_methods("/a/b") == []
    assert adapter(Rule("/a")).allowed_methods("/a") == []


def test_the_scheme_tells_websockets():
    rules = Rule("/", endpoint="page"), Rule("/ws", endpoint="ws", websocket=True)
    urls = adapter(*rules, bind={"url_scheme": "ws"})
    assert urls.match("/ws") == ("ws", {})
    with pytest.raises(WebsocketMismatch):
        urls.match("/")
    with pytest.raises(WebsocketMismatch):
        urls.match("/ws", websocket=False)
    assert urls.match("/", websocket=False) == ("page", {})


def test_a_path_can_be_tested():
    urls = adapter(Rule("/a/", methods=["GET"]), bind={"path_info": "/a"})
    assert urls.test()
    assert urls.test("/a/")
    assert not urls.test("/a/", "POST")
    assert not urls.test("/b")


def test_dispatch_calls_the_view_and_returns_redirects():
    urls = adapter(Rule("/<x>/", endpoint="e"))
    assert urls.dispatch(lambda endpoint, args: (endpoint, args), "/1/") == ("e", {"x": "1"})
    assert isinstance(urls.dispatch(print, "/1"), RequestRedirect)
    with pytest.raises(NotFound):
        urls.dispatch(print, "/1/2")
    assert isinstance(urls.dispatch(print, "/1/2", catch_http_exceptions=True), NotFound)


# --- redirects -----------------------------------------------------------------------------------


def test_a_slash_redirect_keeps_prefix_and_query():
    urls = adapter(Rule("/a/"), bind={"script_name": "/app", "query_args": "x=%2F"})
    assert redirect_of(urls, "/a") == "http://example.org/app/a/?x=%2F"
    assert redirect_of(urls, "/a", query_args={"q": ["1", "2"]}) == (
        "http://example.org/app/a/?q=1&q=2"
    )
    assert redirect_of(urls, "/a", query_args="") == "http://example.org/app/a/"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "/\\/evil.example",
        "/%2f%2fevil.example", "/tree//evil.example", "/@evil.example", "/http://evil.example",
        "/;//evil.example", "/\tevil", "/\r\nevil", "/.//evil.example", "/..//evil.example",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rules", [("/<x>/", "/<x>/<y>/"), ("/<path:x>/",)])
@pytest.mark.parametrize("host", ["example.org", ""])
def test_redirects_stay_on_this_host(path, rules, host):
    urls = Map([Rule(rule) for rule in rules]).bind(host)
    try:
        urls.match(path)
    except NotFound:
        return
    except RequestRedirect as redirect:
        url = redirect.get_response().headers["Location"]
        assert url.startswith("http://example.org/") or (url[0] == "/" and url[1] not in "/\\")
        assert not set(url) & set("\\\r\n\t")


def test_defaults_redirect_to_the_shorter_url_even_on_another_subdomain():
    rules = [
        Rule("/<x>", defaults={"page": 1}, endpoint="e", subdomain="www"),
        Rule("/<x>/<int:page>", endpoint="e"),
    ]
    assert redirect_of(adapter(*rules), "/a b/1") == "http://www.example.org/a%20b"


def test_defaults_that_make_no_url_are_not_found():
    rule = Rule("/<int(max=3):x>", endpoint="e")
    urls = adapter(rule)
    rule.template.path_fills = (("x", rule._converters["x"].to_python),)
    assert isinstance(urls.explain(DefaultsRedirect(rule, {"x": "7"})), NotFound)


def test_an_alias_redirects_with_the_query():
    rules = [Rule("/<x>", endpoint="e"), Rule("/old/<x>", endpoint="e", alias=True)]
    urls = adapter(*rules)
    assert redirect_of(urls, "/old/1") == "http://example.org/1"
    assert redirect_of(urls, "/old/1", query_args="q=1") == "http://example.org/1?q=1"


def test_redirect_to_is_a_pattern_or_a_function():
    rules = [
        Rule("/a/<int:x>", redirect_to="b/<x>"),
        Rule("/c/<x>", redirect_to=lambda urls, x: f"/{urls.server_name}/{x}"),
        Rule("/d", redirect_to="https://other.example/"),
    ]
    urls = adapter(*rules, bind={"script_name": "/app/"})
    assert redirect_of(urls, "/a/7") == "http://example.org/app/b/7"
    assert redirect_of(urls, "/c/7") == "http://example.org/example.org/7"
    assert redirect_of(urls, "/d") == "https://other.example/"


def test_what_needs_a_context_is_no_error():
    with pytest.raises(TypeError, match="match_at"):
        adapter().explain(NEEDS_CONTEXT)


# --- building ------------------------------------------------------------------------------------


def test_urls_are_paths_on_the_own_domain_and_absolute_elsewhere():
    rules = [Rule("/", endpoint="a"), Rule("/", endpoint="b", subdomain="www")]
    urls = adapter(*rules, bind={"script_name": "/app"})
    assert urls.build("a") == "/app/"
    assert urls.build("b") == "http://www.example.org/app/"
    assert urls.build("a", force_external=True) == "http://example.org/app/"
    assert urls.build("a", force_external=True, url_scheme="https") == "https://example.org/app/"
    assert urls.build("a", force_external=True, url_scheme="") == "//example.org/app/"


def test_what_is_built_never_begins_with_two_slashes():
    urls = adapter(Rule("/<x>/<y>", endpoint="e"), Rule("/<path:p>", endpoint="p"))
    assert urls.build("e", {"x": "", "y": "evil.example"}) == "/evil.example"
    assert urls.build("p", {"p": "//evil.example"}) == "/evil.example"


def test_websocket_urls_are_absolute():
    rules = [Rule("/", endpoint="page"), Rule("/ws", endpoint="ws", websocket=True)]
    urls = adapter(*rules)
    assert urls.build("ws") == "ws://example.org/ws"
    assert urls.build("ws", url_scheme="https") == "wss://example.org/ws"
    urls = adapter(*[rule.empty() for rule in rules], bind={"url_scheme": "wss"})
    assert urls.build("page", force_external=True) == "https://example.org/"
    assert urls.build("page") == "/"
    urls = adapter(*[rule.empty() for rule in rules], bind={"url_scheme": "ws"})
    assert urls.build("page", force_external=True) == "http://example.org/"


def test_hosts_are_compared_where_hosts_are_matched():
    rules = [Rule("/", endpoint="e", host=host) for host in ("a.org", "b.org")]
    urls = Map(rules, host_matching=True)
    assert urls.bind("b.org").build("e") == "/"
    assert urls.bind("c.org").build("e") == "http://a.org/"
    assert urls.bind("c.org").get_host(None) == "c.org"


def test_a_rule_for_the_own_method_is_preferred():
    rules = [
        Rule("/get", endpoint="e", methods=["GET"]),
        Rule("/put", endpoint="e", methods=["PUT"]),
    ]
    assert adapter(*rules).build("e") == "/get"
    assert adapter(*[r.empty() for r in rules], bind={"default_method": "PUT"}).build("e") == "/put"
    assert adapter(*[r.empty() for r in rules]).build("e", method="PUT") == "/put"
    assert adapter(*[r.empty() for r in rules], bind={"default_method": "X"}).build("e") == "/get"


def test_the_first_rule_that_makes_a_url_is_taken():
    rules = [Rule("/<x>/<y>", endpoint="e"), Rule("/<x>", endpoint="e"), Rule("/", endpoint="e")]
    urls = adapter(*rules)
    assert urls.build("e", {"x": 1, "y": 2}) == "/1/2"
    assert urls.build("e", {"x": 1}) == "/1"
    assert urls.build("e", {"z": 1}) == "/?z=1"
    assert urls.build("e", {"x": None}) == "/"


def test_a_multidict_of_values_keeps_its_lists():
    values = MultiDict([("x", "1"), ("q", "2"), ("q", "3")])
    assert adapter(Rule("/<x>", endpoint="e")).build("e", values) == "/1?q=2&q=3"
    values.setlist("x", [])
    assert adapter(Rule("/", endpoint="e")).build("e", values) == "/?q=2&q=3"


def test_without_a_host_urls_stay_paths():
    urls = Map([Rule("/<path:p>", endpoint="e")]).bind("")
    assert urls.build("e", {"p": "/evil.example"}, force_external=True) == "/evil.example"


def test_without_a_host_a_prefix_names_none():
    url_map = Map([Rule("/x", endpoint="x")])
    adapter = url_map.bind("", script_name="//evil.example")
    assert adapter.build("x", force_external=True) == "/evil.example/x"


@pytest.mark.parametrize("prefix", ["//evil.example", "///evil.example/", "//"])
def test_a_prefix_of_two_slashes_names_no_host(prefix):
    url_map = Map([Rule("/a", endpoint="a")])
    adapter = url_map.bind("example.org", script_name=prefix)
    url = adapter.build("a")
    assert url.startswith("/")
    assert not url.startswith("//")
    assert adapter.build("a", force_external=True) == f"http://example.org{url}"
