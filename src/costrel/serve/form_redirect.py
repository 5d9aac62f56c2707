"""Refuse, in debug mode, the redirect that would drop a submitted form."""

from __future__ import annotations

from typing import Any


class FormDataRoutingRedirect(AssertionError):
    """A POST went to a URL that redirects, and a browser would follow with a GET."""

    def __init__(self, request: Any) -> None:
        target = request.routing_exception.new_url
        reason = "its rule ends in a slash" if _lacks_slash(request, target) else "its rule says so"
        super().__init__(
            f"The form sent to {request.url!r} is redirected to the canonical URL '{target}', "
            f"because {reason}, and a browser would follow with a GET and drop the form. "
            "Send it to the canonical URL: build the form's action with url_for(). "
            "(Outside of debug mode the redirect is sent.)"
        )


def _lacks_slash(request: Any, target: str) -> bool:
    return bool(f"{request.base_url}/" == target.partition("?")[0])
