"""What matching and building may end in when there is no plain answer.

The first half are values: `Matcher` returns them, each says all that is known. The second half
are what a `MapAdapter` raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from costrel.http.cached import cached_property
from costrel.http.exceptions import BadRequest, HTTPException
from costrel.http.response import Response
from costrel.http.urls import iri_to_uri

if TYPE_CHECKING:
    from costrel.routing.binding import MapAdapter
    from costrel.routing.rule import Rule

# As the other errors' pages, with a link instead of a reason.
PAGE = """<!doctype html>
<html lang=en>
<title>Redirecting...</title>
<h1>Redirecting...</h1>
<p>You should be redirected automatically to the target URL: <a href="{0}">{0}</a>. \
If not, click the link.
"""


class RoutingException(Exception):
    """The routing wants something else than a view to answer."""


# --- misses: what a Matcher returns instead of a target ----------------------------------------


class NoMatch(Exception):
    """No rule for this path and method.

    :param have_match_for: the methods that rules do answer at this path; empty if none is there.
    :param websocket_mismatch: whether a rule is there for the other kind of request.
    """

    __slots__ = ("have_match_for", "websocket_mismatch")

    def __init__(self, have_match_for: set[str], websocket_mismatch: bool) -> None:
        super().__init__()
        self.have_match_for = have_match_for
        self.websocket_mismatch = websocket_mismatch


class RequestPath(RoutingException):
    """The path is to be written in another way: a slash at its end, or single ones within."""

    __slots__ = ("path_info",)

    def __init__(self, path_info: str) -> None:
        super().__init__()
        self.path_info = path_info


class RequestAliasRedirect(RoutingException):
    """An alias matched; the endpoint's own URL is to be used."""

    def __init__(self, matched_values: Mapping[str, Any], endpoint: Any) -> None:
        super().__init__()
        self.matched_values = matched_values
        self.endpoint = endpoint


class DefaultsRedirect(RoutingException):
    """All values are another rule's defaults: its shorter URL is to be used."""

    def __init__(self, rule: Rule, values: Mapping[str, Any]) -> None:
        super().__init__()
        self.rule = rule
        self.values = values


class TargetRedirect(RoutingException):
    """The rule that matched has a `redirect_to`."""

    def __init__(self, rule: Rule, values: Mapping[str, Any]) -> None:
        super().__init__()
        self.rule = rule
        self.values = values


class NeedsContext(RoutingException):
    """A converter of the user's has to run before it is known whether the rule matches.

    Returned by a `Matcher` made with `defers`: enter the request's context, then `match_at`.
    """


Miss = (
    NoMatch | RequestPath | RequestAliasRedirect | DefaultsRedirect | TargetRedirect | NeedsContext
)
NEEDS_CONTEXT = NeedsContext()
NO_RULE = NoMatch(set(), False)


# --- errors: what a MapAdapter raises ----------------------------------------------------------


class RequestRedirect(HTTPException, RoutingException):
    """308: the request is to be sent to `new_url`, an absolute URL."""

    code = 308

    def __init__(self, new_url: str) -> None:
        super().__init__(new_url)
        self.new_url = new_url

    def get_response(self, environ: Any = None, scope: Any = None) -> Response:
        """Return the redirect."""
        location = iri_to_uri(self.new_url)
        response = Response(PAGE.format(self._escape(location)), self.code, mimetype="text/html")
        response.headers["Location"] = location
        return response


class WebsocketMismatch(BadRequest):
    """400: the rule is for WebSockets and the request is not one, or the other way round."""


class BuildError(RoutingException, LookupError):
    """No URL for this endpoint, these values and this method; `suggested` is the nearest rule."""

    def __init__(
        self,
        endpoint: Any,
        values: Mapping[str, Any] | None,
        method: str | None,
        adapter: MapAdapter | None = None,
    ) -> None:
        super().__init__(endpoint, values, method)
        self.endpoint = endpoint
        self.values = values
        self.method = method
        self.adapter = adapter

    @cached_property
    def suggested(self) -> Rule | None:
        """The rule most like what was asked for."""
        return self.closest_rule(self.adapter)

    def closest_rule(self, adapter: MapAdapter | None) -> Rule | None:
        """Return the rule whose endpoint, then variables and methods, are most like these."""
        if adapter is None:
            return None
        # Only needed to explain an error, and 2 ms to import.
        from difflib import SequenceMatcher  # noqa: PLC0415

        names = set(self.values or ())

        def likeness(rule: Rule) -> tuple[float, float, bool]:
            endpoints = SequenceMatcher(a=str(rule.endpoint), b=str(self.endpoint or ""))
            all_names = names | rule.arguments
            shared = len(names & rule.arguments) / len(all_names) if all_names else 1.0
            return endpoints.ratio(), shared, bool(self.method in (rule.methods or ()))

        return max(adapter.map.iter_rules(), key=likeness, default=None)

    def __str__(self) -> str:
        return "".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        yield f"Could not build url for endpoint {self.endpoint!r}"
        if self.method:
            yield f" ({self.method!r})"
        if self.values:
            yield f" with values {sorted(self.values)!r}"
        yield "."
        rule = self.suggested
        if rule is None:
            return
        if rule.endpoint != self.endpoint:
            yield f" Did you mean {rule.endpoint!r} instead?"
        else:
            if self.method and rule.methods is not None and self.method not in rule.methods:
                yield f" Did you mean to use methods {sorted(rule.methods)!r}?"
            missing = rule.arguments - set(rule.defaults or ()) - set(self.values or ())
            if missing:
                yield f" Did you forget to specify values {sorted(missing)!r}?"
        if rule.declared_at:
            yield f" {rule!r} was declared at {rule.declared_at}."
