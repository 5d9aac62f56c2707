"""The examples, through their test clients, with the gateway rules checked on every request."""

import importlib.util
import io
import json
import sys
from pathlib import Path
from wsgiref.validate import validator

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def served(app):
    """What a server does: checks the rules, reads the whole body, and closes it."""
    checked = validator(app)

    def server(environ, start_response):
        written = environ["wsgi.input"]  # a file, when the client has much to say
        body = checked(environ, start_response)
        try:
            return [b"".join(body)]
        finally:
            body.close()
            written.close()

    return server


@pytest.fixture
def load(monkeypatch):
    """Loads one example's module afresh, its app wrapped in wsgiref's validator."""
    # What passwords cost is another test's, and they are hashed each time anew.
    monkeypatch.setattr("costrel.parts.passwords.DEFAULT_SCRYPT_COST", (16, 8, 1))

    def load(name, **config):
        module_name = f"costrel_example_{name}"
        file = EXAMPLES / name / "app.py"
        spec = importlib.util.spec_from_file_location(module_name, file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module_name, module)
        spec.loader.exec_module(module)
        module.app.config.update(config)
        module.app.wsgi_app = served(module.app.wsgi_app)
        return module

    return load


@pytest.fixture
def chat(load, tmp_path):
    module = load("chat", DATABASE=str(tmp_path / "chat.sqlite"))
    return module.app.test_client()


@pytest.fixture
def uploads(load, tmp_path):
    module = load("uploads", FOLDER=str(tmp_path / "pictures"))
    return module.app.test_client()


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in EXAMPLES.glob("*/app.py")))
def test_every_example_has_a_readme_of_a_few_lines(folder):
    lines = (EXAMPLES / folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {folder}"
    assert len(lines) <= 15


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in EXAMPLES.glob("*/app.py")))
def test_no_example_asks_another_site_for_anything(folder):
    for file in (EXAMPLES / folder).rglob("*"):
        if file.suffix in {".html", ".css", ".js"}:
            text = file.read_text(encoding="utf-8")
            assert "https://" not in text
            assert "http://" not in text


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in EXAMPLES.glob("*/static")))
def test_every_style_has_a_dark_side_and_fits_a_phone(folder):
    (style,) = (EXAMPLES / folder / "static").glob("*.css")
    assert "prefers-color-scheme: dark" in style.read_text(encoding="utf-8")
    pages = [EXAMPLES / folder / "app.py", *(EXAMPLES / folder).glob("templates/*.html")]
    assert any("width=device-width" in page.read_text(encoding="utf-8") for page in pages)


# hello


def test_hello_greets_the_world(load):
    answer = load("hello").app.test_client().get("/")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "Hello, <em>World!</em>" in answer.text


def test_hello_escapes_a_name(load):
    answer = load("hello").app.test_client().get("/%3Cb%3EAda")
    assert "<em>&lt;b&gt;Ada!</em>" in answer.text
    assert "<b>" not in answer.text


def test_hello_serves_its_style(load):
    answer = load("hello").app.test_client().get("/static/hello.css")
    assert answer.mimetype == "text/css"
    assert b"color-scheme" in answer.data


# echo


def test_echo_starts_empty(load):
    answer = load("echo").app.test_client().get("/")
    assert answer.status_code == 200
    assert 'id="answer"' not in answer.text


def test_echo_by_get_shows_what_the_address_says(load):
    query = {"words": "<Hi> & bye", "mood": ["calm", "curious"]}
    text = load("echo").app.test_client().get("/", query_string=query).text
    assert '<blockquote id="said">&lt;Hi&gt; &amp; bye</blockquote>' in text
    assert "<dt>mood</dt><dd>calm</dd>" in text
    assert "<dt>mood</dt><dd>curious</dd>" in text
    assert "request.args" in text


def test_echo_by_post_shows_what_the_body_says(load):
    client = load("echo").app.test_client()
    text = client.post("/?words=address", data={"words": "héllo"}).text
    assert '<blockquote id="said">héllo</blockquote>' in text
    assert "address" not in text.partition('id="answer"')[2]
    assert "request.form" in text


# login


def sign_in(client, name="ada", password="analytical engine"):
    return client.post("/login", data={"name": name, "password": password}, follow_redirects=True)


def test_login_shows_strangers_the_door(load):
    client = load("login").app.test_client()
    assert client.get("/").headers["Location"] == "/login"
    text = client.get("/login").text
    assert "Please sign in first." in text
    assert "Please sign in first." not in client.get("/login").text


