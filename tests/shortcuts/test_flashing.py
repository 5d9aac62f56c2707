"""Messages for the page that the user sees next."""

import pytest
from markupsafe import Markup

from costrel import Flask, flash, get_flashed_messages, session
from costrel.parts import signals


@pytest.fixture
def app():
    app = Flask(__name__)
    app.config.update(TESTING=True, SECRET_KEY="a key for tests alone")
    return app


@pytest.fixture
def request_context(app):
    with app.test_request_context("/") as ctx:
        yield ctx


def test_messages_are_taken_in_order(request_context):
    flash("one")
    flash("two", "error")
    assert get_flashed_messages() == ["one", "two"]


def test_messages_have_categories(request_context):
    flash("one")
    flash("two", "error")
    assert get_flashed_messages(with_categories=True) == [("message", "one"), ("error", "two")]


def test_messages_are_filtered_by_category(request_context):
    for category in ("message", "error", "info"):
        flash(f"some {category}", category)
    assert get_flashed_messages(False, ["error", "info"]) == ["some error", "some info"]
    assert get_flashed_messages(True, ("info",)) == [("info", "some info")]
    assert get_flashed_messages(category_filter=(each for each in ["info"])) == ["some info"]


def test_within_a_request_messages_stay(request_context):
    flash("one")
    assert get_flashed_messages() == get_flashed_messages() == ["one"]
    assert "_flashes" not in session


def test_what_a_caller_does_with_the_list_is_its_own_affair(request_context):
    flash("one")
    get_flashed_messages(with_categories=True).clear()
    assert get_flashed_messages() == ["one"]


def test_without_messages_there_is_an_empty_list(request_context):
    assert get_flashed_messages() == []
    assert not session.modified


def test_the_session_takes_note_of_every_message(request_context):
    assert not session.modified
    flash("one")
    session.modified = False
    flash("two")
    assert session.modified


def test_messages_wait_for_the_next_request_and_are_gone_after_it(app):
    app.add_url_rule("/say", "say", lambda: flash(Markup("<b>hi</b>")) or "")
    app.add_url_rule("/hear", "hear", lambda: {"heard": [repr(m) for m in get_flashed_messages()]})
    client = app.test_client()
    client.get("/say")
    assert client.get("/hear").json == {"heard": ["Markup('<b>hi</b>')"]}
    assert client.get("/hear").json == {"heard": []}


def test_a_page_with_messages_depends_on_the_cookie(app):
    app.add_url_rule("/hear", "hear", lambda: str(get_flashed_messages()))
    assert app.test_client().get("/hear").headers["Vary"] == "Cookie"


def test_without_a_secret_key_a_message_cannot_be_kept():
    with Flask(__name__).test_request_context("/"), pytest.raises(RuntimeError, match="secret"):
        flash("one")


@pytest.mark.parametrize("call", [lambda: flash("one"), get_flashed_messages])
def test_outside_of_a_request_there_are_no_messages(app, call):
    with pytest.raises(RuntimeError, match="outside of"):
        call()
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request"):
        call()


def test_whoever_listens_hears_of_messages(app, request_context):
    heard = []

    def listen(sender, message, category):
        heard.append((sender, message, category))

    with signals.message_flashed.connected_to(listen, app):
        flash("one", "error")
    assert heard == [(app, "one", "error")]
    flash("two")
    assert len(heard) == 1
