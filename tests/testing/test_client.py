"""A client sends what it is told, keeps cookies and follows redirects."""

from contextlib import AbstractContextManager
from io import BytesIO
from types import SimpleNamespace

import pytest

from costrel.http.request import Request
from costrel.http.response import Response
from costrel.testing.client import Client, ClientRedirectError, FlaskClient, open_client
from costrel.testing.environ_builder import EnvironBuilder, create_environ
from costrel.testing.flask_environ import EnvironBuilder as AppEnvironBuilder
from costrel.testing.flask_environ import open_request_context


@Request.application
def echo(request):
    """Tell what was asked for."""
    return Response(f"{request.method} {request.url} {request.get_data(as_text=True)}".strip())


@Request.application
def show_cookies(request):
    return Response(request.environ.get("HTTP_COOKIE", "none"))


def redirecting(location, code=302):
    """An app that redirects from / (and from nowhere else)."""

    @Request.application
    def app(request):
        if request.path == "/" and "again" not in request.args:
            return Response(status=code, headers={"Location": location} if location else {})
        told = sorted(request.headers.keys())
        return Response(f"{request.method} {request.url} {told} {request.get_data()!r}")

    return app


# --- what is sent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method", ["get", "post", "put", "delete", "patch", "options", "trace", "head"]
)
def test_each_method_has_its_name(method):
    response = getattr(Client(echo), method)("/x", method="IGNORED")
    assert response.request.method == method.upper()
    assert response.status_code == 200


def test_the_same_request_may_come_as_path_builder_environ_or_request():
    client = Client(echo)
    builder = EnvironBuilder("/x", method="PUT", data=b"1")
    answers = {
        client.open("/x", method="PUT", data=b"1").text,
        client.open(path="/x", method="PUT", data=b"1").text,
        client.open(create_environ("/x", method="PUT", data=b"1")).text,
        client.open(Request(create_environ("/x", method="PUT", data=b"1"))).text,
        client.open(builder).text,
    }
    assert answers == {"PUT http://localhost/x 1"}
    assert not builder.closed


def test_a_whole_request_goes_without_further_arguments():
    with pytest.raises(TypeError, match="EnvironBuilder says all there is"):
        Client(echo).get(EnvironBuilder())
    with pytest.raises(TypeError, match="not from a int"):
        Client(echo).open(5)


def test_uploads_are_closed_when_they_were_sent():
    file = BytesIO(b"x")
    Client(echo).post("/", data={"f": (file, "name")})
    assert file.closed


def test_the_body_is_read_at_once_or_as_it_comes():
    closed = []

    class Body:
        def __iter__(self):
            yield b"abc"

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body()

    assert Client(app).get("/", buffered=True).data == b"abc"
    assert closed == [True]
    with Client(app).get("/") as response:
        assert len(closed) == 1
        assert response.data == b"abc"
    assert len(closed) == 2


def test_a_response_class_may_be_given_and_the_client_names_its_app():
    class Own(Response):
        pass

    client = Client(echo, Own)
    assert isinstance(client.get("/"), Own)
    assert repr(client) == f"<Client {echo!r}>"


# --- cookies --------------------------------------------------------------------------------


def test_cookies_come_back_to_the_host_that_set_them():
    @Request.application
    def app(request):
        response = Response(str(sorted(request.cookies.items())))
        response.set_cookie("k", request.host)
        return response

    client = Client(app)
    client.get("/", base_url="http://One.com:81")
    assert client.get("/", base_url="http://one.com").text == "[('k', 'one.com:81')]"
    assert client.get("/", base_url="http://two.com").text == "[]"


def test_the_mount_point_counts_for_the_path_of_a_cookie():
    client = Client(show_cookies)
    client.set_cookie("k", "v", path="/root")
    assert client.get("/x", base_url="http://localhost/root").text == "k=v"
    assert client.get("/x").text == "none"


