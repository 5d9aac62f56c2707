"""Advice on setting an app up: what is declared, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, listed, nearest, view_place
from costrel.parts.config import Config

# Attributes that Flask had → what to write now.
GONE = {
    "before_first_request": "Run the code when the app is made, or in a function that does a thing "
    "once.",
    "json_encoder": "Set app.json to a DefaultJSONProvider of your own.",
    "json_decoder": "Set app.json to a DefaultJSONProvider of your own.",
    "env": "Use app.debug, or a setting of your own.",
    "propagate_exceptions": 'Use app.config["PROPAGATE_EXCEPTIONS"].',
    "session_cookie_name": 'Use app.config["SESSION_COOKIE_NAME"].',
    "send_file_max_age_default": 'Use app.config["SEND_FILE_MAX_AGE_DEFAULT"].',
    "use_x_sendfile": 'Use app.config["USE_X_SENDFILE"].',
    "templates_auto_reload": 'Use app.config["TEMPLATES_AUTO_RELOAD"].',
    "got_first_request": "Do what needs it when the app is made.",
    "use": "Wrap app.wsgi_app: app.wsgi_app = Middleware(app.wsgi_app).",
    "include_router": "Use app.register_blueprint(blueprint).",
    "listen": "Use app.run(port=...).",
}


@rule("CST701", AssertionError)
def declared_after_first_request(situation: Situation) -> Advice | None:
    """A route or hook is declared after the first request.

    It would not reach every process and request. Declare when the app is made: at import time, or
    in its factory; register a blueprint after its views are declared.
    """
    found = re.match(r"The setup method '(\w+)' can no longer be called", situation.message)
    if found is None:
        return None
    step = situation.yours
    place = f" in {step.function}() at {step.place}" if step is not None else ""
    return Advice(
        f"{found.group(1)}() is called{place}, after requests are being served.",
        "Move it to where the app is made, before it is served; import modules with views there.",
        where=situation.where,
    )


@rule("CST702", AssertionError)
def two_views_of_one_name(situation: Situation) -> Advice | None:
    """Two views have the same name.

    A view's endpoint is its function's name, which must be unique. Two reasons: a copied function
    that kept its name; a decorator without `functools.wraps`, which names each view after its
    inner function.
    """
    found = re.match(
        r"View function mapping is overwriting an existing endpoint function: '([^']*)' is (.*), "
        r"and now (.*?)\. Give",
        situation.message,
        re.DOTALL,
    )
    if found is None:
        return None
    endpoint, first, second = found.groups()
    is_wrapper = endpoint.rpartition(".")[2] in {
        "wrapper",
        "inner",
        "decorated",
        "wrapped",
        "decorator",
    }
    return Advice(
        f"Two views have the endpoint {endpoint!r}: one is {first}, the other {second}.",
        "A decorator gives all of its views one name: add functools.wraps to it."
        if is_wrapper
        else "Give one of them another name.",
        example="@functools.wraps(view)\ndef wrapper(*args, **kwargs):"
        if is_wrapper
        else f'@app.route("/...", endpoint="{endpoint}_2")',
        where=situation.where,
    )


@rule("CST706", ValueError)
def blueprint_name_taken(situation: Situation) -> Advice | None:
    """A blueprint's name is taken.

    Two blueprints have one name, or one is registered twice. Endpoints begin with the name, so it
    must be unique.
    """
    found = re.match(r"The name '([^']*)' is (?:already registered|taken)", situation.message)
    if found is None:
        return None
    return Advice(
        f"There is a blueprint {found.group(1)!r} on the app already.",
        "Name one of them differently, or give the second registration a name.",
        example=f'app.register_blueprint(blueprint, name="{found.group(1)}_2")',
        where=situation.where,
    )


@rule("CST710", ValueError)
def rule_without_slash(situation: Situation) -> Advice | None:
    """A rule must begin with a slash.

    `@app.route("/about")`, not `@app.route("about")`.
    """
    found = re.search(r"rule '([^']*)' must start with a slash", situation.message)
    if found is None:
        return None
    return Advice(
        f"The rule {found.group(1)!r} does not begin with a slash.",
        "Add it.",
        example=f'@app.route("/{found.group(1)}")',
        where=situation.where,
    )


@rule("CST716", AttributeError)
def attribute_is_gone(situation: Situation) -> Advice | None:
    """The app has no such attribute.

    Some were removed from Flask in 2.3 and 3.0; others are of another framework. The finding says
    what to write, or which name is nearest.
    """
    found = re.match(r"'(Flask|Blueprint)' object has no attribute '(\w+)'", situation.message)
    if found is None:
        return None
    kind, name = found.groups()
    owner = getattr(situation.error, "obj", None)
    like = nearest(name, [word for word in dir(owner) if not word.startswith("_")])
    fix = GONE.get(name) or (f"Did you mean {like!r}?" if like else "Look its name up.")
    return Advice(
        f"{kind} has no attribute {name!r}"
        + (": it was removed, or is another framework's." if name in GONE else "."),
        fix,
        where=situation.where,
    )


@rule("CST717", KeyError)
def missing_setting(situation: Situation) -> Advice | None:
    """A setting is missing.

    `app.config["NAME"]` fails where nothing has set it. Names are in upper case: lower-case names
    are left out when a configuration is loaded.
    """
    step = situation.yours
    if step is None or "config" not in step.source or not situation.error.args:
        return None
    name = str(situation.error.args[0])
    config = _config_of(situation)
    if config is None or name in config:
        return None
    like = nearest(name, map(str, config))
    notes = () if name.isupper() else ("Names of settings are in upper case.",)
    return Advice(
        f"The configuration has no {name!r}. It has: {listed(_own(config))}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"Set it, load it with app.config.from_prefixed_env(), or read it with .get({name!r}).",
        notes=notes,
        where=situation.where,
    )


def _config_of(situation: Situation) -> Mapping[str, Any] | None:
    if situation.app is not None:
        found: Mapping[str, Any] = situation.app.config
        return found
    step = situation.yours
    values = () if step is None else (*step.locals.values(), *step.frame.f_globals.values())
    for value in values:
        if isinstance(value, Config):
            return value
        if isinstance(getattr(value, "config", None), Config):
            return value.config  # type: ignore[no-any-return]  # its type was asked
    return None


def _own(config: Mapping[str, Any]) -> list[str]:
    """The names that are not everybody's."""
    # Costly to import for one finding, and above this file's needs otherwise.
    from costrel.app import Flask  # noqa: PLC0415

    return [name for name in config if name not in Flask.default_config]


