"""Advice on URLs that cannot be built."""

from __future__ import annotations

from typing import Any

from costrel.debugger.advice.routing_advice import place_of, rules_of
from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation, listed, nearest
from costrel.routing.outcomes import BuildError
from costrel.serve.build_url import NO_ADAPTER


def endpoints_of(situation: Situation) -> list[str]:
    """The app's endpoints."""
    if situation.app is not None:
        return sorted({str(declared.endpoint) for declared in rules_of(situation.app)})
    adapter = getattr(situation.error, "adapter", None)
    return sorted({str(one.endpoint) for one in adapter.map.iter_rules()}) if adapter else []


def line_of(situation: Situation) -> str | None:
    """Where ``url_for`` was called: the template's or the user's line."""
    return situation.where


@rule("CST208", BuildError)
def unknown_endpoint(situation: Situation) -> Advice | None:
    """url_for names an endpoint that does not exist.

    An endpoint is the name of the view function, or what `endpoint=` says. The finding names the
    nearest one.
    """
    endpoint = str(getattr(situation.error, "endpoint", ""))
    known = endpoints_of(situation)
    if endpoint in known or any(name.endswith(f".{endpoint}") for name in known):
        return None
    like = nearest(endpoint, known)
    return Advice(
        f"There is no endpoint {endpoint!r}.",
        f"Did you mean {like!r}?" if like else "Use the name of the view function.",
        notes=(f"Endpoints: {listed(known)}.",),
        example=f"url_for({like!r})" if like else "",
        where=line_of(situation),
    )


@rule("CST209", BuildError)
def missing_values(situation: Situation) -> Advice | None:
    """url_for lacks values that the rule needs.

    Each variable of the rule needs a value: `url_for("user", id=user.id)`. A value of `None`
    counts as missing.
    """
    error: Any = situation.error
    known = [one for one in rules_of(situation.app) if one.endpoint == error.endpoint]
    if not known:
        return None
    given = {key for key, value in (error.values or {}).items() if value is not None}
    declared = min(known, key=lambda one: len(one.arguments - given))
    missing = sorted(declared.arguments - set(declared.defaults or ()) - given)
    if not missing:
        return None
    called = situation.passed("url_for")
    written = called.locals.get("values") if called is not None else error.values
    is_none = [key for key in missing if key in (written or {})]
    say = f"{declared} needs {listed(missing)}"
    if is_none:
        say += f"; {listed(is_none)} is None"
    values = ", ".join(f"{name}=..." for name in missing)
    return Advice(
        f"{say}.",
        "Give url_for a value for each of them.",
        example=f"url_for({error.endpoint!r}, {values})",
        notes=(f"Declared at {place_of(declared)}.",) if place_of(declared) else (),
        where=line_of(situation),
    )


@rule("CST210", BuildError)
def blueprint_missing(situation: Situation) -> Advice | None:
    """url_for needs the blueprint's name.

    The endpoint of a blueprint's view is `blueprint.view`; within the blueprint `.view` is enough.
    """
    endpoint = str(getattr(situation.error, "endpoint", ""))
    known = endpoints_of(situation)
    full = [name for name in known if name.endswith(f".{endpoint.rpartition('.')[2]}")]
    if endpoint in known or not full:
        return None
    return Advice(
        f"There is no endpoint {endpoint!r}, but {listed(full)} of a blueprint.",
        f"Write {full[0]!r}.",
        example=f"url_for({full[0]!r})",
        where=line_of(situation),
    )


@rule("CST213", RuntimeError)
def no_host_to_link_to(situation: Situation) -> Advice | None:
    """url_for is called outside of a request.

    Without a request nothing tells the host. Set `SERVER_NAME` for URLs made by scripts, mails
    and background jobs.
    """
    if situation.message != NO_ADAPTER:
        return None
    return Advice(
        "url_for was called outside of a request, and SERVER_NAME is not set.",
        "Build the URL while a request is handled, or say the host in the configuration.",
        example='app.config["SERVER_NAME"] = "example.org"',
        where=situation.where,
    )
