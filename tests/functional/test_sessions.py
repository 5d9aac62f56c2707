"""Sessions and flashed messages, on every lane."""

import pytest

from costrel import Flask, flash, get_flashed_messages, request, session
from costrel.parts.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
)

pytestmark = pytest.mark.usefixtures("every_lane")


def name_of(cookie):
    return cookie.partition("=")[0]


def test_what_a_session_holds_comes_back(app, visitor):
    @app.route("/set/<value>")
    def store(value):
        session["value"] = value
        return "stored"

    app.route("/get")(lambda: session.get("value", "nothing"))
    assert visitor.get("/get").text == "nothing"
    answer = visitor.get("/set/h%C3%A9")
    assert [name_of(cookie) for cookie in answer.cookies] == ["session"]
    assert "HttpOnly" in answer.cookies[0]
    assert answer.headers["Vary"] == "Cookie"
    assert visitor.get("/get").text == "hé"
    assert visitor.get("/get").cookies == []


def test_a_session_that_nobody_touches_leaves_no_trace(app, visitor):
    app.route("/")(lambda: "x")
    answer = visitor.get("/")
    assert (answer.cookies, "Vary" in answer.headers) == ([], False)
    visitor.jar["other"] = "1"
    assert "Vary" not in visitor.get("/").headers


def test_a_session_that_is_only_read_varies_and_sets_nothing(app, visitor):
    app.route("/")(lambda: str("x" in session))
    answer = visitor.get("/")
    assert (answer.cookies, answer.headers["Vary"]) == ([], "Cookie")


@pytest.mark.parametrize("empty", [lambda: session.clear(), lambda: session.pop("n")])
def test_a_session_that_is_emptied_is_deleted(app, visitor, empty):
    app.route("/set")(lambda: str(session.setdefault("n", 1)))
    app.route("/empty", endpoint="empty")(lambda: str(empty()))
    visitor.get("/set")
    assert "Max-Age=0" in visitor.get("/empty").cookies[0]
    assert visitor.jar == {}


def test_a_permanent_session_is_refreshed_each_time(app, visitor):
    @app.route("/set")
    def store():
        session.permanent = True
        return "x"

    app.route("/")(lambda: "untouched")
    assert "Expires=" in visitor.get("/set").cookies[0]
    again = visitor.get("/")
    assert "Expires=" in again.cookies[0]
    assert again.headers["Vary"] == "Cookie"
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    assert visitor.get("/").cookies == []


def test_a_value_changed_within_is_saved_only_if_told(app, visitor):
    @app.route("/<int:tell>")
    def add(tell):
        session.setdefault("list", []).append(1)
        if tell:
            session.modified = True
        return str(len(session["list"]))

    assert [visitor.get(f"/{tell}").text for tell in (1, 0, 0, 1, 0)] == ["1", "2", "2", "2", "3"]


@pytest.mark.parametrize("cookie", ["garbage", "", "a.b.c", "é".encode().decode("latin-1")])
def test_a_cookie_that_is_not_ours_is_an_empty_session(app, visitor, cookie):
    app.route("/")(lambda: repr(dict(session)))
    visitor.jar["session"] = cookie
    assert visitor.get("/").text == "{}"


def test_without_a_key_a_session_is_empty_and_read_only(app, visitor):
    app.secret_key = None
    app.testing = True
    app.route("/read")(lambda: repr(session.get("a")))
    app.route("/write", endpoint="write")(lambda: session.update(a=1))
    assert visitor.get("/read").text == "None"
    with pytest.raises(RuntimeError, match="no secret key was set"):
        visitor.get("/write")


def test_hooks_and_after_hooks_may_use_the_session(app, visitor):
    app.before_request(lambda: session.setdefault("log", []).append("before"))

    @app.after_request
    def after(response):
        session["log"] = [*session["log"], "after"]
        return response

    app.route("/")(lambda: repr(session["log"]))
    assert visitor.get("/").text == "['before']"
    assert visitor.get("/").text == "['before', 'after', 'before']"


def test_a_session_is_saved_with_an_error_page_too(app, visitor):
    @app.route("/fail")
    def fail():
        session["failed"] = True
        raise KeyError("x")

    app.register_error_handler(KeyError, lambda error: ("handled", 500))
    app.route("/")(lambda: str(session.get("failed")))
    visitor.get("/fail")
    assert visitor.get("/").text == "True"