def test_a_path_without_its_slash_gets_its_cookies():
    client = open_client(FakeApp())
    client.set_cookie("a", "1")
    client.set_cookie("b", "2", path="/root/page")
    request = client.get("page", base_url="http://localhost/root").request
    assert request.cookies.to_dict() == {"a": "1", "b": "2"}
    assert client.get("page").request.cookies.to_dict() == {"a": "1"}


def test_a_path_without_its_slash_may_redirect():
    @Request.application
    def app(request):
        is_there = request.path == "/there"
        return Response(status=200 if is_there else 302, headers={"Location": "/there"})

    response = Client(app).get("here", follow_redirects=True)
    assert response.request.url == "http://localhost/there"


def test_the_jar_alone_says_which_cookies_are_sent():
    client = Client(show_cookies)
    assert client.get("/", headers={"Cookie": "own=1"}).text == "none"
    client.set_cookie("k", "v")
    assert client.get("/", headers={"Cookie": "own=1"}).text == "k=v"
    assert client.get_cookie("k").value == "v"
    client.delete_cookie("k")
    assert client.get_cookie("k") is None
    assert client.get("/").text == "none"


def test_a_client_without_cookies_has_none_to_ask_for():
    client = Client(show_cookies, use_cookies=False)
    assert client.get("/", headers={"Cookie": "own=1"}).text == "own=1"
    client._update_cookies_from_response("localhost", "/", ["k=v"])
    for use in (client.get_cookie, client.set_cookie, client.delete_cookie):
        with pytest.raises(TypeError, match="Cookies are disabled"):
            use("k")


# --- redirects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/a", "http://localhost/a"),
        ("a", "http://localhost/a"),
        ("../a", "http://localhost/a"),
        ("?again=1", "http://localhost/?again=1"),
        ("/a?b=c#d", "http://localhost/a?b=c"),
        ("/a%3Fb", "http://localhost/a%3Fb"),
        ("//localhost/a", "http://localhost/a"),
        ("https://localhost/a", "https://localhost/a"),
        ("http://localhost:8080/a", "http://localhost:8080/a"),
        ("http://user@LOCALHOST/a", "http://localhost/a"),
    ],
)
def test_a_redirect_is_followed_to_its_location(location, url):
    response = Client(redirecting(location)).get("/", follow_redirects=True)
    assert response.text.split()[1] == url
    assert [r.location for r in response.history] == [location]


@pytest.mark.parametrize(
    ("location", "root", "path"),
    [("/mount/a", "/mount", "/a"), ("/mount", "/mount", "/"), ("/mountain", "", "/mountain"),
     ("a", "/mount", "/a")],
)  # fmt: skip
def test_a_redirect_stays_below_the_mount_point_where_it_can(location, root, path):
    app = redirecting(location)
    environ = {"base_url": "http://localhost/mount", "follow_redirects": True}
    if path == "/":
        with pytest.raises(ClientRedirectError, match="302 to '/mount' came twice"):
            Client(app).get("/", **environ)
        return
    request = Client(app).get("/", **environ).request
    assert (request.root_path, request.path) == (root, path)


@pytest.mark.parametrize("code", [301, 302, 303, 305])
@pytest.mark.parametrize(
    ("method", "after"), [("GET", "GET"), ("POST", "GET"), ("PUT", "GET"), ("HEAD", "HEAD")]
)
def test_most_redirects_drop_the_body_and_keep_the_headers(code, method, after):
    response = Client(redirecting("/a", code)).open(
        "/", method=method, data={"x": "y"}, headers={"X-Y": "z"}, follow_redirects=True
    )
    request = response.request
    assert (request.method, request.get_data()) == (after, b"")
    assert request.headers["X-Y"] == "z"
    assert "Content-Type" not in request.headers


