"""What a view finds out about its request, on every lane."""

import io
import json

import pytest

from costrel import Request, request
from costrel.http.exceptions import UnsupportedMediaType

pytestmark = pytest.mark.usefixtures("every_lane")

MULTIPART = "multipart/form-data; boundary=edge"


def asked(app, read, **options):
    """Declare a view at any path that returns what is read of the request."""
    rule = options.pop("rule", "/<path:rest>")
    methods = ["GET", "POST", "PUT"]
    app.add_url_rule(rule, "asked", lambda **values: json.dumps(read()), methods=methods)


def part(name, content, filename=None, kind=None):
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"'
    if kind is not None:
        head += f"\r\nContent-Type: {kind}"
    return f"--edge\r\n{head}\r\n\r\n{content}\r\n"


def test_urls_and_paths(app, visitor):
    asked(
        app,
        lambda: [
            request.method,
            request.path,
            request.full_path,
            request.url,
            request.base_url,
            request.host_url,
            request.root_url,
            request.url_root,
            request.script_root,
            request.root_path,
            request.host,
            request.scheme,
            request.is_secure,
            request.query_string.decode(),
            request.remote_addr,
            request.remote_user,
            request.server,
            list(request.access_route),
        ],
    )
    answer = visitor.get(
        "/h%C3%A9/x?q=%C3%BC",
        SCRIPT_NAME="/app",
        HTTP_HOST="example.test:8080",
        REMOTE_USER="ada",
        **{"wsgi.url_scheme": "https"},
    )
    assert answer.json == [
        "GET",
        "/hé/x",
        "/hé/x?q=%C3%BC",
        "https://example.test:8080/app/hé/x?q=ü",
        "https://example.test:8080/app/hé/x",
        "https://example.test:8080/",
        "https://example.test:8080/app/",
        "https://example.test:8080/app/",
        "/app",
        "/app",
        "example.test:8080",
        "https",
        True,
        "q=%C3%BC",
        "127.0.0.1",
        "ada",
        ["localhost", 80],
        ["127.0.0.1"],
    ]


def test_routing_is_told(app, visitor):
    asked(
        app,
        lambda: [
            request.endpoint,
            request.blueprint,
            request.blueprints,
            request.view_args,
            request.url_rule.rule,
            request.routing_exception,
        ],
    )
    assert visitor.get("/a/b").json == [
        "asked",
        None,
        [],
        {"rest": "a/b"},
        "/<path:rest>",
        None,
    ]


def test_a_miss_has_no_endpoint(app, visitor):
    app.register_error_handler(
        404,
        lambda error: json.dumps(
            [request.endpoint, request.view_args, request.blueprint, request.blueprints]
        ),
    )
    assert visitor.get("/nowhere").json == [None, None, None, []]


def test_arguments_of_the_query(app, visitor):
    asked(
        app,
        lambda: [
            request.args["a"],
            request.args.get("n", type=int),
            request.args.get("bad", 5, type=int),
            request.args.getlist("a"),
            request.args.to_dict(),
            request.values["a"],
            "missing" in request.args,
        ],
    )
    answer = visitor.get("/x?a=1&a=zw%C3%B6lf&n=3&bad=x&empty=")
    everything = {"a": "1", "n": "3", "bad": "x", "empty": ""}
    assert answer.json == ["1", 3, 5, ["1", "zwölf"], everything, "1", False]


@pytest.mark.parametrize("place", ["args", "form", "values", "files", "cookies"])
def test_a_missing_key_is_a_bad_request(app, visitor, place):
    asked(app, lambda: getattr(request, place)["missing"])
    assert visitor.post("/x", "a=1").status == 400


def test_fields_of_a_form(app, visitor):
    asked(
        app,
        lambda: [
            request.form.to_dict(flat=False),
            request.values.to_dict(flat=False),
            request.data.decode(),
            request.files.to_dict(),
            request.mimetype,
            request.content_length,
        ],
    )
    answer = visitor.post("/x?a=0", "a=1&a=2&b=h%C3%A9+x")
    fields = {"a": ["1", "2"], "b": ["hé x"]}
    assert answer.json == [
        fields,
        {"a": ["0", "1", "2"], "b": ["hé x"]},
        "",
        {},
        "application/x-www-form-urlencoded",
        19,
    ]


def test_a_form_of_a_get_is_not_among_the_values(app, visitor):
    asked(app, lambda: [request.values.to_dict(), request.form.to_dict()])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.ask("GET", "/x?a=1", "b=2", kind).json == [{"a": "1"}, {"b": "2"}]
    assert visitor.ask("PUT", "/x?a=1", "b=2", kind).json == [{"a": "1", "b": "2"}, {"b": "2"}]


