"""What answers where no rule does."""

import pytest

from costrel import Flask
from costrel.compile.misses import answer_miss
from costrel.http.exceptions import MethodNotAllowed, NotFound
from costrel.routing.outcomes import NoMatch, RequestPath, WebsocketMismatch


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
