"""A builder says what a server would say of the same request."""

import sys
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.credentials import Authorization
from costrel.http.headers import Headers
from costrel.http.multidict import MultiDict
from costrel.http.request import Request
from costrel.http.uploads import FileStorage
from costrel.testing.environ_builder import EnvironBuilder, create_environ, request_from_values


def body_of(**kwargs):
    """The body and its type that a builder makes."""
    environ = create_environ(method="POST", **kwargs)
    body = environ["wsgi.input"].read()
    assert environ.get("CONTENT_LENGTH", "0") == str(len(body))
    return body, environ.get("CONTENT_TYPE")


def test_a_builder_without_arguments_asks_for_the_root_of_localhost():
    assert {k: v for k, v in create_environ().items() if k != "wsgi.input"} == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "REQUEST_URI": "/",
        "RAW_URI": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


@pytest.mark.parametrize(
    ("base_url", "scheme", "name", "port", "root"),
    [
        ("http://x", "http", "x", "80", ""),
        ("https://x/", "https", "x", "443", ""),
        ("https://x:8443/a/b/", "https", "x", "8443", "/a/b"),
        ("http://☃.net/é", "http", "xn--n3h.net", "80", "/Ã©"),
        ("http://[::1]:81/", "http", "[::1]", "81", ""),
        ("http://[::1]/", "http", "[::1]", "80", ""),
        ("ws://x/", "ws", "x", "80", ""),
        ("http://user:password@X/", "http", "x", "80", ""),
        ("gopher://x/", "gopher", "x", "80", ""),
    ],
)
def test_a_base_url_gives_scheme_server_and_mount_point(base_url, scheme, name, port, root):
    environ = create_environ("/", base_url)
    found = [environ[k] for k in ("wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")]
    assert found == [scheme, name, port, root]


def test_host_scheme_and_mount_point_can_be_changed_one_by_one():
    builder = EnvironBuilder("/x", "http://a/b")
    builder.host, builder.url_scheme, builder.script_root = "c:8080", "https", "/d"
    assert builder.base_url == "https://c:8080/d/"
    assert (builder.server_name, builder.server_port) == ("c", 8080)


@pytest.mark.parametrize("base_url", ["http://x/?a=b", "http://x/#f"])
def test_a_base_url_has_no_query_and_no_fragment(base_url):
    with pytest.raises(ValueError, match="no query and no fragment"):
        EnvironBuilder(base_url=base_url)


def test_a_port_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="port of the host 'x:abc'"):
        create_environ(base_url="http://x:abc/")


@pytest.mark.parametrize(
    ("path", "path_info", "query", "uri"),
    [
        ("/é%20%2f/ü?a=ö#f", "/Ã© //Ã¼", "a=Ã¶", "/Ã©%20%2f/Ã¼?a=Ã¶"),
        ("/%ff", "/\xff", "", "/%ff"),
        ("/%3f?", "/?", "", "/%3f?"),
        ("http://ex.com/a b?x=1", "/a b", "x=1", "/a b?x=1"),
        ("relative", "relative", "", "relative"),
        ("", "", "", ""),
    ],
)
def test_a_path_is_unescaped_once_and_told_as_sent_beside(path, path_info, query, uri):
    environ = create_environ(path)
    found = [environ[k] for k in ("PATH_INFO", "QUERY_STRING", "REQUEST_URI", "RAW_URI")]
    assert found == [path_info, query, uri, uri]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"a": ["1", "é"], "b": "x y", "none": None}, "a=1&a=%C3%A9&b=x+y"),
        (MultiDict([("a", "1"), ("a", "2")]), "a=1&a=2"),
        ([("a", "1")], "a=1"),
        ("a=é", "a=Ã©"),
        (b"a=1", "a=1"),
        ("", ""),
    ],
)
def test_a_query_is_given_as_text_or_as_values(query, expected):
    environ = create_environ("/p", query_string=query)
    assert environ["QUERY_STRING"] == expected
    assert environ["REQUEST_URI"] == (f"/p?{expected}" if expected else "/p")


