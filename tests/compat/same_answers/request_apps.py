"""Apps about what a request says."""

from small_apps import Ask, case, get, parts, post, post_json

FILE = 'Content-Disposition: form-data; name="f"; filename="{}"\r\nContent-Type: {}'
FIELD = 'Content-Disposition: form-data; name="{}"'
MULTIPART = "multipart/form-data; boundary=edge"


@case(
    "/",
    "/?a=1&a=2&b=%C3%A9+x&c&=d&e==f",
    "/%C3%A9/%20/a+b?x=%FF",
    get("/?q", Host="example.org:8080", User_Agent="Test/1", X_Custom="  yes ", Referer="/r"),
    Ask("GET", "/deep/path", SCRIPT_NAME="/app", REMOTE_ADDR="10.0.0.9", REMOTE_USER="ada"),
    Ask("GET", "/", {"Host": "example.org:443"}, **{"wsgi.url_scheme": "https"}),
    Ask("GET", "/", {"Host": "example.org:80"}),
    get("/", Host=""),
    Ask("PUT", "/", {"Content-Type": 'Text/Plain; Charset="UTF-8"'}, "body"),
)
def lines(fw):
    app = fw.Flask("lines")

    @app.route("/", methods=["GET", "PUT"])
    @app.route("/<path:rest>", methods=["GET", "PUT"])
    def index(rest=None):
        r = fw.request
        names = """method path full_path script_root root_path url base_url url_root root_url host
            host_url scheme is_secure remote_addr remote_user mimetype content_type content_length
            endpoint view_args query_string referrer access_route is_json blueprint blueprints
            mimetype_params""".split()
        said = {name: repr(getattr(r, name)) for name in names}
        said["args"] = sorted(r.args.items(multi=True))
        said["agent"] = r.user_agent.string
        said["custom"] = r.headers.get("X-Custom")
        said["headers"] = sorted(map(list, r.headers.items()))
        return said

    return app


@case(
    post("/", "a=1&a=2&b=%C3%A9+x&c&=d"),
    post("/", "a=1", "application/x-www-form-urlencoded; charset=utf-8"),
    post("/?a=query", "a=form"),
    post("/", "a=%FF&b=%zz"),
    post("/", b"\xff=\xfe"),
    post("/", "a=1", "text/plain"),
    post("/", ""),
    post("/", "a=1;b=2"),
    Ask(
        "POST",
        "/",
        {"Content-Length": "100", "Content-Type": "application/x-www-form-urlencoded"},
        "a=1",
    ),
    Ask(
        "POST",
        "/",
        {"Content-Length": "3", "Content-Type": "application/x-www-form-urlencoded"},
        "a=12345",
    ),
    Ask(
        "POST",
        "/",
        {"Content-Length": "x", "Content-Type": "application/x-www-form-urlencoded"},
        "a=1",
    ),
    Ask(
        "POST",
        "/",
        {"Content-Length": "-1", "Content-Type": "application/x-www-form-urlencoded"},
        "a=1",
    ),
    post(
        "/",
        parts(
            (FIELD.format("a"), b"1"),
            (FIELD.format("a"), "é".encode()),
            (FILE.format("x.txt", "text/plain"), b"content"),
        ),
        MULTIPART,
    ),
    post("/", parts((FILE.format("C:\\dir\\x.txt", "application/x-thing; v=1"), b"")), MULTIPART),
    post("/", parts((FILE.format("", "application/octet-stream"), b"")), MULTIPART),
    post("/", parts((FIELD.format("a"), b"1")), "multipart/form-data"),
    post("/", b"garbage", MULTIPART),
)
def forms(fw):
    app = fw.Flask("forms")

    @app.post("/")
    def index():
        r = fw.request
        return {
            "form": sorted(r.form.items(multi=True)),
            "values": sorted(r.values.items(multi=True)),
            "lists": r.form.to_dict(flat=False),
            "flat": r.form.to_dict(),
            "get": [r.form.get("a"), r.form.get("a", type=int), r.form.get("no", "default")],
            "all": r.form.getlist("a"),
            "ints": r.form.getlist("a", type=int),
            "files": [
                [k, f.filename, f.content_type, f.mimetype, f.read().decode(), f.name]
                for k, f in sorted(r.files.items(multi=True))
            ],
        }

    return app