def test_login_lets_ada_in_and_out_again(load):
    client = load("login").app.test_client()
    text = sign_in(client).text
    assert "You are signed in." in text
    assert '<span id="who">ada</span>' in text
    text = client.post("/logout", follow_redirects=True).text
    assert "You are signed out." in text
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("bob", "wrong"), ("", "")])
def test_login_refuses_without_saying_which_part_is_wrong(load, name, password):
    client = load("login").app.test_client()
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "That name and password do not belong together." in answer.text
    assert client.get("/").status_code == 302


def test_login_forgets_a_cookie_that_was_tampered_with(load):
    client = load("login").app.test_client()
    sign_in(client)
    value = client.get_cookie("session").value
    client.set_cookie("session", "x" + value)
    assert client.get("/").status_code == 302


def test_logout_is_not_a_link(load):
    assert load("login").app.test_client().get("/logout").status_code == 405


# uploads


def put(client, name, content):
    return client.post("/", data={"picture": (io.BytesIO(content), name)}, follow_redirects=True)


def test_uploads_keeps_a_picture_and_gives_it_back(uploads):
    assert "The box is empty" in uploads.get("/").text
    text = put(uploads, "a boat.png", PNG).text
    assert "a_boat.png is in the box." in text
    answer = uploads.get("/pictures/a_boat.png")
    assert answer.data == PNG
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_uploads_never_writes_over_another_picture(uploads):
    put(uploads, "boat.png", PNG + b"first")
    assert "boat-2.png is in the box." in put(uploads, "boat.png", PNG + b"second").text
    assert uploads.get("/pictures/boat.png").data.endswith(b"first")
    assert uploads.get("/pictures/boat-2.png").data.endswith(b"second")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/boat.png", "boat.png"),
        ("бот.PNG", "picture.png"),
        ("a\\b/..png.gif", "png.gif"),
    ],
)
def test_uploads_makes_names_safe(uploads, tmp_path, given, kept):
    content = b"GIF89a" if kept.endswith("gif") else PNG
    put(uploads, given, content)
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == [kept]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.txt", b"hello", "is not a kind of picture we know"),
        ("page.png", b"<script>", "what is in it is something else"),
        ("empty.png", b"", "what is in it is something else"),
        ("noname", PNG, "is not a kind of picture we know"),
    ],
)
def test_uploads_refuses_other_kinds_with_a_page(uploads, tmp_path, name, content, reason):
    answer = put(uploads, name, content)
    assert answer.status_code == 400
    assert reason in answer.text
    assert "Back to the box" in answer.text
    assert not list((tmp_path / "pictures").glob("*"))


def test_uploads_escapes_the_name_in_its_answer(uploads):
    text = put(uploads, "<i>.txt", b"x").text
    assert "&lt;i&gt;.txt" in text
    assert "<i>" not in text


def test_uploads_says_when_nothing_was_chosen(uploads):
    answer = uploads.post("/", data={})
    assert answer.status_code == 400
    assert "Nothing was chosen." in answer.text


def test_uploads_refuses_what_is_too_large_with_a_page(uploads):
    answer = put(uploads, "boat.png", PNG + b"0" * 2 * 1024 * 1024)
    assert answer.status_code == 413
    assert "2 MiB is the most we take" in answer.text
    assert "The box is empty" in uploads.get("/").text


@pytest.mark.parametrize("name", ["none.png", "..%2fapp.py", "%2e%2e%2fapp.py", "..%5capp.py"])
def test_uploads_gives_nothing_but_pictures(uploads, name):
    answer = uploads.get(f"/pictures/{name}")
    assert answer.status_code == 404
    assert "Back to the box" in answer.text


# profiles


def test_profiles_lists_everybody(load):
    module = load("profiles")
    text = module.app.test_client().get("/").text
    for key, person in module.PEOPLE.items():
        assert f'href="/people/{key}"' in text
        assert person["name"] in text


def test_every_profile_has_a_page_within_the_frame_and_a_picture(load):
    module = load("profiles")
    client = module.app.test_client()
    for key, person in module.PEOPLE.items():
        text = client.get(f"/people/{key}").text
        assert f"<title>{person['name']} · Harbour people</title>" in text
        assert f"since {person['since']}" in text
        portrait = client.get(f"/static/portraits/{person['portrait']}")
        assert portrait.mimetype == "image/svg+xml"
        assert portrait.data.startswith(b"<svg ")