def test_files_of_a_form(app, visitor, tmp_path):
    def read():
        file = request.files["file"]
        file.save(tmp_path / "saved")
        return [
            request.form["text"],
            file.filename,
            file.mimetype,
            (tmp_path / "saved").read_text(),
            [each.filename for each in request.files.getlist("more")],
        ]

    asked(app, read)
    body = part("text", "hé") + part("file", "content", "a.txt", "text/plain")
    body += part("more", "1", "1") + part("more", "2", "2") + "--edge--\r\n"
    answer = visitor.post("/x", body, MULTIPART)
    assert answer.json == ["hé", "a.txt", "text/plain", "content", ["1", "2"]]


def test_uploaded_files_are_closed_at_the_end(app, visitor):
    kept = []

    def read():
        kept.append(request.files["file"].stream)
        return kept[0].closed

    asked(app, read)
    body = part("file", "content", "a.txt") + "--edge--\r\n"
    assert visitor.post("/x", body, MULTIPART).json is False
    assert kept[0].closed


def test_a_file_that_came_as_a_field_is_explained_in_debug(app, visitor):
    asked(app, lambda: request.files["photo"].filename)
    assert visitor.post("/x", "photo=a.jpg").status == 400
    app.debug = True
    with pytest.raises(KeyError, match='enctype="multipart/form-data"') as raised:
        visitor.post("/x", "photo=a.jpg")
    assert "'a.jpg'" in str(raised.value)
    with pytest.raises(KeyError) as raised:
        visitor.post("/x", "other=1")
    assert "enctype" not in str(raised.value)
    body = part("file", "content", "a.txt") + "--edge--\r\n"
    with pytest.raises(KeyError) as raised:
        visitor.post("/x", body, MULTIPART)
    assert "enctype" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "is_json"),
    [
        ("application/json", True),
        ("application/problem+json; charset=utf-8", True),
        ("Application/JSON", True),
        ("text/json", False),
        ("text/plain", False),
    ],
)
def test_json_is_known_by_its_type(app, visitor, kind, is_json):
    asked(app, lambda: [request.is_json, request.get_json(silent=True)])
    expected = [True, {"a": [1]}] if is_json else [False, None]
    assert visitor.post("/x", '{"a": [1]}', kind).json == expected


def test_json_of_another_type_is_415_unless_forced(app, visitor):
    asked(app, lambda: request.json)
    assert visitor.post("/x", "{}", "text/plain").status == 415
    app.view_functions["asked"] = lambda rest: request.get_json(force=True)
    assert visitor.post("/x", '{"a": 1}', "text/plain").json == {"a": 1}


@pytest.mark.parametrize("body", ["", "{", "nul", "[" * 100_000])
def test_json_that_is_none_is_400_and_explained_in_debug_only(app, visitor, body):
    asked(app, lambda: request.json)
    answer = visitor.post("/x", body, "application/json")
    assert (answer.status, "Failed to decode" in answer.text) == (400, False)
    app.config.update(DEBUG=True)
    answer = visitor.post("/x", body, "application/json")
    assert (answer.status, "Failed to decode" in answer.text) == (400, True)


def test_json_is_read_once(app, visitor):
    def read():
        first = request.get_json()
        first["seen"] = True
        return [request.get_json(), request.get_json(cache=False), request.data.decode()]

    asked(app, read)
    answer = visitor.post("/x", '{"a":1}', "application/json")
    assert answer.json == [{"a": 1, "seen": True}, {"a": 1}, '{"a":1}']


def test_json_that_failed_fails_again(app, visitor):
    def read():
        values = [request.get_json(silent=True), request.get_json(silent=True)]
        try:
            request.get_json()
        except Exception as error:
            values.append(error.code)
        return values

    asked(app, read)
    assert visitor.post("/x", "{", "application/json").json == [None, None, 400]


def test_a_request_class_may_answer_for_json_that_failed(app, visitor):
    class Lenient(Request):
        def on_json_loading_failed(self, error):
            if error is None:
                raise UnsupportedMediaType
            return {"instead": type(error).__name__}

    app.request_class = Lenient
    asked(app, lambda: [request.json, request.json])
    instead = {"instead": "JSONDecodeError"}
    assert visitor.post("/x", "{", "application/json").json == [instead, instead]
    assert visitor.post("/x", "{", "text/plain").status == 415


def test_json_is_read_by_the_apps_provider(app, visitor):
    app.json.loads = lambda text, **options: ["by the provider", len(text)]
    asked(app, lambda: request.json)
    assert visitor.post("/x", "12", "application/json").json == ["by the provider", 2]


def test_a_body_as_bytes_and_text(app, visitor):
    asked(app, lambda: [request.get_data(as_text=True), len(request.get_data()), len(request.data)])
    assert visitor.post("/x", "hé", "text/plain").json == ["hé", 3, 3]


def test_a_body_as_a_stream_ends_where_it_ends(app, visitor):
    def read():
        return [
            request.stream.read(2).decode(),
            request.stream.read().decode(),
            request.data == b"",
        ]

    asked(app, read)
    assert visitor.post("/x", "hello", "text/plain").json == ["he", "llo", True]