@rule("CST718", ValueError, AssertionError, TypeError)
def handler_for_nothing(situation: Situation) -> Advice | None:
    """An error handler is for something that cannot be raised.

    `@app.errorhandler` takes a status code that has an exception, as 404, or a class of
    exceptions; not an instance, not a code as 200.
    """
    if (
        "Error handlers are for" not in situation.message
        and "no HTTP error" not in situation.message
    ):
        return None
    words = quoted(situation.message)
    return Advice(
        situation.message,
        "Give it a code of an error, or a class of exceptions.",
        notes=(f"It was given {words[0]!r}.",) if words else (),
        example="@app.errorhandler(404)\ndef not_found(error):\n    ...",
        where=situation.where,
    )


# The tables of functions that an app calls → what they hold, and what one of them is given.
CALLED_WITH = {
    "before_request_funcs": ("A before_request function", ""),
    "after_request_funcs": ("An after_request function", "response"),
    "teardown_request_funcs": ("A teardown_request function", "error"),
}
HANDLER = ("An error handler", "error")


@rule("CST720", TypeError)
def hook_takes_other_arguments(situation: Situation) -> Advice | None:
    """A handler or hook takes other arguments than it is given.

    Error handlers take the error, after_request functions the response, teardown functions the
    error or None; before_request functions take nothing, and use `request`.
    """
    found = re.match(r"([\w.<>]+)\(\) (?:takes|missing) ", situation.message)
    step = situation.innermost
    # One that ran, and called something else wrongly, is the innermost step.
    if found is None or situation.app is None or step is None or step.is_yours:
        return None
    for (kind, given), function in _called_by(situation.app):
        if getattr(function, "__qualname__", "") == found.group(1):
            name = function.__name__
            return Advice(
                f"{kind} is given {f'one argument, the {given}' if given else 'no argument'}; "
                f"{name}() takes others.",
                f"Write: def {name}({given})."
                + ("" if given else " It has request, g and session."),
                example=f"def {name}({given}):",
                where=view_place(function),
            )
    return None


def _called_by(app: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """The handlers and hooks of an app and its blueprints, each with what it is given."""
    for scope in app.error_handler_spec.values():
        for handlers in scope.values():
            yield from ((HANDLER, handler) for handler in handlers.values())
    for table, told in CALLED_WITH.items():
        for hooks in getattr(app, table).values():
            yield from ((told, hook) for hook in hooks)
