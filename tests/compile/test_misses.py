"""What answers where no rule does."""

import pytest

from costrel import Flask
from costrel.compile.misses import answer_miss
from costrel.http.exceptions import MethodNotAllowed, NotFound
from costrel.routing.outcomes import NoMatch, RequestPath, WebsocketMismatch

HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket"}


@pytest.mark.parametrize(
    ("miss", "kind"),
    [
        (NoMatch(set(), False), NotFound),
        (NoMatch({"GET"}, False), MethodNotAllowed),
        (NoMatch(set(), True), WebsocketMismatch),
    ],
)
def test_a_miss_is_an_http_error(miss, kind):
    assert type(answer_miss(miss)) is kind


def test_a_wrong_method_says_which_are_right():
    assert set(answer_miss(NoMatch({"GET", "PUT"}, False)).valid_methods) == {"GET", "PUT"}


def test_a_redirect_is_answered_with_the_requests_host():
    assert answer_miss(RequestPath("/x/")) is None
    app = Flask("missing", static_folder=None)
    app.add_url_rule("/x/", "x", lambda: "x")
    response = app.test_client().get("/x", base_url="https://host.test")
    assert response.location == "https://host.test/x/"


def test_a_refused_host_is_why_there_is_no_plan():
    app = Flask("missing", static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["good.test"]
    app.add_url_rule("/", "x", lambda: "x")
    assert app.test_client().get("/", base_url="http://evil.test").status_code == 400
    assert app.test_client().get("/", base_url="http://good.test").text == "x"


@pytest.mark.parametrize("host_matching", [False, True])
def test_a_handshake_over_wsgi_reaches_the_view_that_takes_the_connection(host_matching):
    app = Flask("taking", static_folder=None, host_matching=host_matching, static_host="host.test")
    seen = []
    app.before_request(lambda: seen.append("before_request"))
    app.before_websocket(lambda: seen.append("before_websocket"))
    for name in ("/ws", "/ws/<name>"):
        options = {"host": "host.test"} if host_matching else {}
        app.add_url_rule(name, name, lambda **values: str(values), websocket=True, **options)
    client = app.test_client()
    answers = [
        client.get(path, base_url="http://host.test", headers=headers)
        for path in ("/ws", "/ws/a")
        for headers in (HANDSHAKE, {})
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 200, 400]
    assert [answers[0].text, answers[2].text] == ["{}", "{'name': 'a'}"]
    assert set(seen) == {"before_request"}


def test_a_handshake_over_wsgi_does_not_reach_a_handler_of_websockets():
    app = Flask("handling", static_folder=None)
    app.websocket("/ws")(lambda: "never")
    assert app.test_client().get("/ws", headers=HANDSHAKE).status_code == 400
