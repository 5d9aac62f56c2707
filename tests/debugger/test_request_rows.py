"""What the debug page tells of a request, and what of its session can be sent again."""

from datetime import datetime

import pytest

from costrel import Flask
from costrel.debugger.kept_requests import KeptRequest
from costrel.debugger.request_rows import (
    LARGEST_SESSION,
    MOST_ROWS,
    describe_request,
    plain_session,
)
from costrel.debugger.shown_values import MASK, Secrets
from costrel.extras.session_stores.memory import MemoryStore
from costrel.extras.session_stores.session_store import StoreSessionInterface

KEY = "a key of more than sixteen bytes"


@pytest.fixture
def app():
    app = Flask("telling", static_folder=None)
    app.secret_key = KEY
    return app


def rows_of(app, path="/", **options):
    with app.test_request_context(path, **options) as context:
        kept = KeptRequest("GET", "", "/", "", "http", list(context.request.headers))
        return describe_request(context.request, kept, Secrets(app))


def test_no_secret_is_told(app):
    rows = rows_of(app, f"/?said={KEY}", headers={"Cookie": "chosen=hush-hush"})
    assert rows["Query"] == [("said", MASK)]
    assert rows["Cookies"] == [("chosen", "masked")]
    assert "hush-hush" not in str(rows)


def test_a_section_has_only_so_many_rows(app):
    query = "&".join(f"n{number}=1" for number in range(2 * MOST_ROWS))
    assert len(rows_of(app, f"/?{query}")["Query"]) == MOST_ROWS


def test_a_session_is_kept_as_far_as_json_can_have_it(app):
    held = {"user": "anna", "since": datetime(2026, 1, 1), "much": "x" * LARGEST_SESSION}  # noqa: DTZ001
    with app.test_request_context() as context:
        context.session.update(held)
        app.session_interface = StoreSessionInterface(MemoryStore())
        assert plain_session(context) == {"user": "anna"}


def test_a_session_of_a_store_is_not_opened_again(app):
    opened = []

    class Store(MemoryStore):
        def load(self, key):
            opened.append(key)
            return super().load(key)

    app.session_interface = StoreSessionInterface(Store())
    id = app.session_interface.make_id()
    with app.test_request_context(headers={"Cookie": f"session={id}"}) as context:
        context.session["user"] = "anna"
        assert plain_session(context) == {"user": "anna"}
    assert len(opened) == 1


def test_where_the_key_is_no_text_no_session_is_kept(app):
    with app.test_request_context(headers={"Cookie": "session=x"}) as context:
        app.secret_key = 12345678
        assert plain_session(context) == {}
