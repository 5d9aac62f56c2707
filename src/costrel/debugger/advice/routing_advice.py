"""Advice on URLs that lead nowhere, and on views called with the wrong values."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import (
    Situation,
    listed,
    nearest,
    short_path,
    view_place,
)
from costrel.declare.blueprint import Blueprint
from costrel.http.exceptions import MethodNotAllowed, NotFound
from costrel.routing.outcomes import WebsocketMismatch
from costrel.serve.form_redirect import FormDataRoutingRedirect

MOST_NEAR = 5


def is_unmatched(situation: Situation) -> bool:
    """Whether no rule matched, rather than that a view raised 404."""
    request = situation.request
    return request is not None and request.url_rule is None and situation.app is not None


def rules_of(app: Any) -> list[Any]:
    """The rules for requests, without those that only redirect."""
    return [rule for rule in app.url_map.iter_rules() if not getattr(rule, "websocket", False)]


def place_of(declared: Any) -> str | None:
    """``file:line`` where a rule was declared."""
    known = declared.declared_at
    if not known:
        return None
    path, _, line = known.rpartition(":")
    return f"{short_path(path)}:{line}"


@rule("CST201", NotFound)
def near_misses(situation: Situation) -> Advice | None:
    """No rule has this path.

    The finding lists the rules that are most like it, with the file and line of each. `costrel
    routes` lists all of them.
    """
    if not is_unmatched(situation):
        return None
    path = situation.request.path
    known = {str(declared): declared for declared in rules_of(situation.app)}
    near = _most_like(path, list(known))
    own = [text for text in known if known[text].endpoint != "static"]
    if not own:
        fix = "The app has no routes yet: declare one with @app.route, before it is served."
    elif near:
        fix = f"Did you mean {near[0]!r}?"
    else:
        fix = f"Declare it: @app.route({path!r})."
    return Advice(
        f"No rule matches {path!r}.",
        fix,
        notes=tuple(_tell(known[text]) for text in near or own[:MOST_NEAR]),
    )


def _tell(declared: Any) -> str:
    place = place_of(declared)
    methods = ", ".join(sorted(set(declared.methods or ()) - {"HEAD", "OPTIONS"}))
    return f"{declared} [{methods}] → {declared.endpoint}" + (f"  ({place})" if place else "")


def _most_like(path: str, rules: list[str]) -> list[str]:
    # 2 ms to import.
    from difflib import SequenceMatcher  # noqa: PLC0415

    def likeness(text: str) -> float:
        # A variable is like whatever stands in its place.
        parts, words = text.strip("/").split("/"), path[:200].strip("/").split("/")
        filled = [
            words[i] if "<" in part and i < len(words) else part for i, part in enumerate(parts)
        ]
        return SequenceMatcher(a="/".join(filled).lower(), b="/".join(words).lower()).ratio()

    ranked = sorted(((likeness(text), text) for text in rules[:2000]), reverse=True)
    return [text for score, text in ranked[:MOST_NEAR] if score >= 0.6]


@rule("CST202", NotFound)
def slash_at_the_end(situation: Situation) -> Advice | None:
    """The rule has no slash at its end, and the request has.

    `@app.route("/about")` answers `/about` alone. `@app.route("/about/")` answers `/about/`, and
    redirects `/about` there.
    """
    if not is_unmatched(situation):
        return None
    path = situation.request.path
    if path == "/" or not path.endswith("/"):
        return None
    for declared in rules_of(situation.app):
        if str(declared) == path.rstrip("/"):
            return Advice(
                f"There is {str(declared)!r}, without the slash at the end.",
                "Link to it without the slash, or declare it with one: both then work.",
                example=f'@app.route("{path}")',
                where=place_of(declared),
            )
    return None


_VARIABLE = re.compile(r"<(?:([A-Za-z_]\w*)(?:\([^()<>]*\))?:)?([A-Za-z_]\w*)>")


@rule("CST203", NotFound)
def converter_refused(situation: Situation) -> Advice | None:
    """A variable of the rule does not take this value.

    `/user/<int:id>` matches digits alone, `/file/<name>` no slash. The finding says which rule
    would match if its converter took the value.
    """
    if not is_unmatched(situation):
        return None
    words = situation.request.path.split("/")
    for declared in rules_of(situation.app):
        parts = str(declared).split("/")
        if len(parts) != len(words) or "<" not in str(declared):
            continue
        refused = None
        for part, word in zip(parts, words, strict=True):
            found = _VARIABLE.fullmatch(part)
            if found is None and part != word:
                break
            if found is not None and found.group(1) not in {None, "string"}:
                refused = refused or (found.group(1), found.group(2), word)
        else:
            if refused is not None:
                converter, name, word = refused
                return Advice(
                    f"{str(declared)!r} would match, but its variable {name!r} takes "
                    f"{converter} and not {word!r}.",
                    f"Ask for a URL with {converter}, or declare <{name}> for any text.",
                    where=place_of(declared),
                )
    return None


@rule("CST204", NotFound)
def case_differs(situation: Situation) -> Advice | None:
    """The path differs from a rule in upper and lower case alone.

    Paths are case-sensitive: `/About` and `/about` are two URLs. Write links with `url_for`.
    """
    if not is_unmatched(situation):
        return None
    path = situation.request.path
    for declared in rules_of(situation.app):
        if str(declared) != path and str(declared).lower() == path.lower():
            return Advice(
                f"There is {str(declared)!r}: paths are case-sensitive.",
                "Write the URL as the rule is written.",
                where=place_of(declared),
            )
    return None


@rule("CST205", NotFound)
def raised_in_a_view(situation: Situation) -> Advice | None:
    """A rule matches, and its view raised 404.

    The URL did match a rule; the view, or what it called, raised NotFound: by `abort(404)`,
    `first_or_404`, `send_from_directory` for a file that does not exist.
    """
    request, step = situation.request, situation.yours
    if request is None or request.url_rule is None:
        return None
    rule_text = str(request.url_rule)
    if request.endpoint and request.endpoint.rpartition(".")[2] == "static":
        name = (request.view_args or {}).get("filename")
        return Advice(
            f"The static folder has no file {name!r}.",
            f"Look in {situation.app.static_folder}; names are case-sensitive.",
        )
    return Advice(
        f"The URL matches {rule_text!r}: its view ran, and raised 404"
        + (f" at {step.place}." if step else "."),
        "The route is fine. Look at why the view found nothing.",
        where=situation.where,
    )


@rule("CST206", MethodNotAllowed)
def wrong_method(situation: Situation) -> Advice | None:
    """The URL does not accept this method.

    A route accepts GET unless it says otherwise. The finding says which methods it accepts, and
    the line to change.
    """
    request, app = situation.request, situation.app
    if request is None or app is None:
        return None
    allowed = sorted(getattr(situation.error, "valid_methods", None) or ())
    here = _rules_at(app, request)
    if not here:
        return Advice(
            f"{request.path!r} accepts {', '.join(allowed) or 'no method'}, not {request.method}.",
            "Send one of those, or define the method on the view.",
        )
    declared = here[0]
    methods = sorted((set(allowed) - {"HEAD", "OPTIONS"}) | {request.method})
    return Advice(
        f"{request.path!r} accepts {', '.join(allowed)}, not {request.method}.",
        f"Add {request.method!r} to the methods of the route, or send what it accepts.",
        notes=tuple(_tell(one) for one in here[:MOST_NEAR]),
        example=f'@app.route("{declared}", methods={methods!r})',
        where=place_of(declared),
    )


def _rules_at(app: Any, request: Any) -> list[Any]:
    """The rules that answer this path with other methods."""
    found = []
    adapter = app.url_map.bind("localhost")
    for method in getattr(request.routing_exception, "valid_methods", None) or ():
        try:
            matched, _ = adapter.match(request.path, method=method, return_rule=True)
        except Exception:  # noqa: S112  # no rule to tell of
            continue
        if matched not in found:
            found.append(matched)
    return found


@rule("CST207", FormDataRoutingRedirect)
def redirect_loses_the_form(situation: Situation) -> Advice | None:
    """A redirect would lose the form.

    The form was sent to a URL that redirects, and browsers follow with a GET. In debug mode this
    is an error; otherwise the redirect is sent. Let `url_for` make the form's `action`.
    """
    request = situation.request
    target = getattr(getattr(request, "routing_exception", None), "new_url", None)
    return Advice(
        f"The form goes to {getattr(request, 'path', '')!r}, which redirects to {target!r}.",
        "Let url_for make the form's action, which knows the right URL.",
        example='<form method="post" action="{{ url_for(\'endpoint\') }}">',
    )


@rule("CST214", TypeError)
def view_takes_other_values(situation: Situation) -> Advice | None:
    """The rule's variables are not the view's parameters.

    The values of the URL are passed by name: `/user/<int:id>` needs `def user(id)`.
    """
    view, request = situation.view, situation.request
    if view is None or not re.search(
        r"(missing \d+ required|got an unexpected keyword|takes \d+ positional)", situation.message
    ):
        return None
    step = situation.innermost
    if step is None or step.is_yours:
        return None
    try:
        takes = list(inspect.signature(view).parameters)
    except (TypeError, ValueError):
        return None
    brings = list(request.view_args or ())
    if not situation.message.startswith((getattr(view, "__qualname__", "?"), view.__name__)):
        return None
    like = nearest(takes[0], brings) if takes else None
    fix = f"Rename one of them: the rule says {like!r}." if like else "Make them the same."
    return Advice(
        f"The rule {str(request.url_rule)!r} brings {listed(brings)}, but the view "
        f"{view.__name__}() takes {listed(takes)}.",
        fix,
        example=f"def {view.__name__}({', '.join(brings)}):",
        where=view_place(view),
    )


@rule("CST215", NotFound)
def blueprint_not_registered(situation: Situation) -> Advice | None:
    """A blueprint was made and never registered.

    Its routes do not exist until `app.register_blueprint(blueprint)`.
    """
    if not is_unmatched(situation):
        return None
    for name, module in list(sys.modules.items()):
        for word, value in list(getattr(module, "__dict__", {}).items()):
            if type(value) is Blueprint and not value._got_registered_once:
                return Advice(
                    f"The blueprint {value.name!r} ({name}.{word}) is not registered on the app.",
                    "Register it before the app is served.",
                    example=f"app.register_blueprint({word})",
                )
    return None


@rule("CST216", WebsocketMismatch)
def websocket_expected(situation: Situation) -> Advice | None:
    """The URL is for WebSockets.

    It was declared with `@app.websocket`; a plain request gets 400. Open it with
    `new WebSocket(url)`.
    """
    request = situation.request
    path = getattr(request, "path", "")
    return Advice(
        f"{path!r} is for WebSockets, and this is a plain request.",
        "Open it from JavaScript with new WebSocket(...), or declare a route for plain requests.",
        example=f"new WebSocket(`ws://${{location.host}}{path}`)",
    )


@rule("CST217", TypeError)
def methods_as_text(situation: Situation) -> Advice | None:
    """The methods of a route are a list.

    `methods="POST"` would be the four methods P, O, S and T. And the option is `methods`: there is
    no `method`.
    """
    if "unexpected keyword argument 'method'" in situation.message:
        return Advice(
            "A route has no option 'method'.",
            "The option is methods, and takes a list.",
            example='methods=["POST"]',
            where=situation.where,
        )
    if not situation.message.startswith(("methods is a list", "Allowed methods must be a list")):
        return None
    given = quoted(situation.message)
    name = given[-1] if given else "POST"
    return Advice(
        "The route's methods are a text.",
        "Write a list.",
        example=f'methods=["{name}"]',
        where=situation.where,
    )
