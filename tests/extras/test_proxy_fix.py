import pytest

from costrel.extras.proxy_fix import ProxyFix, SamePartsProxyFix

START = {
    "REMOTE_ADDR": "10.0.0.1",
    "wsgi.url_scheme": "http",
    "HTTP_HOST": "inside:8000",
    "SERVER_NAME": "inside",
    "SERVER_PORT": "8000",
    "SCRIPT_NAME": "",
}


def seen(environ, make=ProxyFix, **settings):
    """What the app sees of an environ."""
    environ = START | environ
    make(lambda environ, start_response: [], **settings)(environ, None)
    return environ


def test_address_and_scheme_of_one_proxy_are_believed_by_default():
    environ = seen({"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"})
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("1.2.3.4", "https")


@pytest.mark.parametrize("header", ["HOST", "PORT", "PREFIX"])
def test_other_headers_are_not_believed_by_default(header):
    environ = seen({f"HTTP_X_FORWARDED_{header}": "1"})
    assert {key: environ[key] for key in START} == START


@pytest.mark.parametrize(
    ("trusted", "value", "address"),
    [
        (1, "forged, 1.1.1.1", "1.1.1.1"),
        (2, "forged, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", START["REMOTE_ADDR"]),
        (0, "1.1.1.1", START["REMOTE_ADDR"]),
        (1, "", START["REMOTE_ADDR"]),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(trusted, value, address):
    assert seen({"HTTP_X_FORWARDED_FOR": value}, x_for=trusted)["REMOTE_ADDR"] == address


@pytest.mark.parametrize(
    ("host", "name", "port"),
    [
        ("out", "out", "8000"),
        ("out:81", "out", "81"),
        ("[::1]", "[::1]", "8000"),
        ("[::1]:5", "[::1]", "5"),
    ],
)
def test_a_forwarded_host_sets_name_and_port(host, name, port):
    environ = seen({"HTTP_X_FORWARDED_HOST": host}, x_host=1)
    assert (environ["HTTP_HOST"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == (
        host,
        name,
        port,
    )


@pytest.mark.parametrize(
    ("host", "result"), [("in:1", "in:443"), ("in", "in:443"), ("[::1]:7", "[::1]:443"), ("", "")]
)
def test_a_forwarded_port_replaces_the_hosts(host, result):
    environ = seen({"HTTP_HOST": host, "HTTP_X_FORWARDED_PORT": "443"}, x_port=1)
    assert (environ["HTTP_HOST"], environ["SERVER_PORT"]) == (result, "443")


def test_a_forwarded_prefix_is_the_script_name():
    assert seen({"HTTP_X_FORWARDED_PREFIX": "/app"}, x_prefix=1)["SCRIPT_NAME"] == "/app"


def test_the_old_values_are_kept():
    environ = seen({"HTTP_X_FORWARDED_FOR": "1.2.3.4"})
    assert environ["werkzeug.proxy_fix.orig"] == START


def test_the_old_fixer_counts_one_number_of_proxies_for_all():
    headers = {"HTTP_X_FORWARDED_FOR": "a, b", "HTTP_X_FORWARDED_HOST": "c, d"}
    environ = seen(headers, SamePartsProxyFix, num_proxies=2)
    assert (environ["REMOTE_ADDR"], environ["HTTP_HOST"]) == ("a", "c")
