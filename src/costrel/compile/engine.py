"""Declarations → the engine that gateways close over.

Frozen here (a later change drops the engine, and the next request compiles anew):
    routes, views, hooks, error handlers; which verbs were replaced; request and response class;
    the session interface; host and subdomain matching; STATIC_ON_LOOP.
Live (read when needed, because tests and factories change them late):
    config, debug and testing, size limits, trusted hosts, the secret key, signal receivers,
    template globals and processors, URL defaults.
"""

from __future__ import annotations

from typing import Any

from costrel.compile.misses import answer_miss, match_bound
from costrel.compile.overrides import is_faithful, is_replaced
from costrel.compile.plans import PlanMaker
from costrel.parts.sessions import SecureCookieSession, SecureCookieSessionInterface
from costrel.routing.matcher import Matcher
from costrel.serve.find_plan import make_finder, make_websocket_finder
from costrel.serve.plan import Engine


def compile_engine(app: Any) -> Engine:
    """Compile what was declared on an app."""
    faithful = is_faithful(app)
    opens = not opens_sessions_lazily(app.session_interface)
    maker = PlanMaker(app, is_faithful=faithful, opens_sessions=opens)
    app.url_map.update()
    matcher = Matcher(app.url_map, maker.plan_of, answer_miss, defers=True)
    # An adapter of the app's own may be bound to any host.
    is_bound_anew = is_replaced(app, "create_url_adapter")
    uses_host = app.url_map.host_matching or app.subdomain_matching or is_bound_anew
    return Engine(
        find=make_finder(app, matcher.static, matcher.match, uses_host=uses_host),
        find_websocket=make_websocket_finder(
            app, matcher.match_at, domain=matcher.domain, uses_host=uses_host
        ),
        match_bound=lambda ctx: match_bound(ctx, maker.plan_of),
        app_plan=maker.app_plan,
        app_head_plan=maker.app_head_plan,
        app_websocket_plan=maker.app_websocket_plan,
        opens_sessions=opens,
        is_faithful=faithful,
    )


def opens_sessions_lazily(interface: Any) -> bool:
    """Whether a session interface opens and saves as the signed cookie's own.

    That one has nothing to save where nobody touched the session, so it need not be asked.
    """
    kind, own = type(interface), SecureCookieSessionInterface
    return bool(
        kind.open_session is own.open_session
        and kind.save_session is own.save_session
        and kind.session_class.__init__ is SecureCookieSession.__init__
    )
