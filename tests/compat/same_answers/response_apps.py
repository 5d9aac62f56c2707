"""Apps about what a view may return, and what becomes of it."""

import dataclasses
import datetime as dt
import decimal
import io
import uuid
from pathlib import Path

from small_apps import Ask, case, get, head

STATIC = Path(__file__).parents[3] / "examples" / "profiles" / "static"


@case(
    "/str",
    "/unicode",
    "/bytes",
    "/bytearray",
    "/dict",
    "/list",
    "/generator",
    "/iterator",
    "/response",
    "/status",
    "/status-text",
    "/headers",
    "/header-list",
    "/both",
    "/two",
    "/tuple-json",
    "/none",
    "/int",
    "/four",
    "/no-content",
    "/exception",
    "/wsgi",
    "/empty",
    "/override",
    head("/str"),
    head("/generator"),
    head("/dict"),
)
def returns(fw):
    app = fw.Flask("returns")

    def wsgi(environ, start_response):
        start_response("203 Mine", [("X-A", "1"), ("Content-Type", "text/x-a")])
        return [b"wsgi"]

    def response_with_type():
        return fw.Response("x", mimetype="text/plain"), 201, {"Content-Type": "text/x-mine"}

    values = {
        "str": "text",
        "unicode": "é☃",
        "bytes": b"bytes",
        "bytearray": bytearray(b"array"),
        "dict": {"b": 1, "a": [1, None]},
        "list": [1, "two", {"three": 3}],
        "status": ("made", 201),
        "status-text": ("odd", "299 Odd"),
        "headers": ("x", {"X-A": "1", "Content-Type": "text/plain"}),
        "header-list": ("x", [("X-A", "1"), ("X-A", "2")]),
        "both": ("x", 418, {"X-A": "1"}),
        "two": (b"x", {"Set-Cookie": "a=b"}),
        "tuple-json": ({"a": 1}, 400),
        "none": None,
        "int": 7,
        "four": ("a", 200, {}, "d"),
        "no-content": ("", 204),
        "empty": "",
    }
    for name, value in values.items():
        app.add_url_rule(f"/{name}", name, lambda value=value: value)
    app.add_url_rule("/generator", "generator", lambda: (word for word in ["a", "b", "c"]))
    app.add_url_rule("/iterator", "iterator", lambda: iter([b"a", b"b"]))
    app.add_url_rule("/response", "response", lambda: fw.Response("r", 202, {"X-A": "1"}))
    app.add_url_rule("/exception", "exception", lambda: fw.exceptions.ImATeapot())
    app.add_url_rule("/wsgi", "wsgi", lambda: wsgi)
    app.add_url_rule("/override", "override", response_with_type)
    return app


@dataclasses.dataclass
class Point:
    x: int
    y: float


@case(
    "/values",
    "/args",
    "/kwargs",
    "/one",
    "/none",
    "/escapes",
    "/unsorted",
    "/plain",
    "/nan",
    "/bad",
)
def json_out(fw):
    app = fw.Flask("json-out")

    @app.route("/values")
    def values():
        return fw.jsonify(
            when=dt.datetime(2026, 1, 2, 3, 4, 5),
            zoned=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
            day=dt.date(2026, 1, 2),
            price=decimal.Decimal("1.10"),
            id=uuid.UUID(int=7),
            point=Point(1, 2.5),
            html=fw.Markup("<b>"),
            tuple=(1, 2),
        )

    def unsorted():
        app.json.sort_keys = False
        try:
            return fw.jsonify(b=1, a=2)
        finally:
            app.json.sort_keys = True

    app.add_url_rule("/args", "args", lambda: fw.jsonify(1, 2, "three"))
    app.add_url_rule("/kwargs", "kwargs", lambda: fw.jsonify(b=1, a=2))
    app.add_url_rule("/one", "one", lambda: fw.jsonify("just one"))
    app.add_url_rule("/none", "none", lambda: fw.jsonify())
    app.add_url_rule("/escapes", "escapes", lambda: {"é": "</script>☃", "10": 1, "9": 2})
    app.add_url_rule("/unsorted", "unsorted", unsorted)
    app.add_url_rule("/plain", "plain", lambda: fw.json.dumps({"b": 1, "a": "é"}))
    app.add_url_rule("/nan", "nan", lambda: {"n": float("nan"), "i": float("inf")})
    app.add_url_rule("/bad", "bad", lambda: {"n": object()})
    return app


