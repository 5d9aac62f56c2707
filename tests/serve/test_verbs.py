"""The steps of a request as methods: what they do when nobody overrode them."""

import pytest

from costrel import Flask
from costrel.http.exceptions import NotFound
from costrel.serve.verbs import Verbs, current_request_context, finished


@pytest.fixture
def app():
    return Flask("verbs", static_folder=None)


@pytest.mark.parametrize(
    "call",
    [
        lambda app: app.full_dispatch_request(),
        lambda app: app.preprocess_request(),
        lambda app: app.dispatch_request(),
        lambda app: app.process_response(app.response_class()),
        lambda app: app.do_teardown_request(),
        lambda app: app.make_default_options_response(),
        lambda app: current_request_context(),
    ],
)
def test_outside_of_a_request_they_say_so(app, call):
    with pytest.raises(RuntimeError, match="outside of request context"):
        call(app)


def test_a_coroutine_is_finished_within_a_request_and_a_value_stays(app):
    async def later():
        return 5

    with app.test_request_context():
        assert finished(later()) == 5
    assert finished(5) == 5


def test_sync_and_async_functions_are_called_alike(app):
    async def later(value):
        return value

    def now(value):
        return value

    assert app.ensure_sync(now) is now
    assert app.ensure_sync(later)(3) == 3
    assert app.async_to_sync(later)(4) == 4


def test_an_error_outside_of_a_request_is_handled_by_the_apps_handlers(app):
    app.register_error_handler(KeyError, lambda error: "handled")
    assert app.handle_user_exception(KeyError()) == "handled"
    missing = NotFound()
    assert app.handle_http_exception(missing) is missing


def test_dispatching_a_miss_raises_why(app):
    with app.test_request_context("/nowhere"), pytest.raises(NotFound):
        app.dispatch_request()


def test_nothing_is_bound_without_a_request_and_a_server_name(app):
    assert app.create_url_adapter(None) is None
    app.config.update(SERVER_NAME="x.test", APPLICATION_ROOT="/app", PREFERRED_URL_SCHEME="https")
    adapter = app.create_url_adapter(None)
    app.add_url_rule("/y", "y")
    assert adapter.build("y", force_external=True) == "https://x.test/app/y"


def test_every_step_is_a_method_of_the_app(app):
    for name in vars(Verbs):
        if not name.startswith("_"):
            assert callable(getattr(app, name)), name