def test_a_query_is_given_once():
    with pytest.raises(ValueError, match="query is given twice"):
        create_environ("/?a=b", query_string={"a": "b"})


def test_args_and_query_text_replace_each_other():
    builder = EnvironBuilder(query_string="a=1")
    with pytest.raises(AttributeError, match="given as text"):
        builder.args  # noqa: B018
    builder.args = MultiDict({"b": "2"})
    assert builder.query_string == "b=2"
    builder.args["c"] = "3"
    assert builder.query_string == "b=2&c=3"
    builder.query_string = None
    assert builder.args == MultiDict()


@pytest.mark.parametrize(
    ("data", "body", "content_type"),
    [
        ("é", "é".encode(), None),
        (b"xx", b"xx", None),
        (BytesIO(b"stream"), b"stream", None),
        (StringIO("é"), "é".encode(), None),
        ({}, b"", None),
        ({"a": "b c", "d": ["1", "é&"]}, b"a=b+c&d=1&d=%C3%A9%26", "form"),
        ({"a": 1, "b": None, "c": True, "d": b"x"}, b"a=1&c=True&d=x", "form"),
        (MultiDict([("a", "1"), ("a", "2")]), b"a=1&a=2", "form"),
    ],
)
def test_data_is_a_body_or_the_fields_of_a_form(data, body, content_type):
    expected = "application/x-www-form-urlencoded" if content_type == "form" else None
    assert body_of(data=data) == (body, expected)


@pytest.mark.parametrize(("data", "word"), [(5, "int"), ([("a", "b")], "list")])
def test_data_of_another_kind_is_refused(data, word):
    with pytest.raises(TypeError, match=f"not a {word}.*`json`"):
        EnvironBuilder(data=data)


def test_a_form_has_no_nested_fields():
    with pytest.raises(TypeError, match="form field 'a' is a dict.*`json`"):
        EnvironBuilder(data={"a": {"b": "c"}})


def test_json_is_dumped_and_named_unless_another_type_is_asked_for():
    assert body_of(json={"a": 1}) == (b'{"a": 1}', "application/json")
    assert body_of(json=[], content_type="a/b+json") == (b"[]", "a/b+json")
    assert body_of(json=0, mimetype="a/json")[0] == b"0"
    with pytest.raises(TypeError, match="`data` or `json`"):
        EnvironBuilder(json={}, data=b"")


def test_a_body_is_not_given_as_stream_and_data_together():
    with pytest.raises(TypeError, match="`input_stream` or `data`"):
        EnvironBuilder(input_stream=BytesIO(), data={"a": "b"})


def test_the_length_of_a_stream_is_measured_from_where_it_stands():
    stream = BytesIO(b"12345")
    stream.read(2)
    environ = create_environ(input_stream=stream)
    assert environ["wsgi.input"] is stream
    assert (environ["CONTENT_LENGTH"], stream.read()) == ("3", b"345")


def test_a_length_is_taken_as_given_only_where_it_cannot_be_measured():
    class Pipe:
        def read(self, size=-1):
            return b""

    assert create_environ(input_stream=BytesIO(b"1"), content_length=9)["CONTENT_LENGTH"] == "1"
    assert create_environ(data=b"1", content_length=9)["CONTENT_LENGTH"] == "1"
    assert create_environ(input_stream=Pipe(), content_length=9)["CONTENT_LENGTH"] == "9"
    assert "CONTENT_LENGTH" not in create_environ(input_stream=Pipe())
    assert create_environ(content_length=7)["CONTENT_LENGTH"] == "7"
    assert EnvironBuilder(data=b"12").content_length == 2