@pytest.mark.parametrize("code", [307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_two_redirects_send_the_request_again_as_it_was(code, method):
    response = Client(redirecting("/a", code)).open(
        "/", method=method, data=b"abc", follow_redirects=True
    )
    assert response.text.startswith(f"{method} http://localhost/a ")
    assert response.text.endswith("b'abc'")


def test_a_stream_that_cannot_go_back_is_sent_again_as_it_is():
    class Pipe:
        def read(self, size=-1):
            return b""

        def close(self):
            pass

    response = Client(redirecting("/a", 307)).post(
        "/", input_stream=Pipe(), content_length=0, follow_redirects=True
    )
    assert response.request.path == "/a"


def test_a_300_is_no_redirect_to_follow():
    response = Client(redirecting("/a", 300)).get("/", follow_redirects=True)
    assert (response.status_code, response.history) == (300, ())


def test_a_circle_of_redirects_ends():
    @Request.application
    def app(request):
        return Response(status=302, headers={"Location": "/b" if request.path == "/" else "/"})

    with pytest.raises(ClientRedirectError, match="302 to '/b' came twice"):
        Client(app).get("/", follow_redirects=True)


def test_a_redirect_without_location_leads_back_and_so_ends():
    with pytest.raises(ClientRedirectError, match="None"):
        Client(redirecting(None)).get("/", follow_redirects=True)


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize("location", ["http://ex.com/", "//ex.com/", "http://xlocalhost/"])
def test_another_host_is_never_followed(location, allow):
    client = Client(redirecting(location), allow_subdomain_redirects=allow)
    with pytest.raises(RuntimeError, match="another host"):
        client.get("/", follow_redirects=True)


def test_a_subdomain_is_followed_when_allowed():
    app = redirecting("http://sub.localhost/a")
    with pytest.raises(RuntimeError, match="allow_subdomain_redirects=True"):
        Client(app).get("/", follow_redirects=True)
    client = Client(app, allow_subdomain_redirects=True)
    assert client.get("/", follow_redirects=True).text.startswith("GET http://sub.localhost/a")


def test_each_answer_in_a_history_has_the_history_before_it():
    @Request.application
    def app(request):
        following = {"/1": "/2", "/2": "/3"}.get(request.path)
        if following is None:
            return Response("done")
        return Response(status=302, headers={"Location": following})

    response = Client(app).get("/1", follow_redirects=True, buffered=True)
    first, second = response.history
    assert (first.history, second.history) == ((), (first,))
    assert [r.request.path for r in (first, second, response)] == ["/1", "/2", "/3"]


# --- the client of an app -------------------------------------------------------------------


class FakeContext(AbstractContextManager):
    """A request's context that writes down what happens to it."""

    def __init__(self, environ, log):
        self.request = Request(environ)
        self.log = log

    def __enter__(self):
        self.log.append(f"push {self.request.path}")
        return self

    def __exit__(self, *exc_info):
        self.log.append(f"pop {self.request.path}")


class FakeSessions:
    """Sessions of one value, in a cookie."""

    opened = True

    def open_session(self, app, request):
        return dict(request.cookies) if self.opened else None

    def is_null_session(self, session):
        return "null" in session

    def save_session(self, app, session, response):
        for key, value in session.items():
            response.set_cookie(key, value)


class FakeApp:
    """What of an app its client needs."""

    response_class = Response
    test_client_class = None
    json = SimpleNamespace(dumps=lambda obj, **kw: f"<{obj}>", loads=lambda text: f"[{text}]")

    def __init__(self, **config):
        self.log = []
        self.session_interface = FakeSessions()
        self.config = {
            "SERVER_NAME": None,
            "APPLICATION_ROOT": "/",
            "PREFERRED_URL_SCHEME": "http",
            **config,
        }

    def request_context(self, environ):
        return FakeContext(environ, self.log)

    test_request_context = open_request_context

    def __call__(self, environ, start_response):
        with self.request_context(environ) as context:
            if "werkzeug.debug.preserve_context" in environ:
                environ["werkzeug.debug.preserve_context"](context)
            view = redirecting("/there") if "redirects" in context.request.args else echo
            return view(environ, start_response)


def test_an_apps_client_is_of_the_class_the_app_wants():
    class Mine(FlaskClient):
        def __init__(self, *args, token=None, **kwargs):
            super().__init__(*args, **kwargs)
            self.token = token

    app = FakeApp()
    assert type(open_client(app)) is FlaskClient
    app.test_client_class = Mine
    client = open_client(app, use_cookies=False, token="t")
    assert (type(client), client.token, client._cookies) == (Mine, "t", None)
    with pytest.raises(TypeError, match="colour"):
        open_client(app, colour="blue")


def test_an_apps_client_speaks_for_the_configured_host_and_json():
    app = FakeApp(SERVER_NAME="ex.com:81", APPLICATION_ROOT="/root", PREFERRED_URL_SCHEME="https")
    client = open_client(app)
    assert client.get("/x").text == "GET https://ex.com:81/root/x"
    response = client.post("/x", subdomain="sub", url_scheme="http", json={"a": 1})
    assert response.text == "POST http://sub.ex.com:81/root/x <{'a': 1}>"
    assert response.json_module is app.json
    assert client.get("http://other/x?y=z").text == "GET http://other/root/x?y=z"


def test_the_base_of_all_environs_can_be_changed():
    client = open_client(FakeApp())
    assert client.environ_base["REMOTE_ADDR"] == "127.0.0.1"
    assert client.get("/").request.user_agent.string.startswith("costrel/")
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    assert client.get("/").request.remote_addr == "10.0.0.1"
    assert client.open(create_environ("/")).request.remote_addr == "10.0.0.1"
    own = {"REMOTE_ADDR": "10.0.0.2"}
    assert client.get("/", environ_base=own).request.remote_addr == "10.0.0.2"
    builder = AppEnvironBuilder(client.application, "/", environ_base=own)
    assert client.open(builder).request.remote_addr == "10.0.0.2"


def test_a_request_may_be_made_without_being_sent():
    client = open_client(FakeApp())
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    request = client._request_from_builder_args((), {"path": "/x?a=b", "headers": {"X-Y": "z"}})
    assert request.url == "http://localhost/x?a=b"
    assert (request.headers["X-Y"], request.remote_addr) == ("z", "10.0.0.1")


def test_a_with_block_keeps_the_last_context_until_its_end():
    client = open_client(FakeApp())
    log = client.application.log
    client.get("/before")
    with client as same:
        assert same is client
        client.get("/1")
        client.get("/2")
        assert log[2:] == ["push /1", "pop /1", "push /1", "pop /1", "push /2", "pop /2", "push /2"]
    assert log[-1] == "pop /2"
    del log[:]
    client.get("/after")
    assert log == ["push /after", "pop /after"]


def test_of_redirects_the_context_of_the_last_request_stays():
    with open_client(FakeApp()) as client:
        client.get("/?redirects=1", follow_redirects=True)
        assert client.application.log[-3:] == ["push /there", "pop /there", "push /there"]
        assert client.application.log.count("push /") == 1


def test_with_blocks_do_not_nest_but_may_follow_each_other():
    client = open_client(FakeApp())
    with client, pytest.raises(RuntimeError, match="do not nest"):
        client.__enter__()
    with client:
        assert client.preserve_context


def test_a_session_is_opened_changed_and_saved():
    client = open_client(FakeApp())
    with client.session_transaction() as session:
        assert session == {}
        session["k"] = "v"
    assert client.get_cookie("k").value == "v"
    with client.session_transaction("/x", base_url="http://other/") as session:
        assert session == {}
    with client.session_transaction() as session:
        assert session == {"k": "v"}


def test_a_null_session_is_not_saved():
    client = open_client(FakeApp())
    with client.session_transaction() as session:
        session["null"] = "v"
    assert client.get_cookie("null") is None


def test_a_session_needs_a_backend_and_cookies():
    client = open_client(FakeApp())
    client.application.session_interface.opened = False
    with pytest.raises(RuntimeError, match="did not open a session"):
        client.session_transaction().__enter__()
    client = open_client(FakeApp(), use_cookies=False)
    with pytest.raises(TypeError, match="Cookies are disabled"):
        client.session_transaction().__enter__()