@case(post("/", "a=1"), post("/", "b=1"), "/?a=1", "/?b=1")
def missing_keys(fw):
    app = fw.Flask("keys")

    @app.route("/", methods=["GET", "POST"])
    def index():
        return fw.request.form["a"] if fw.request.method == "POST" else fw.request.args["a"]

    return app


@case(
    post_json("/", '{"a": [1, 2.5, null, true, "é\\u00fc"]}'),
    post_json("/", "null"),
    post_json("/", "{"),
    post_json("/", ""),
    post_json("/", b"\xff"),
    post("/", '{"a": 1}', "application/vnd.api+json"),
    post("/", '{"a": 1}', "application/json; charset=utf-8"),
    post("/", '{"a": 1}', "text/plain"),
    post("/silent", "{"),
    post_json("/silent", "{"),
    post("/silent", '{"a": 1}', "text/plain"),
    post("/force", '{"a": 1}', "text/plain"),
    post("/force", "{", "text/plain"),
    post("/twice", '{"a": 1}', "application/json"),
)
def json_bodies(fw):
    app = fw.Flask("json")
    app.post("/", endpoint="plain")(lambda: {"got": fw.request.json, "is": fw.request.is_json})
    app.post("/silent", endpoint="silent")(lambda: {"got": fw.request.get_json(silent=True)})
    app.post("/force", endpoint="force")(lambda: {"got": fw.request.get_json(force=True)})
    app.post("/twice", endpoint="twice")(
        lambda: {
            "same": fw.request.get_json() is fw.request.json,
            "data": fw.request.get_data(as_text=True),
        }
    )
    return app


@case(
    post("/data", b"raw \xff", "application/octet-stream"),
    post("/data", "a=1"),
    post("/get-data", "a=1"),
    post("/get-data-parsed", "a=1"),
    post("/stream", "0123456789", "text/plain"),
    post("/data-then-form", "a=1"),
)
def bodies(fw):
    app = fw.Flask("bodies")

    def then_form():
        data = fw.request.get_data(cache=True)
        return [data.decode(), fw.request.form.to_dict()]

    app.post("/data", endpoint="data")(lambda: repr(fw.request.data))
    app.post("/get-data", endpoint="get")(lambda: repr(fw.request.get_data()))
    app.post("/get-data-parsed", endpoint="parsed")(
        lambda: repr(fw.request.get_data(parse_form_data=True))
    )
    app.post("/stream", endpoint="stream")(
        lambda: [fw.request.stream.read(4).decode(), fw.request.stream.read().decode()]
    )
    app.post("/data-then-form", endpoint="then")(then_form)
    return app


@case(
    post("/form", "a=" + "x" * 100),
    post("/form", "a=" + "x" * 1000),
    post("/json", '"' + "x" * 1000 + '"', "application/json"),
    post("/raise", "x" * 1000, "text/plain"),
    post("/form", parts((FIELD.format("a"), b"x" * 90)), MULTIPART),
    post("/form", parts(*[(FIELD.format("a"), b"")] * 4), MULTIPART),
    post("/raised", parts((FIELD.format("a"), b"x" * 700)), MULTIPART),
    post("/form", parts((FIELD.format("a"), b"x" * 300), boundary="edge"), MULTIPART),
    post("/unread", "x" * 1000, "text/plain"),
)
def limits(fw):
    app = fw.Flask("limits")
    app.config.update(MAX_CONTENT_LENGTH=500, MAX_FORM_MEMORY_SIZE=200, MAX_FORM_PARTS=3)
    app.post("/form", endpoint="form")(lambda: fw.request.form.to_dict())
    app.post("/json", endpoint="json")(lambda: {"n": len(fw.request.json)})
    app.post("/raise", endpoint="raise")(lambda: str(len(fw.request.get_data())))
    app.post("/unread", endpoint="unread")(lambda: "not read")

    @app.post("/raised")
    def raised():
        fw.request.max_content_length = 2000
        fw.request.max_form_memory_size = 1000
        return fw.request.form.to_dict()

    return app