@case("/plain", "/all", "/delete", "/odd", "/age", "/several", "/domain", "/expires", "/quoted")
def cookies_written(fw):
    app = fw.Flask("cookies-written")

    def view(name, *calls):
        def answer():
            response = fw.make_response(name)
            for method, args, kwargs in calls:
                getattr(response, method)(*args, **kwargs)
            return response

        app.add_url_rule(f"/{name}", name, answer)

    view("plain", ("set_cookie", ("a", "b"), {}))
    view(
        "all",
        (
            "set_cookie",
            ("a", "b"),
            {"max_age": 60, "path": "/p", "secure": True, "httponly": True, "samesite": "strict"},
        ),
    )
    view("delete", ("delete_cookie", ("a",), {"path": "/p", "domain": "example.org"}))
    view("odd", ("set_cookie", ("a", 'é "x"; y, z\\'), {}))
    view("age", ("set_cookie", ("a", "b"), {"max_age": dt.timedelta(days=1)}))
    view("several", ("set_cookie", ("a", "1"), {}), ("set_cookie", ("b", "2"), {}))
    view("domain", ("set_cookie", ("a", "b"), {"domain": ".example.org", "partitioned": True}))
    view("expires", ("set_cookie", ("a", "b"), {"expires": dt.datetime(2030, 1, 2)}))
    view("quoted", ("set_cookie", ("a", ""), {"samesite": "None"}))
    return app


@case(
    "/",
    "/303",
    "/abs",
    "/odd",
    "/abort",
    "/abort-response",
    "/abort-text",
    "/abort-405",
    "/made",
    "/made-3",
    "/made-none",
    "/abort-unknown",
    "/external",
    head("/"),
)
def redirects_and_aborts(fw):
    app = fw.Flask("redirects")
    views = {
        "": lambda: fw.redirect("/target"),
        "303": lambda: fw.redirect("/target?a=1&b=2", 303),
        "abs": lambda: fw.redirect("https://example.org/é?q=ü#f"),
        "odd": lambda: fw.redirect('/<script>"x'),
        "abort": lambda: fw.abort(403),
        "abort-text": lambda: fw.abort(404, "No such thing & more."),
        "abort-405": lambda: fw.abort(405, valid_methods=["PUT", "GET"]),
        "abort-response": lambda: fw.abort(fw.Response("mine", 402)),
        "abort-unknown": lambda: fw.abort(499),
        "made": lambda: fw.make_response("a"),
        "made-3": lambda: fw.make_response("a", 203, {"X-A": "1"}),
        "made-none": lambda: fw.make_response(),
        "external": lambda: fw.redirect("//example.org/x"),
    }
    for path, view in views.items():
        app.add_url_rule(f"/{path}", f"view-{path}", view)
    return app


@case(
    "/static/profiles.css",
    "/static/lighthouse.png",
    "/static/portraits/mira.svg",
    "/static/none",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/portraits",
    "/static/portraits/",
    head("/static/lighthouse.png"),
    Ask("POST", "/static/profiles.css"),
    get("/static/lighthouse.png", Range="bytes=0-3"),
    get("/static/lighthouse.png", Range="bytes=-4"),
    get("/static/lighthouse.png", Range="bytes=99999-"),
    get("/static/lighthouse.png", Range="bytes=9-2"),
    get("/static/lighthouse.png", If_Modified_Since="Wed, 21 Oct 2037 07:28:00 GMT"),
    get("/static/lighthouse.png", If_Modified_Since="Wed, 21 Oct 2015 07:28:00 GMT"),
    get("/static/lighthouse.png", If_None_Match="*"),
    get("/static/a%00b"),
    get("/static/%FF"),
)
def static_files(fw):
    return fw.Flask("static-files", static_folder=str(STATIC), static_url_path="/static")


