"""What is compiled, and when it is compiled anew."""

import gc
import threading
import weakref

import pytest

from costrel import Flask, Request, Response
from costrel.compile.engine import opens_sessions_lazily
from costrel.parts.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
)
from costrel.routing.rule import Rule


@pytest.fixture
def app():
    app = Flask("compiling", static_folder=None)
    app.add_url_rule("/", "view", lambda: "x")
    return app


def test_nothing_is_compiled_before_the_first_request(app):
    assert app._engine is None
    app.test_client().get("/")
    assert app._engine is not None


def test_an_engine_is_kept_while_nothing_changes(app):
    engine = app.engine
    app.config["TESTING"] = True
    app.secret_key = "x"
    app.test_client().get("/")
    app.extensions["x"] = 1
    assert app.engine is engine


@pytest.mark.parametrize(
    "change",
    [
        lambda app: app.before_request_funcs[None].append(print),
        lambda app: app.view_functions.update(view=print),
        lambda app: app.error_handler_spec[None][404].update({KeyError: print}),
        lambda app: app.teardown_appcontext_funcs.append(print),
        lambda app: app.url_map.add(Rule("/x", endpoint="view")),
        lambda app: setattr(app, "before_request_funcs", {}),
        lambda app: setattr(app, "request_class", type("R", (Request,), {})),
        lambda app: setattr(app, "response_class", type("R", (Response,), {})),
        lambda app: setattr(app, "session_interface", SecureCookieSessionInterface()),
        lambda app: setattr(app, "subdomain_matching", True),
        lambda app: setattr(app, "dispatch_request", print),
        lambda app: setattr(app, "ensure_sync", print),
    ],
)
def test_a_change_of_what_was_compiled_compiles_anew(app, change):
    engine = app.engine
    change(app)
    assert app.engine is not engine


def test_an_engine_is_compiled_once_for_all_threads(app):
    engines = []
    threads = [threading.Thread(target=lambda: engines.append(app.engine)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engines) == 8
    assert len(set(map(id, engines))) == 1


def test_an_app_that_never_served_is_freed_at_once():
    gc.collect()
    gc.disable()
    try:
        app = Flask("freed")
        gone = weakref.ref(app)
        del app
        assert gone() is None
    finally:
        gc.enable()


def test_an_app_that_served_is_freed_by_the_collector(app):
    app.test_client().get("/")
    other = Flask("freed", static_folder=None)
    other.test_client().get("/")
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("interface", "lazily"),
    [
        (SecureCookieSessionInterface(), True),
        (type("Named", (SecureCookieSessionInterface,), {"salt": "x"})(), True),
        (
            type(
                "Classed",
                (SecureCookieSessionInterface,),
                {"session_class": type("S", (SecureCookieSession,), {})},
            )(),
            True,
        ),
        (
            type(
                "Filled",
                (SecureCookieSessionInterface,),
                {
                    "session_class": type(
                        "S", (SecureCookieSession,), {"__init__": lambda self, *args: None}
                    )
                },
            )(),
            False,
        ),
        (
            type("Opening", (SecureCookieSessionInterface,), {"open_session": print})(),
            False,
        ),
        (type("Saving", (SecureCookieSessionInterface,), {"save_session": print})(), False),
        (SessionInterface(), False),
    ],
)
def test_only_the_signed_cookies_own_ways_may_wait(interface, lazily):
    assert opens_sessions_lazily(interface) is lazily