@case(
    get("/", Authorization="Basic YWRhOnNlY3JldDp4"),
    get("/", Authorization="Basic !!!"),
    get("/", Authorization="Bearer abc.def"),
    get("/", Authorization='Digest username="ada", realm="x y", qop=auth'),
    get("/", Authorization="nonsense"),
    get("/"),
)
def credentials(fw):
    app = fw.Flask("credentials")

    @app.get("/")
    def index():
        auth = fw.request.authorization
        if auth is None:
            return "none"
        return {
            "type": auth.type,
            "user": auth.username,
            "password": auth.password,
            "token": auth.token,
            "parameters": dict(auth.parameters),
        }

    return app


@case(
    get(
        "/",
        Accept="text/html;q=0.5, application/json",
        Accept_Language="de, en;q=0.7",
        Accept_Encoding="gzip, br;q=0",
        Accept_Charset="utf-8",
    ),
    get("/", Accept="*/*"),
    get("/", Accept="text/*, application/xml;q=0.9"),
    get("/", Accept="garbage;;q=x,,"),
    get("/", Accept_Language="de-CH, fr"),
    get("/"),
)
def negotiation(fw):
    app = fw.Flask("negotiation")

    @app.get("/")
    def index():
        r = fw.request
        return {
            "best": r.accept_mimetypes.best_match(["text/html", "application/json"]),
            "html": r.accept_mimetypes.accept_html,
            "json": r.accept_mimetypes.accept_json,
            "language": r.accept_languages.best_match(["en", "de"]),
            "gzip": "gzip" in r.accept_encodings,
            "br": "br" in r.accept_encodings,
            "quality": r.accept_mimetypes["application/json"],
            "all": [list(pair) for pair in r.accept_mimetypes],
            "text": str(r.accept_mimetypes),
        }

    return app


@case(
    get(
        "/",
        If_Modified_Since="Wed, 21 Oct 2015 07:28:00 GMT",
        If_None_Match='W/"a", "b"',
        If_Match="*",
        Range="bytes=0-4,6-",
        Cache_Control='max-age=0, no-cache, x="y z"',
        Date="Wed, 21 Oct 2015 07:28:00 GMT",
        Pragma="no-cache",
        Max_Forwards="7",
        Origin="https://o",
    ),
    get("/", If_Modified_Since="yesterday", Range="bytes=x", Cache_Control=",,"),
    get("/"),
)
def conditions(fw):
    app = fw.Flask("conditions")

    @app.get("/")
    def index():
        r = fw.request
        return {
            "since": str(r.if_modified_since),
            "none_match": [
                "a" in r.if_none_match,
                r.if_none_match.contains_weak("a"),
                "b" in r.if_none_match,
                sorted(r.if_none_match.as_set(True)),
            ],
            "match": [r.if_match.star_tag, "z" in r.if_match],
            "range": r.range and [r.range.units, r.range.ranges],
            "cache": [r.cache_control.max_age, r.cache_control.no_cache, str(r.cache_control)],
            "date": str(r.date),
            "pragma": list(r.pragma),
            "forwards": r.max_forwards,
            "origin": r.origin,
        }

    return app


@case(
    get("/", Cookie='a=1; b="x y"; c=%C3%A9; a=2; d; =e; f="a\\073b"; bad key=1'),
    get("/", Cookie=";;;=;"),
    get("/", Cookie="é=ü".encode().decode("latin-1")),
    get("/"),
)
def cookies_read(fw):
    app = fw.Flask("cookies")
    app.add_url_rule("/", "i", lambda: sorted(map(list, fw.request.cookies.items(multi=True))))
    return app


@case(
    get("/", Host="good.example"),
    get("/", Host="a.wild.example"),
    get("/", Host="evil.example"),
    get("/", Host="good.example:99"),
    get("/", Host="good.example@evil"),
)
def trusted_hosts(fw):
    app = fw.Flask("hosts")
    app.config["TRUSTED_HOSTS"] = ["good.example", ".wild.example"]
    app.add_url_rule("/", "i", lambda: fw.request.host)
    return app