@case(
    "/bytes",
    "/named",
    "/unicode",
    "/quoted",
    "/path",
    "/attachment",
    "/unnamed",
    "/dir",
    "/dir-up",
    "/dir-none",
    "/age",
    "/etag",
    "/text",
    get("/bytes", Range="bytes=1-2"),
    head("/path"),
)
def files_sent(fw):
    app = fw.Flask("files-sent")
    png = STATIC / "lighthouse.png"
    views = {
        "bytes": lambda: fw.send_file(
            io.BytesIO(b"hello"), mimetype="text/plain", conditional=True
        ),
        "named": lambda: fw.send_file(io.BytesIO(b"x"), download_name="a.json"),
        "unicode": lambda: fw.send_file(
            io.BytesIO(b"x"), download_name="é ☃.txt", as_attachment=True
        ),
        "quoted": lambda: fw.send_file(
            io.BytesIO(b"x"), download_name='a "b";c.txt', as_attachment=True
        ),
        "path": lambda: fw.send_file(png),
        "attachment": lambda: fw.send_file(str(png), as_attachment=True, download_name="tower.png"),
        "unnamed": lambda: fw.send_file(io.BytesIO(b"x")),
        "dir": lambda: fw.send_from_directory(STATIC, "profiles.css"),
        "dir-up": lambda: fw.send_from_directory(STATIC / "portraits", "../profiles.css"),
        "dir-none": lambda: fw.send_from_directory(STATIC, "none.css"),
        "age": lambda: fw.send_file(png, max_age=60),
        "etag": lambda: fw.send_file(png, etag="mine", last_modified=1_700_000_000),
        "text": lambda: fw.send_file(STATIC / "profiles.css", mimetype="text/x-css"),
    }
    for path, view in views.items():
        app.add_url_rule(f"/{path}", path, view)
    return app


@case(
    "/etag",
    get("/etag", If_None_Match='"x"'),
    get("/etag", If_None_Match='W/"x"'),
    get("/etag", If_None_Match='"y"'),
    get("/etag", If_Match='"y"'),
    "/headers",
    "/vary",
    "/auth",
    "/age",
    "/allow",
    "/freeze",
    "/csp",
    "/range",
)
def response_headers(fw):
    app = fw.Flask("response-headers")

    @app.route("/etag")
    def etag():
        response = fw.Response("tagged")
        response.set_etag("x")
        return response.make_conditional(fw.request)

    @app.route("/headers")
    def headers():
        response = fw.make_response("x")
        response.headers["X-A"] = "1"
        response.headers.add("X-A", "2")
        response.headers.setdefault("X-A", "3")
        response.headers.add("Content-Disposition", "attachment", filename="a b.txt")
        response.headers.extend({"X-B": ["1", "2"]})
        response.headers.set("X-B", "3")
        del response.headers["X-None"]
        response.content_language.update(["de", "en"])
        response.last_modified = dt.datetime(2026, 1, 2, 3, 4, 5)
        response.expires = dt.datetime(2027, 1, 2)
        response.retry_after = 60
        response.location = "/é"
        return response

    @app.route("/vary")
    def vary():
        response = fw.make_response("x")
        response.vary.add("Cookie")
        response.vary.update(["accept", "cookie"])
        response.cache_control.max_age = 60
        response.cache_control.public = True
        response.cache_control.no_cache = True
        response.cache_control["x"] = "y z"
        return response

    @app.route("/freeze")
    def freeze():
        response = fw.Response(word for word in ["a", "b"])
        response.freeze()
        return response

    def with_header(name, value):
        response = fw.make_response("x")
        setattr(response, name, value)
        return response

    app.add_url_rule("/auth", "auth", lambda: ("no", 401, {"WWW-Authenticate": 'Basic realm="x"'}))
    app.add_url_rule("/age", "age", lambda: with_header("age", 12))
    app.add_url_rule("/allow", "allow", lambda: with_header("allow", ["GET", "PUT"]))
    app.add_url_rule(
        "/csp", "csp", lambda: with_header("content_security_policy", "default-src 'self'")
    )
    app.add_url_rule("/range", "range", lambda: with_header("accept_ranges", "bytes"))
    return app


@case("/context", "/plain", "/decorated")
def streaming(fw):
    app = fw.Flask("streaming")

    @app.route("/context")
    def context():
        def words():
            yield "path "
            yield fw.request.path

        return fw.stream_with_context(words())

    @app.route("/decorated")
    @fw.stream_with_context
    def decorated():
        yield fw.request.path

    app.add_url_rule(
        "/plain", "plain", lambda: fw.Response(iter(["a", "b"]), mimetype="text/plain")
    )
    return app
