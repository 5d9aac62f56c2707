import asyncio
import json
import threading

import pytest

from costrel import Blueprint, Flask
from costrel.devserver.live_reload import (
    LIVE,
    LIVE_SCRIPT,
    LiveReload,
    is_navigation,
    page_folders,
    tag_for,
    what_to_do,
)

HTML = [(b"content-type", b"text/html; charset=utf-8")]


def scope_of(path="/", method="GET", kind="http", **headers):
    pairs = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    return {"type": kind, "method": method, "path": path, "headers": pairs}


def run(app, scope, incoming=()):
    sent, waiting = [], list(incoming)

    async def receive():
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def page(body, headers=HTML, status=200):
    """An application that answers with a page, in one part or several."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for chunk in body[:-1]:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": body[-1]})

    return app


def served(app, **headers):
    return run(LiveReload(app, None), scope_of(**{"sec_fetch_dest": "document", **headers}))


def body_of(sent):
    return b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("body", [[b"<h1>x</h1>"], [b"<h1>", b"x</h1>", b""]])
def test_a_document_gets_the_script_at_its_end_and_the_right_length(body):
    headers = [*HTML, (b"content-length", b"10"), (b"etag", b'"x"'), (b"x-own", b"1")]
    sent = served(page(body, headers))
    text = body_of(sent)
    assert text.startswith(b"<h1>x</h1><script src=")
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(text)).encode()
    assert b"etag" not in dict(sent[0]["headers"])
    assert (b"x-own", b"1") in sent[0]["headers"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"content-type", b"application/json")], 200),
        ([*HTML, (b"content-encoding", b"gzip")], 200),
        ([*HTML, (b"content-disposition", b"attachment")], 200),
        ([*HTML, (b"content-range", b"bytes 0-9/20")], 206),
        ([*HTML, (b"content-security-policy", b"default-src 'none'; script-src x")], 200),
        (HTML, 304),
        ([], 200),
    ],
)
def test_anything_else_stays_as_it_is(headers, status):
    sent = served(page([b"<h1>x</h1>"], headers, status))
    assert sent[0]["headers"] == headers
    assert body_of(sent) == b"<h1>x</h1>"


def test_the_script_has_the_nonce_that_a_policy_asks_for():
    policy = (b"content-security-policy", b"script-src 'nonce-abc123=='")
    assert b' nonce="abc123=="' in tag_for({"status": 200, "headers": [*HTML, policy]})


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (scope_of(sec_fetch_dest="document"), True),
        (scope_of(sec_fetch_dest="iframe"), True),
        (scope_of(sec_fetch_dest="empty", accept="text/html"), False),
        (scope_of(accept="text/html,*/*"), True),
        (scope_of(accept="text/html", hx_request="true"), False),
        (scope_of(accept="text/html", x_requested_with="XMLHttpRequest"), False),
        (scope_of(accept="*/*"), False),
        (scope_of(method="POST", sec_fetch_dest="document"), False),
        ({"type": "lifespan"}, False),
    ],
)
def test_only_who_navigates_gets_the_script(scope, expected):
    assert is_navigation(scope) is expected


def test_the_script_and_the_start_are_told():
    app = LiveReload(page([b""]), None)
    assert json.loads(body_of(run(app, scope_of(LIVE)))) == {"start": app.start}
    sent = run(app, scope_of(LIVE_SCRIPT))
    assert dict(sent[0]["headers"])[b"content-type"].startswith(b"text/javascript")
    assert b"location.reload" in body_of(sent)


def test_another_sites_page_is_told_nothing():
    scope = scope_of(LIVE, kind="websocket", origin="http://evil.test", host="localhost:5000")
    sent = run(LiveReload(None, None), scope, [{"type": "websocket.connect"}])
    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_a_page_is_told_the_start_and_then_what_changes():
    app = LiveReload(None, None)
    sent = []

    async def converse():
        gone = asyncio.Event()
        incoming = [{"type": "websocket.connect"}]

        async def receive():
            if incoming:
                return incoming.pop()
            await gone.wait()
            return {"type": "websocket.disconnect"}

        async def send(message):
            sent.append(message)
            if len(sent) == 2:
                app.pages._tell_all({"styles": True})
            elif len(sent) == 3:
                gone.set()

        scope = scope_of(
            LIVE, kind="websocket", origin="http://LOCALHOST:5000", host="localhost:5000"
        )
        await asyncio.wait_for(app(scope, receive, send), 10)

    asyncio.run(converse())
    assert sent[0] == {"type": "websocket.accept"}
    assert [json.loads(message["text"]) for message in sent[1:]] == [
        {"start": app.start},
        {"styles": True},
    ]
    assert app.pages.listeners == set()


def test_a_saved_template_is_noticed(tmp_path):
    (tmp_path / "templates").mkdir()
    app = LiveReload(None, Flask("app", root_path=str(tmp_path)))

    async def wait_for_it():
        changes = app.pages.subscribe()

        async def save():
            for number in range(100):
                (tmp_path / "templates" / "a.html").write_text(str(number))
                (tmp_path / "templates" / "a.html.swp").write_text(str(number))
                await asyncio.sleep(0.1)

        saving = asyncio.ensure_future(save())
        told = await asyncio.wait_for(changes.get(), 10)
        saving.cancel()
        return told

    assert asyncio.run(wait_for_it()) == {"reload": True}
    app.pages.stop.set()
    for thread in threading.enumerate():
        if thread.daemon and thread.name.endswith("(_watch)"):
            thread.join(5)


def test_style_sheets_alone_do_not_reload():
    assert what_to_do(["a/x.css", "b.css"]) == {"styles": True}
    assert what_to_do(["a/x.css", "b.html"]) == {"reload": True}


def test_the_folders_of_an_app_and_its_blueprints_are_watched(tmp_path):
    for name in ("static", "templates", "more"):
        (tmp_path / name).mkdir()
    app = Flask("app", root_path=str(tmp_path))
    folders = {"static_folder": "missing", "template_folder": "more"}
    app.register_blueprint(Blueprint("b", "b", root_path=str(tmp_path), **folders))
    assert page_folders(app) == [str(tmp_path / name) for name in ("more", "static", "templates")]
    assert page_folders(None) == []
