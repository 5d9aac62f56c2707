"""In debug mode a redirect that would drop a form is refused, with the reason."""

import pytest

from costrel import Flask
from costrel.routing.outcomes import RequestRedirect
from costrel.serve.form_redirect import FormDataRoutingRedirect


@pytest.mark.parametrize(
    ("path", "target", "reason"),
    [
        ("/folder", "http://localhost/folder/", "its rule ends in a slash"),
        ("/folder?a=1", "http://localhost/folder/?a=1", "its rule ends in a slash"),
        ("/old", "http://localhost/new", "its rule says so"),
    ],
)
def test_the_reason_and_the_way_out_are_said(path, target, reason):
    app = Flask("redirecting", static_folder=None)
    with app.test_request_context(path, method="POST") as ctx:
        ctx.request.routing_exception = RequestRedirect(target)
        text = str(FormDataRoutingRedirect(ctx.request))
    assert reason in text
    assert f"'{target}'" in text
    assert "url_for()" in text
