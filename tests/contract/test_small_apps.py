"""The apps that are compared with Flask, through ASGI and RSGI: the answers are those over WSGI."""

import importlib
import sys
import warnings
from pathlib import Path

import pytest
from gateways import GATEWAYS, Ask

sys.path.insert(0, str(Path(__file__).parent.parent / "compat" / "same_answers"))

import small_apps  # noqa: E402  the line above is how it is found
import standing_clock  # noqa: E402  as above

for room in small_apps.ROOMS:
    importlib.import_module(room)

# Apps that do not answer alike over each protocol, and why.
NOT_ALIKE = {
    "middleware": "its middleware is for WSGI, and leaves something in the environ",
    "response_get_app_iter": "a body with a 204 is sent to nobody but a server of WSGI",
    "app_wsgi_app": "it is the way in for WSGI alone",
    "app_request_context": "it takes an environ, which there is over WSGI alone",
    "response_automatically_set_content_length": "a server of RSGI tells the length itself",
}

# Apps that warn of what they are asked, and how. As an error, a warning would change the answers.
WARNED_OF = {
    "subdomains": "Current server name is not 'example.org' or below it, which SERVER_NAME says: "
    "the request is on no subdomain and no rule will match.",
}


def as_sent(request, jar):
    """A request of the small apps as a client sends it over any protocol."""
    headers = list(request.headers.items())
    if jar:
        headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items())))
    return Ask(request.method, request.target, headers, request.body)


def take_cookies(answer, jar):
    """Keep the cookies of an answer for the requests to come."""
    for name, value in answer.headers:
        if name == "set-cookie":
            key, _, rest = value.partition("=")
            jar[key] = rest.partition(";")[0]
            if "Max-Age=0" in rest:
                del jar[key]


def answers(name, gateway):
    """What an app answers to everything over a protocol."""
    build, requests = small_apps.CASES[name]
    app = build(small_apps.Framework("costrel"))
    app.logger.disabled = True
    rows, jar = [], {}
    for request in requests:
        if request.environ:
            # It is about what only WSGI has.
            continue
        try:
            answer = GATEWAYS[gateway](app, as_sent(request, jar))
        except Exception as error:
            rows.append((str(request), f"{type(error).__name__}: {error}"))
        else:
            take_cookies(answer, jar)
            rows.append((str(request), answer.status, sorted(answer.headers), answer.body))
    return rows


@pytest.mark.parametrize("name", sorted(small_apps.CASES.keys() - NOT_ALIKE))
def test_a_small_app_answers_alike_over_each_protocol(name, monkeypatch):
    standing_clock.stand_still(monkeypatch)
    found = {}
    for gateway in GATEWAYS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            found[gateway] = answers(name, gateway)
        assert {str(warning.message) for warning in caught} == (
            {WARNED_OF[name]} if name in WARNED_OF else set()
        )
    assert found["asgi"] == found["wsgi"]
    assert found["rsgi"] == found["wsgi"]