def test_a_session_is_saved_with_the_default_page_of_an_error(app, visitor):
    @app.route("/fail")
    def fail():
        session["failed"] = True
        raise KeyError("x")

    app.route("/")(lambda: str(session.get("failed")))
    assert visitor.get("/fail").status == 500
    assert visitor.get("/").text == "True"


def test_messages_are_flashed_to_the_next_page(app, visitor):
    @app.post("/")
    def send():
        flash("saved")
        flash("careful", "warning")
        return "sent"

    @app.get("/")
    def read():
        first = get_flashed_messages(with_categories=True)
        assert get_flashed_messages() == [message for _, message in first]
        return repr(first)

    visitor.post("/")
    assert visitor.get("/").text == "[('message', 'saved'), ('warning', 'careful')]"
    assert visitor.get("/").text == "[]"


# Interfaces of one's own


class Memory(SessionInterface):
    """Sessions in this process, by an id in a cookie."""

    def __init__(self):
        self.kept = {}
        self.log = []

    def open_session(self, app, request):
        self.log.append(f"open {request.path}")
        key = request.cookies.get("id", str(len(self.kept)))
        session = SecureCookieSession(self.kept.get(key))
        session.key = key
        return session

    def save_session(self, app, session, response):
        self.log.append("save")
        self.kept[session.key] = dict(session)
        response.set_cookie("id", session.key)


def test_an_interface_of_ones_own_is_asked_for_each_request(app, visitor):
    memory = app.session_interface = Memory()
    app.route("/")(lambda: str(session.setdefault("n", 5)))
    app.route("/plain", endpoint="plain")(lambda: "x")
    assert visitor.get("/").text == "5"
    visitor.get("/plain")
    visitor.get("/nowhere")
    assert memory.log == ["open /", "save", "open /plain", "save", "open /nowhere", "save"]
    assert memory.kept == {"0": {"n": 5}}


def test_an_interface_opens_before_the_hooks_and_saves_after_them(app, visitor):
    memory = app.session_interface = Memory()
    app.before_request(lambda: memory.log.append("before"))
    app.after_request(lambda response: memory.log.append("after") or response)
    app.route("/")(lambda: memory.log.append("view") or "x")
    visitor.get("/")
    assert memory.log == ["open /", "before", "view", "after", "save"]


def test_an_interface_that_opens_nothing_gives_a_null_session(app, visitor):
    class Closed(Memory):
        def open_session(self, app, request):
            return None

    memory = app.session_interface = Closed()
    app.route("/")(lambda: repr(dict(session)))
    assert visitor.get("/").text == "{}"
    assert memory.log == []


def test_an_interface_that_fails_to_open_is_an_error_of_the_server(app, visitor):
    class Broken(Memory):
        def open_session(self, app, request):
            raise OSError("the store is away")

    app.session_interface = Broken()
    app.route("/")(lambda: "x")
    assert visitor.get("/").status == 500
    app.testing = True
    with pytest.raises(OSError, match="the store is away"):
        visitor.get("/")


def test_only_the_saving_may_be_an_interfaces_own(app, visitor):
    class Marking(SecureCookieSessionInterface):
        def save_session(self, app, session, response):
            response.headers["X-Session"] = str(len(session))

    app.session_interface = Marking()
    app.route("/")(lambda: "x")
    assert visitor.get("/").headers["X-Session"] == "0"


def test_a_session_class_may_put_something_into_each_session(app, visitor):
    class Numbered(SecureCookieSession):
        def __init__(self, *args):
            super().__init__(*args)
            self.setdefault("number", 7)

    class Interface(SecureCookieSessionInterface):
        session_class = Numbered

    app.session_interface = Interface()
    app.route("/")(lambda: "x")
    assert [name_of(cookie) for cookie in visitor.get("/").cookies] == ["session"]


def test_a_cookie_of_another_name_and_place(make_app, visit):
    app = make_app(Flask)
    app.config.update(
        SESSION_COOKIE_NAME="sid",
        SESSION_COOKIE_PATH="/app",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Strict",
    )
    app.route("/")(lambda: str(session.setdefault("n", 1)))
    (cookie,) = visit(app).get("/").cookies
    assert name_of(cookie) == "sid"
    assert cookie.endswith("; Secure; HttpOnly; Path=/app; SameSite=Strict")


def test_the_view_sees_the_cookie_that_was_sent(app, visitor):
    app.route("/")(lambda: request.cookies.get("a", "none"))
    assert visitor.get("/").text == "none"
    visitor.jar["a"] = "b"
    assert visitor.get("/").text == "b"