def test_form_and_stream_replace_each_other():
    builder = EnvironBuilder(data=b"raw")
    for name in ("form", "files"):
        with pytest.raises(AttributeError, match="given as a stream"):
            getattr(builder, name)
    builder.input_stream = None
    builder.form["a"] = "1"
    builder.input_stream = BytesIO(b"z")
    builder.form = MultiDict({"b": "2"})
    assert (builder.input_stream, builder.form["b"]) == (None, "2")
    builder.input_stream = BytesIO(b"z")
    builder.files = files = EnvironBuilder().files
    assert (builder.input_stream, builder.files) == (None, files)


def test_the_content_type_follows_what_is_filled_in():
    builder = EnvironBuilder(method="POST")
    seen = [builder.content_type]
    builder.form["a"] = "1"
    seen.append(builder.content_type)
    builder.files.add_file("f", BytesIO(b"x"), "x.txt")
    seen.append(builder.content_type)
    assert seen == [None, "application/x-www-form-urlencoded", "multipart/form-data"]


def test_uploads_are_streams_names_or_ready_files(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"<p>")
    data = {
        "stream": BytesIO(b"1"),
        "named": (BytesIO(b"2"), "two.png"),
        "typed": (BytesIO(b"3"), "three", "a/b"),
        "by name": (str(path),),
        "ready": FileStorage(BytesIO(b"5"), "five.css"),
        "several": [BytesIO(b"6"), (BytesIO(b"7"), "seven")],
        "field": "é",
    }
    request = request_from_values(Request, method="POST", data=data)
    found = {
        (name, f.filename, f.content_type, f.read()) for name, f in request.files.items(multi=True)
    }
    assert ("named", "two.png", "image/png", b"2") in found
    assert ("typed", "three", "a/b", b"3") in found
    assert ("ready", "five.css", "text/css", b"5") in found
    assert ("several", "seven", "application/octet-stream", b"7") in found
    assert any(name == "by name" and body == b"<p>" for name, _, _, body in found)
    assert request.form["field"] == "é"
    request.close()


def test_a_boundary_that_is_asked_for_is_used():
    body, content_type = body_of(
        data={"a": "b"}, content_type='multipart/form-data; boundary="xyz"'
    )
    assert content_type == 'multipart/form-data; boundary="xyz"'
    assert body.endswith(b"\r\n\r\nb\r\n--xyz--\r\n")