def test_a_body_that_was_kept_can_be_a_form_afterwards(app, visitor):
    asked(app, lambda: [request.get_data(as_text=True), request.form["a"]])
    assert visitor.post("/x", "a=1").json == ["a=1", "1"]


def test_headers_and_what_they_say(app, visitor):
    asked(
        app,
        lambda: [
            request.headers["X-One"],
            request.headers.get("x-two", "none"),
            request.user_agent.string,
            request.authorization.username,
            request.accept_mimetypes.best_match(["text/html", "application/json"]),
            str(request.accept_languages.best),
            request.if_none_match.contains("tag"),
            request.cookies["a"],
            request.cookies.get("b", "none"),
            request.referrer,
            request.content_type,
            request.range.ranges,
            request.cache_control.no_cache,
            request.environ["HTTP_X_ONE"],
        ],
    )
    headers = {
        "X-One": "1",
        "User-Agent": "test/1",
        "Authorization": "Basic YWRhOnB3",
        "Accept": "application/json;q=0.5, text/html;q=0.4",
        "Accept-Language": "de, en;q=0.5",
        "If-None-Match": '"tag"',
        "Cookie": "a=1",
        "Referer": "http://other.test/",
        "Range": "bytes=0-1",
        "Cache-Control": "no-cache",
    }
    assert visitor.get("/x", headers=headers).json == [
        "1",
        "none",
        "test/1",
        "ada",
        "application/json",
        "de",
        True,
        "1",
        "none",
        "http://other.test/",
        None,
        [[0, 2]],
        True,
        "1",
    ]


@pytest.mark.parametrize(
    ("setting", "value", "body", "kind"),
    [
        ("MAX_CONTENT_LENGTH", 5, "a=123456", "application/x-www-form-urlencoded"),
        ("MAX_FORM_MEMORY_SIZE", 5, part("a", "123456") + "--edge--", MULTIPART),
        ("MAX_FORM_PARTS", 1, part("a", "1") + part("b", "2") + "--edge--", MULTIPART),
    ],
)
def test_limits_are_settings_and_attributes(app, visitor, setting, value, body, kind):
    attribute = setting.lower()
    asked(app, lambda: [getattr(request, attribute), len(request.form)])
    assert visitor.post("/x", body, kind).status == 200
    app.config[setting] = value
    assert visitor.post("/x", body, kind).status == 413

    @app.before_request_funcs[None].append
    def allow():
        setattr(request, attribute, 1000)

    assert visitor.post("/x", body, kind).json[0] == 1000


def test_a_host_that_is_not_trusted_is_refused(app, visitor):
    app.config["TRUSTED_HOSTS"] = [".good.test"]
    asked(app, lambda: request.host)
    assert visitor.get("/x", HTTP_HOST="a.good.test").json == "a.good.test"
    assert visitor.get("/x", HTTP_HOST="evil.test").status == 400
    assert visitor.get("/nowhere", HTTP_HOST="evil.test").status == 400


def test_trusted_hosts_go_with_hosts_in_rules(make_app, visit):
    app = make_app(host_matching=True)
    app.config["TRUSTED_HOSTS"] = ["good.test"]
    app.add_url_rule("/", "x", lambda: "x", host="<any('good.test', 'evil.test'):name>")
    app.view_functions["x"] = lambda name: name
    ask = visit(app).get
    assert ask("/", HTTP_HOST="good.test").text == "good.test"
    assert ask("/", HTTP_HOST="evil.test").status == 400


def test_a_method_is_taken_as_it_is_written(app, visitor):
    app.route("/", methods=["PURGE"])(lambda: request.method)
    assert visitor.ask("PURGE", "/", validated=False).text == "PURGE"
    assert visitor.ask("purge", "/", validated=False).status == 405


def test_a_request_says_what_it_is(app, visitor):
    asked(app, lambda: repr(request))
    assert visitor.get("/x?a=1").json == "<Request 'http://localhost/x?a=1' [GET]>"


def test_a_body_without_a_length_is_empty_unless_the_server_ends_it(app, visitor):
    asked(app, lambda: request.get_data(as_text=True))
    unknown = {"wsgi.input": io.BytesIO(b"unknown length")}
    assert visitor.ask("POST", "/x", **unknown).json == ""
    unknown["wsgi.input"].seek(0)
    assert visitor.ask("POST", "/x", **unknown, **{"wsgi.input_terminated": True}).json == (
        "unknown length"
    )


def test_of_a_body_that_is_too_large_some_is_read_so_that_the_client_sees_the_answer(app, visitor):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.add_url_rule("/too-large", view_func=lambda: request.form["a"], methods=["POST"])
    stream = io.BytesIO(b"a" * 100_000)
    answer = visitor.ask(
        "POST",
        "/too-large",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        validated=False,
        CONTENT_LENGTH="100000",
        **{"wsgi.input": stream},
    )
    assert answer.status == 413
    assert stream.tell() == 100_000