def test_profiles_filter_makes_a_sentence(load):
    module = load("profiles")
    assert module.as_sentence(["a"]) == "a"
    assert module.as_sentence(["a", "b", "c"]) == "a, b and c"
    text = module.app.test_client().get("/people/tomas").text
    assert "Likes larch, quiet radios and soup." in text


@pytest.mark.parametrize("path", ["/people/nobody", "/elsewhere"])
def test_profiles_has_an_error_page_of_its_own(load, path):
    answer = load("profiles").app.test_client().get(path)
    assert answer.status_code == 404
    assert "Nobody here" in answer.text
    assert "Harbour people" in answer.text


def test_profiles_png_is_served_once_and_then_known(load):
    client = load("profiles").app.test_client()
    answer = client.get("/static/lighthouse.png")
    assert answer.mimetype == "image/png"
    again = client.get("/static/lighthouse.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


# chat


def say(client, name, message):
    return client.post("/messages", json={"name": name, "message": message})


def test_chat_shows_its_page(chat):
    text = chat.get("/").text
    assert 'src="/static/chat.js"' in text
    assert 'action="/messages"' in text


def test_chat_gives_everybody_what_was_said_after_the_last_they_know(chat):
    assert chat.get("/messages").json == []
    assert say(chat, "Ada", "one").status_code == 201
    second = say(chat, " Bob ", " two <b> ").json["id"]
    assert [m["text"] for m in chat.get("/messages").json] == ["one", "two <b>"]
    say(chat, "Ada", "three")
    (last,) = chat.get(f"/messages?after={second}").json
    assert last["name"] == "Ada"
    assert last["text"] == "three"
    assert last["id"] > second


def test_chat_stamps_each_message_with_the_time(chat):
    say(chat, "Ada", "one")
    say(chat, "Ada", "two")
    first, second = chat.get("/messages").json
    assert 1_600_000_000 < first["sent_at"] <= second["sent_at"]


def test_chat_keeps_the_newest_fifty_over_a_restart(chat, load, tmp_path):
    for number in range(55):
        say(chat, "Ada", str(number))
    again = load("chat", DATABASE=str(tmp_path / "chat.sqlite")).app.test_client()
    assert [m["text"] for m in again.get("/messages").json] == [str(n) for n in range(5, 55)]


@pytest.mark.parametrize(
    ("name", "message", "reason"),
    [
        ("", "hello", "Please fill in your name."),
        ("Ada", "", "Please fill in your message."),
        ("Ada", " \n ", "Please fill in your message."),
        ("Ada", None, "Please fill in your message."),
        ("Ada", ["x"], "Please fill in your message."),
        ("Ada", "x" * 501, "Your message has 501 characters; 500 is the most."),
        ("x" * 31, "hello", "Your name has 31 characters; 30 is the most."),
    ],
)
def test_chat_refuses_what_cannot_be_shown_and_says_why(chat, name, message, reason):
    answer = say(chat, name, message)
    assert answer.status_code == 400
    assert answer.json == {"error": reason}
    assert chat.get("/messages").json == []


def test_chat_takes_messages_up_to_the_limit(chat):
    assert say(chat, "n" * 30, "m" * 500).status_code == 201


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b"name=Ada&message=hello", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * 20_000 + b'"', "application/json", 413),
    ],
)
def test_chat_answers_a_bad_body_with_an_error_and_lives_on(chat, body, content_type, status):
    answer = chat.post("/messages", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.json["error"]
    assert say(chat, "Ada", "still here").status_code == 201


def test_chat_stores_a_replacement_for_half_a_character(chat):
    body = json.dumps({"name": "Ada", "message": "half \ud800 a character"})
    answer = chat.post("/messages", data=body, content_type="application/json")
    assert answer.status_code == 201
    assert chat.get("/messages").json[0]["text"] == "half \ufffd a character"


@pytest.mark.parametrize("after", ["", "abc", "-1", "1e3", str(2**63), "9" * 400, "9" * 5000])
def test_chat_takes_a_number_it_cannot_use_as_not_given(chat, after):
    say(chat, "Ada", "hello")
    assert len(chat.get(f"/messages?after={after}").json) == 1


def test_chat_page_only_ever_shows_text():
    script = (EXAMPLES / "chat" / "static" / "chat.js").read_text(encoding="utf-8")
    assert "textContent" in script
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert danger not in script