def test_headers_become_variables():
    environ = create_environ(
        headers=[("A", "b"), ("a", "c"), ("X-Y", "é"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    )
    assert environ["HTTP_A"] == "b, c"
    assert environ["HTTP_X_Y"] == "é"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_content_headers_have_variables_of_their_own():
    environ = create_environ(headers={"content-type": "x/y", "content-length": "0"})
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("x/y", "0")
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & set(environ)


def test_headers_given_as_headers_are_the_builders_own():
    headers = Headers({"A": "b"})
    builder = EnvironBuilder(headers=headers)
    headers["A"] = "c"
    assert builder.get_environ()["HTTP_A"] == "c"


def test_content_type_and_length_are_headers_and_none_removes_them():
    builder = EnvironBuilder(content_type="a/b; c=d", content_length=5)
    assert dict(builder.headers) == {"Content-Type": "a/b; c=d", "Content-Length": "5"}
    assert (builder.mimetype, builder.content_length) == ("a/b", 5)
    builder.content_type = builder.content_length = None
    assert (dict(builder.headers), builder.mimetype) == ({}, None)


def test_a_mimetype_gets_its_charset_and_its_parameters_can_be_changed():
    builder = EnvironBuilder(mimetype="text/html")
    assert builder.content_type == "text/html; charset=utf-8"
    builder.mimetype_params["charset"] = "latin-1"
    builder.mimetype_params["q"] = "1"
    assert builder.content_type == "text/html; charset=latin-1; q=1"


def test_auth_is_a_pair_or_an_authorization():
    assert create_environ(auth=("a", "b"))["HTTP_AUTHORIZATION"] == "Basic YTpi"
    token = Authorization("bearer", token="t")
    assert create_environ(auth=token)["HTTP_AUTHORIZATION"] == "Bearer t"


def test_the_base_comes_first_and_the_overrides_last():
    environ = create_environ(
        "/p",
        environ_base={"X": "base", "PATH_INFO": "base", "REMOTE_ADDR": "1.1.1.1"},
        environ_overrides={"X": "over", "QUERY_STRING": "over"},
    )
    found = [environ[k] for k in ("X", "PATH_INFO", "REMOTE_ADDR", "QUERY_STRING")]
    assert found == ["over", "/p", "1.1.1.1", "over"]


def test_flags_and_streams_are_passed_on():
    errors = StringIO()
    environ = create_environ(
        multithread=True, multiprocess=True, run_once=True, errors_stream=errors
    )
    assert environ["wsgi.multithread"] is environ["wsgi.multiprocess"] is True
    assert (environ["wsgi.run_once"], environ["wsgi.errors"]) == (True, errors)


class Upload:
    """A stream that counts how often it was closed."""

    closed = 0

    def read(self, size=-1):
        return b""

    def close(self):
        self.closed += 1


def test_uploads_are_closed_once_by_the_builder_or_when_it_is_gone():
    first, second = Upload(), Upload()
    builder = EnvironBuilder(data={"f": first})
    builder.close()
    builder.close()
    assert (builder.closed, first.closed) == (True, 1)
    builder = EnvironBuilder(data={"f": second})
    del builder
    assert second.closed == 1


def test_a_builder_that_failed_half_way_goes_quietly(capsys):
    with pytest.raises(ValueError):
        EnvironBuilder("/?a", query_string="b")
    assert capsys.readouterr().err == ""


def test_a_request_is_of_the_class_asked_for():
    class Mine(Request):
        pass

    assert type(EnvironBuilder("/x").get_request(Mine)) is Mine
    assert type(EnvironBuilder("/x").get_request()) is Request
    assert request_from_values(Mine, "/x?a=1").args["a"] == "1"


def without_streams(environ):
    return {k: v for k, v in environ.items() if k not in {"wsgi.input", "wsgi.errors"}}


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(deadline=None, max_examples=50)
@given(
    path=st.binary(max_size=12).map(lambda raw: "/" + raw.decode("latin-1")),
    query=st.dictionaries(TEXT, TEXT, max_size=3),
    header=TEXT.filter(lambda text: "\r" not in text and "\n" not in text),
    root=st.sampled_from(["", "/root", "/%25/é"]),
)
def test_what_an_environ_says_a_builder_made_of_it_says_again(path, query, header, root):
    environ = create_environ(
        base_url=f"https://ex.com:444{root}",
        query_string=query,
        method="PUT",
        headers={"X-Test": header},
        data=b"body",
        environ_overrides={"PATH_INFO": path, "REQUEST_URI": "/as%20sent"},
    )
    again = EnvironBuilder.from_environ(environ).get_environ()
    assert without_streams(again) == {**without_streams(environ), "RAW_URI": "/as%20sent"} | (
        {"REQUEST_URI": again["REQUEST_URI"], "RAW_URI": again["RAW_URI"]} if query else {}
    )
    assert again["wsgi.input"] is environ["wsgi.input"]


def test_parts_of_an_environ_can_be_replaced():
    environ = create_environ("/a?b=c", method="POST", headers={"A": "b"})
    builder = EnvironBuilder.from_environ(environ, method="GET", path="/new", query_string="d=e")
    made = builder.get_environ()
    found = [made[k] for k in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_A")]
    assert found == ["GET", "/new", "d=e", "b"]
    assert EnvironBuilder.from_environ(environ, path="/new").query_string == ""
    assert EnvironBuilder.from_environ(environ, query_string="d=e").path == "/a"


def test_a_sparse_environ_is_enough():
    made = EnvironBuilder.from_environ({"PATH_INFO": "/z", "SERVER_NAME": "s"}).get_environ()
    assert (made["PATH_INFO"], made["HTTP_HOST"], made["REQUEST_METHOD"]) == ("/z", "s", "GET")
