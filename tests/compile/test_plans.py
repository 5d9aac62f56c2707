"""One endpoint's hooks, errors and lane → Plan."""

import pytest

from costrel import Blueprint, Flask, Response
from costrel.http.exceptions import NotFound
from costrel.http.response import Response as HTTPResponse
from costrel.parts.sessions import SecureCookieSessionInterface
from costrel.serve.lanes import eager_lane_now, full_lane_now, long_lane, short_lane


class Asking(SecureCookieSessionInterface):
    """An interface that wants to be asked at once."""

    def open_session(self, app, request):
        return super().open_session(app, request)


def make(name="planning", kind=Flask):
    app = kind(name, static_folder=None)
    app.add_url_rule("/", "view", lambda: "x")
    return app


def plan_of(app, path="/", method="GET"):
    """The plan that a request is served by."""
    with app.test_request_context(path, method=method) as context:
        return app.plan_of(context)


def hook(*args):
    """A sync hook."""


async def async_hook(*args):
    """An async hook."""


@pytest.mark.parametrize(
    ("declare", "lane"),
    [
        (lambda app: None, short_lane),
        (lambda app: app.teardown_request(hook), short_lane),
        (lambda app: app.register_error_handler(404, hook), short_lane),
        (lambda app: app.before_request(hook), full_lane_now),
        (lambda app: app.after_request(hook), full_lane_now),
        (lambda app: app.url_value_preprocessor(hook), full_lane_now),
        (lambda app: app.register_error_handler(404, async_hook), full_lane_now),
        (lambda app: app.view_functions.update(view=async_hook), full_lane_now),
        (lambda app: setattr(app, "session_interface", Asking()), eager_lane_now),
        (lambda app: setattr(app, "dispatch_request", hook), long_lane),
        (lambda app: setattr(app, "make_response", hook), long_lane),
        (lambda app: setattr(app, "handle_user_exception", hook), short_lane),
    ],
)
def test_the_lane_is_the_shortest_that_does_all(declare, lane):
    app = make()
    declare(app)
    assert plan_of(app).run is lane


def test_a_hook_of_another_blueprint_does_not_lengthen_the_lane():
    app, bp = make(), Blueprint("bp", "planning", url_prefix="/bp")
    bp.before_request(hook)
    bp.add_url_rule("/", "view", lambda: "x")
    app.register_blueprint(bp)
    assert plan_of(app).run is short_lane
    assert plan_of(app, "/bp/").run is full_lane_now
    assert plan_of(app, "/bp/").before == (hook,)


@pytest.mark.parametrize(
    ("declare", "waits"),
    [
        (lambda app: app.before_request(hook), False),
        (lambda app: app.teardown_request(async_hook), False),
        (lambda app: app.before_request(async_hook), True),
        (lambda app: app.after_request(async_hook), True),
        (lambda app: app.register_error_handler(KeyError, async_hook), True),
        (lambda app: app.view_functions.update(view=async_hook), True),
    ],
)
def test_a_plan_waits_where_something_in_it_is_async(declare, waits):
    app = make()
    declare(app)
    assert plan_of(app).waits is waits


def test_hooks_are_gathered_along_the_blueprints():
    app = make()
    hooks = {}
    outer, inner = Blueprint("outer", "planning"), Blueprint("inner", "planning")
    for name, to in (("app", app), ("outer", outer), ("inner", inner)):
        for number in (1, 2):
            each = hooks[f"{name}{number}"] = lambda *args: None
            to.before_request(each)
            to.after_request(each)
            to.teardown_request(each)
    inner.add_url_rule("/in", "view", lambda: "x")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    plan = plan_of(app, "/in")
    names = {each: name for name, each in hooks.items()}
    before = ["app1", "app2", "outer1", "outer2", "inner1", "inner2"]
    after = ["inner2", "inner1", "outer2", "outer1", "app2", "app1"]
    assert [names[each] for each in plan.before] == before
    assert [names[each] for each in plan.after] == after
    assert [names[each] for each in plan.teardown] == after


def test_error_handlers_are_flattened_from_within():
    app, bp = make(), Blueprint("bp", "planning", url_prefix="/bp")
    inner, outer = (lambda error: "inner"), (lambda error: "outer")
    bp.register_error_handler(404, inner)
    bp.add_url_rule("/", "view", lambda: "x")
    app.register_error_handler(404, outer)
    app.register_error_handler(KeyError, outer)
    app.register_blueprint(bp)
    assert plan_of(app, "/bp/").handlers == {
        404: ({NotFound: inner}, {NotFound: outer}),
        None: ({KeyError: outer},),
    }
    assert plan_of(app).handlers[404] == ({NotFound: outer},)


def test_a_plan_is_made_once_and_again_after_a_change():
    app = make()
    first = plan_of(app)
    assert plan_of(app) is first
    app.before_request_funcs[None].append(hook)
    assert plan_of(app) is not first


def test_a_rule_has_one_plan_for_its_view_one_for_head_and_one_for_options():
    app = make()
    app.add_url_rule("/both", "both", lambda: "x", methods=["GET", "POST"])
    assert plan_of(app, "/both") is plan_of(app, "/both", method="POST")
    head = plan_of(app, method="HEAD")
    assert head is plan_of(app, method="HEAD")
    assert head.view is plan_of(app).view
    assert plan_of(app, method="OPTIONS").view is not plan_of(app).view


class Plain(Response):
    """Another media type, and nothing else."""

    default_mimetype = "text/plain"


class Counting(Response):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Size"] = str(len(self.data))


class Created(Response):
    default_status = 201


class Unmeasured(Response):
    automatically_set_content_length = False


@pytest.mark.parametrize(
    ("change", "sends"),
    [
        (lambda app: None, True),
        (lambda app: app.before_request(hook), True),
        (lambda app: setattr(app, "response_class", Plain), True),
        (lambda app: app.after_request(hook), False),
        (lambda app: setattr(app, "response_class", Counting), False),
        (lambda app: setattr(app, "response_class", Created), False),
        (lambda app: setattr(app, "response_class", Unmeasured), False),
        (lambda app: setattr(app, "response_class", HTTPResponse), False),
    ],
)
def test_a_text_that_nobody_sees_as_a_response_goes_out_without_one(change, sends):
    app = make()
    change(app)
    assert (plan_of(app).text_head is not None) is sends
    assert plan_of(app, method="HEAD").text_head is None
    assert (plan_of(app, "/nowhere").text_head is not None) is sends
    assert plan_of(app, "/nowhere", method="HEAD").text_head is None


def test_a_miss_has_the_apps_own_plan():
    app = make()
    app.before_request(hook)
    missed = plan_of(app, "/nowhere")
    assert missed is app.engine.app_plan
    assert (missed.rule, missed.before) == (None, (hook,))


def test_functions_go_through_an_ensure_sync_of_the_apps_own():
    class Mine(Flask):
        def ensure_sync(self, func):
            return ("fitted", func)

    app = make(kind=Mine)
    app.before_request(hook)
    app.register_error_handler(KeyError, hook)
    plan = plan_of(app)
    assert plan.before == (("fitted", hook),)
    assert plan.view == ("fitted", app.view_functions["view"])
    assert plan.handlers[None] == ({KeyError: ("fitted", hook)},)


def test_an_empty_table_of_handlers_is_left_out():
    app = make()
    app.error_handler_spec[None][404].clear()
    assert plan_of(app).handlers == {}
