"""Files as responses of the current app, and its static folder."""

import io
from datetime import timedelta

import pytest

from costrel import Blueprint, Flask, Response, send_file, send_from_directory
from costrel.http.exceptions import NotFound


@pytest.fixture
def root(tmp_path):
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "page.html").write_text("<h1>Hello</h1>")
    (tmp_path / "static" / "css" / "site.css").write_text("h1 {}")
    (tmp_path / "static" / ".env").write_text("KEY=1")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "static" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return tmp_path


@pytest.fixture
def app(root):
    app = Flask(__name__, root_path=str(root))
    app.testing = True
    return app


@pytest.fixture
def request_context(app):
    with app.test_request_context("/") as ctx:
        yield ctx


def test_static_files_are_served(app):
    client = app.test_client()
    answer = client.get("/static/page.html")
    assert (answer.status_code, answer.text) == (200, "<h1>Hello</h1>")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/static/css/site.css").mimetype == "text/css"
    etag = answer.headers["ETag"]
    again = client.get("/static/page.html", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["none.txt", "../secret.txt", "%2e%2e/secret.txt", "css", "css/", "link.txt", ".env", "a%00b"],
)
def test_what_is_outside_hidden_or_missing_is_404(app, path):
    answer = app.test_client().get(f"/static/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.data


def test_each_rule_can_be_switched_off_for_an_app(app):
    client = app.test_client()
    app.config["SEND_FILE_DOT_FILES"] = True
    assert client.get("/static/.env").status_code == 200
    app.config["SEND_FILE_FOLLOW_SYMLINKS"] = True
    assert client.get("/static/link.txt").data == b"secret"
    app.config["SEND_FILE_NOSNIFF"] = False
    assert "X-Content-Type-Options" not in client.get("/static/page.html").headers


def test_each_rule_can_be_switched_off_for_a_call(request_context):
    assert send_from_directory("static", ".env", dot_files=True).status_code == 200
    assert send_from_directory("static", "link.txt", follow_symlinks=True).status_code == 200
    sent = send_from_directory("static", "page.html", nosniff=False)
    assert "X-Content-Type-Options" not in sent.headers
    with pytest.raises(NotFound):
        send_from_directory("static", ".env")


def test_each_rule_can_be_switched_off_for_an_app_and_on_for_a_call(app, request_context):
    app.config["SEND_FILE_DOT_FILES"] = True
    assert send_from_directory("static", ".env").status_code == 200
    with pytest.raises(NotFound):
        send_from_directory("static", ".env", dot_files=False)


def test_a_path_is_relative_to_the_app(root, request_context):
    sent = send_file("static/page.html")
    assert sent.mimetype == "text/html"
    assert sent.get_data() == b"<h1>Hello</h1>"
    assert send_file(root / "secret.txt").get_data() == b"secret"


def test_all_that_describes_a_file_can_be_given(request_context):
    sent = send_file(
        io.BytesIO(b"a,b"), "text/csv", True, "t.csv", etag="mine", last_modified=0, max_age=5
    )
    assert sent.headers["Content-Disposition"] == "attachment; filename=t.csv"
    assert sent.headers["ETag"] == '"mine"'
    assert sent.headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert sent.cache_control.max_age == 5
    sent.close()


def test_the_request_decides_what_is_sent(app):
    with app.test_request_context("/", headers={"Range": "bytes=0-3"}):
        with send_file("static/page.html") as sent:
            assert sent.status_code == 206
        with send_file("static/page.html", conditional=False) as sent:
            assert sent.status_code == 200


def test_the_app_decides_what_a_response_is(app, request_context):
    class Mine(Response):
        pass

    app.response_class = Mine
    assert type(send_file("static/page.html")) is Mine
    assert type(app.send_static_file("page.html")) is Mine


def test_the_server_in_front_may_send_files(app, root, request_context):
    app.config["USE_X_SENDFILE"] = True
    path = str(root / "static" / "page.html")
    for sent in (
        send_file("static/page.html"),
        send_from_directory("static", "page.html"),
        app.send_static_file("page.html"),
    ):
        assert sent.headers["X-Sendfile"] == path


@pytest.mark.parametrize(
    ("setting", "seconds"), [(None, None), (60, 60), (timedelta(hours=1), 3600)]
)
def test_how_long_files_are_kept_is_a_setting(app, request_context, setting, seconds):
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = setting
    assert app.get_send_file_max_age("page.html") == seconds
    for sent in (
        send_file("static/page.html"),
        send_from_directory("static", "page.html"),
        app.send_static_file("page.html"),
    ):
        assert sent.cache_control.max_age == seconds


def test_how_long_files_are_kept_can_be_given(app, request_context):
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 60
    assert send_file("static/page.html", max_age=5).cache_control.max_age == 5
    assert send_from_directory("static", "page.html", max_age=5).cache_control.max_age == 5


def test_how_long_files_are_kept_can_be_overridden(root):
    class Keeping(Flask):
        def get_send_file_max_age(self, filename):
            return 10 if filename.endswith(".css") else super().get_send_file_max_age(filename)

    app = Keeping(__name__, root_path=str(root))
    with app.test_request_context("/"):
        for send, path in ((app.send_static_file, "{}"), (send_file, "static/{}")):
            assert send(path.format("css/site.css")).cache_control.max_age == 10
            assert send(path.format("page.html")).cache_control.max_age is None


def test_a_blueprint_has_its_own_files_and_its_own_ages(app, root):
    class Keeping(Blueprint):
        def get_send_file_max_age(self, filename):
            return 100

    here = {"import_name": __name__, "root_path": str(root)}
    own = Keeping("own", static_folder="static/css", static_url_path="/files", **here)
    plain = Blueprint("plain", static_folder="static", url_prefix="/plain", **here)
    app.register_blueprint(own)
    app.register_blueprint(plain)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 7
    client = app.test_client()
    assert client.get("/files/site.css").cache_control.max_age == 100
    assert client.get("/plain/static/page.html").cache_control.max_age == 7
    assert client.get("/files/page.html").status_code == 404


def test_without_a_static_folder_nothing_static_can_be_sent(app, request_context):
    app.static_folder = None
    with pytest.raises(RuntimeError, match="static_folder"):
        app.send_static_file("page.html")


def test_outside_of_a_request_nothing_is_sent(app):
    with pytest.raises(RuntimeError, match="outside of"):
        send_file("static/page.html")
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request"):
        send_from_directory("static", "page.html")
