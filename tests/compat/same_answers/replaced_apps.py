"""Apps that replace a step of the app, of requests or responses: it is asked for as in Flask."""

import io
from pathlib import Path

from small_apps import CASES, Ask, get, head, parts, post, post_json

STATIC = Path(__file__).parents[3] / "examples" / "profiles" / "static"
FIELD = 'Content-Disposition: form-data; name="a"'
UPLOAD = 'Content-Disposition: form-data; name="f"; filename="x.txt"'


def read_only(value):
    """A property that is this value, whatever is assigned to it."""
    return property(lambda self: value, lambda self, new: None)


def opened(content):
    return property(lambda self: io.BytesIO(content))


def constant(value):
    return lambda self, *args, **kwargs: value


# --- requests --------------------------------------------------------------------------------

REQUEST_STEPS = {
    "stream": lambda fw: opened(b"a=own"),
    "headers": lambda fw: read_only(
        fw.Headers(
            {
                "Content-Type": "application/json",
                "Content-Length": "3",
                "Cookie": "c=own",
                "X-Forwarded-For": "192.0.2.9",
            }
        )
    ),
    "query_string": lambda fw: read_only(b"q=own"),
    "path": lambda fw: read_only("/own"),
    "root_path": lambda fw: read_only("/own"),
    "scheme": lambda fw: read_only("https"),
    "server": lambda fw: read_only(("own.example", 99)),
    "remote_addr": lambda fw: read_only("192.0.2.8"),
    "method": lambda fw: read_only("PUT"),
    "args": lambda fw: read_only(fw.MultiDict([("q", "own")])),
    "form": lambda fw: read_only(fw.MultiDict([("a", "own")])),
    "files": lambda fw: read_only(fw.MultiDict()),
    "cookies": lambda fw: read_only(fw.MultiDict([("c", "own")])),
    "mimetype": lambda fw: read_only("application/json"),
    "mimetype_params": lambda fw: read_only({"boundary": "own"}),
    "content_type": lambda fw: read_only("application/json"),
    "is_json": lambda fw: read_only(True),
    "data": lambda fw: read_only(b'{"own": 1}'),
    "json": lambda fw: read_only({"own": 1}),
    "get_data": lambda fw: constant(b'{"own": 1}'),
    "get_json": lambda fw: constant({"own": 1}),
    "on_json_loading_failed": lambda fw: constant({"own": 1}),
    "want_form_data_parsed": lambda fw: read_only(False),
    "_get_stream_for_parsing": lambda fw: lambda self: io.BytesIO(b"a=parsed"),
    "host": lambda fw: read_only("own.example"),
    "url": lambda fw: read_only("http://own.example/url"),
    "base_url": lambda fw: read_only("http://own.example/base"),
    "root_url": lambda fw: read_only("http://own.example/root"),
    "host_url": lambda fw: read_only("http://own.example/host"),
    "full_path": lambda fw: read_only("/own?"),
    "access_route": lambda fw: read_only(["192.0.2.7"]),
    "endpoint": lambda fw: read_only("own.end"),
    "blueprint": lambda fw: read_only("own"),
    "parameter_storage_class": lambda fw: fw.MultiDict,
    "dict_storage_class": lambda fw: fw.MultiDict,
}
PLAIN_READS = """method path full_path script_root root_path url base_url url_root root_url host
    host_url scheme is_secure remote_addr mimetype mimetype_params content_type is_json query_string
    access_route endpoint blueprint blueprints want_form_data_parsed""".split()


def plain(value):
    """What an attribute holds, as JSON can hold it."""
    if hasattr(value, "getlist"):
        return sorted((key, [str(each) for each in value.getlist(key)]) for key in value)
    return repr(list(value) if isinstance(value, tuple | list) else value)


def read(request, name):
    try:
        return plain(getattr(request, name))
    except Exception as error:
        return type(error).__name__


def request_app(step):
    def build(fw):
        app = fw.Flask("replaced")
        made = REQUEST_STEPS[step](fw)
        app.request_class = type("Request", (fw.Request,), {step: made})

        @app.route("/form", methods=["GET", "POST", "PUT"])
        def form():
            names = ["form", "files", "values", "args", "cookies", *PLAIN_READS, "data"]
            return {name: read(fw.request, name) for name in names}

        @app.route("/data", methods=["GET", "POST", "PUT"])
        def data():
            return {name: read(fw.request, name) for name in ("data", "json", "form", "files")}

        @app.route("/json", methods=["GET", "POST", "PUT"])
        def json():
            return {name: read(fw.request, name) for name in ("json", "data", "form", "args")}

        return app

    return build


BODIES = [
    lambda target: post(target, "a=sent&b=%C3%A9", Cookie="c=sent"),
    lambda target: post_json(target, '{"a": "sent"}'),
    lambda target: post(
        target, parts((FIELD, b"sent"), (UPLOAD, b"file")), "multipart/form-data; boundary=edge"
    ),
    lambda target: post(target, "sent", "text/plain"),
]

for step in REQUEST_STEPS:
    questions = [body(f"/{route}?q=sent") for route in ("form", "data", "json") for body in BODIES]
    CASES[f"request_{step}"] = (request_app(step), questions)


# --- responses -------------------------------------------------------------------------------


def adding(name):
    """A method that does as the base class, and adds a header."""

    def replace(fw):
        original = getattr(fw.Response, name)

        def method(self, *args, **kwargs):
            self.headers["X-Own"] = name
            return original(self, *args, **kwargs)

        return method

    return replace


def own_constructor(fw):
    def __init__(self, response=None, status=None, headers=None, mimetype=None, **kwargs):  # noqa: N807  # a class's own
        fw.Response.__init__(self, response, status, headers, mimetype or "text/x-own", **kwargs)

    return __init__


def own_headers(fw):
    def method(self, environ):
        headers = fw.Response.get_wsgi_headers(self, environ)
        headers["X-Own"] = environ["PATH_INFO"]
        return headers

    return method


def own_pairs(fw):
    def make(self):
        return fw.Headers([("X-Own", "1"), ("Content-Length", "3")])

    return property(make, lambda self, new: None)


def own_call(fw):
    def method(self, environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Own", "call")])

        return fw.Response.__call__(self, environ, start)

    return method


def own_path(name):
    def replace(fw):
        original = getattr(fw.Response, name)

        def method(self, *args, **kwargs):
            return original(self, *args, **(kwargs | {"path": "/own"}))

        return method

    return replace


RESPONSE_STEPS = {
    "__init__": own_constructor,
    "__call__": own_call,
    "get_wsgi_headers": own_headers,
    "get_data": lambda fw: lambda self, as_text=False: "own" if as_text else b"own",
    "set_data": lambda fw: lambda self, value: fw.Response.set_data(self, value and b"own"),
    "data": lambda fw: read_only(b"own"),
    "iter_encoded": lambda fw: lambda self: iter([b"own"]),
    "get_app_iter": lambda fw: lambda self, environ: self.close() or [b"own"],
    "headers": own_pairs,
    "is_streamed": lambda fw: read_only(True),
    "mimetype": lambda fw: read_only("text/x-own"),
    "content_type": lambda fw: read_only("text/x-own"),
    "default_mimetype": lambda fw: "text/x-own",
    "default_status": lambda fw: 202,
    "automatically_set_content_length": lambda fw: False,
    "set_cookie": own_path("set_cookie"),
    "delete_cookie": own_path("delete_cookie"),
    "make_conditional": adding("make_conditional"),
    "add_etag": adding("add_etag"),
    "calculate_content_length": lambda fw: constant(77),
    "close": lambda fw: fw.Response.close,
}
WAYS = """text bytes json jsonify tuple none generator made own cookie session file open-file
    charset-file etag application""".split()


def response_app(step):
    def build(fw):
        app = fw.Flask("replaced", static_folder=str(STATIC))
        app.secret_key = "key"
        kind = app.response_class = type(
            "Response", (fw.Response,), {step: RESPONSE_STEPS[step](fw)}
        )

        def cookie():
            response = fw.make_response("text")
            response.set_cookie("a", "b")
            response.delete_cookie("z")
            return response

        def session():
            fw.session["a"] = 1
            return "text"

        def etag():
            response = fw.make_response("text")
            response.add_etag()
            return response.make_conditional(fw.request)

        def application(environ, start_response):
            start_response("200 OK", [("X-Own", "none")])
            return [b"application"]

        def open_file():
            return fw.send_file(io.BytesIO(b"file"), mimetype="text/css", download_name="a.css")

        def charset_file():
            kind = "application/json; charset=utf-8"
            return fw.send_file(io.BytesIO(b"{}"), mimetype=kind, download_name="a.json")

        ways = {
            "text": lambda: "text",
            "bytes": lambda: b"bytes",
            "json": lambda: {"a": 1},
            "jsonify": lambda: fw.jsonify(a=1),
            "tuple": lambda: ("text", 201, {"X-A": "b"}),
            "none": lambda: ("", 204),
            "generator": lambda: (letter for letter in "abc"),
            "made": lambda: fw.make_response("text"),
            "own": lambda: kind("text"),
            "cookie": cookie,
            "session": session,
            "file": lambda: fw.send_file(STATIC / "profiles.css", last_modified=0, etag=False),
            "open-file": open_file,
            "charset-file": charset_file,
            "etag": etag,
            "application": lambda: application,
        }
        for name, view in ways.items():
            app.add_url_rule(f"/{name}", name, view)
        return app

    return build


for step in RESPONSE_STEPS:
    questions = [get(f"/{way}") for way in (*WAYS, "missing")]
    questions += [head("/text"), head("/json"), head("/generator"), head("/file")]
    CASES[f"response_{step}"] = (response_app(step), questions)


# --- apps ------------------------------------------------------------------------------------

APP_STEPS = """dispatch_request full_dispatch_request preprocess_request process_response
    finalize_request make_response handle_user_exception handle_exception handle_http_exception
    log_exception raise_routing_exception ensure_sync create_url_adapter inject_url_defaults
    update_template_context make_default_options_response should_ignore_error do_teardown_request
    do_teardown_appcontext request_context url_for redirect handle_url_build_error
    select_jinja_autoescape create_jinja_environment create_global_jinja_loader send_static_file
    get_send_file_max_age trap_http_exception wsgi_app""".split()


def app_step(step):
    def build(fw):
        replaced = getattr(fw.Flask, step)
        called = []

        def method(self, *args, **kwargs):
            called.append(f"{len(args)} {sorted(kwargs)}")
            # As a function of the class: programs call it so, beside by super().
            return replaced(self, *args, **kwargs)

        class App(fw.Flask):
            pass

        setattr(App, step, method)
        app = App("replaced", static_folder=str(STATIC))
        app.secret_key = "key"
        app.url_build_error_handlers.append(lambda error, endpoint, values: "/built")
        app.before_request(lambda: None)
        app.after_request(lambda response: response)
        app.teardown_request(lambda error: None)
        app.register_error_handler(ZeroDivisionError, lambda error: ("zero", 500))
        app.register_error_handler(410, lambda error: ("gone", 410))
        ways = {
            "text": lambda: "text",
            "json": lambda: {"a": 1},
            "stream": lambda: (letter for letter in "abc"),
            "zero": lambda: 1 // 0,
            "crash": lambda: {}["key"],
            "gone": lambda: fw.abort(410),
            "forbidden": lambda: fw.abort(403),
            "redirect": lambda: fw.redirect("/text"),
            "template": lambda: fw.render_template_string("{{ '<' }}"),
            "url": lambda: fw.url_for("text") + fw.url_for("unknown"),
            "called": lambda: sorted(set(called)),
        }
        for name, view in ways.items():
            app.add_url_rule(f"/{name}", name, view)
        app.add_url_rule("/slash/", "slash", lambda: "slash")
        return app

    return build


for step in APP_STEPS:
    questions = [get(f"/{way}") for way in "text json stream zero crash gone forbidden".split()]
    questions += [get(f"/{way}") for way in "redirect template url slash missing".split()]
    questions += [
        get("/static/profiles.css"),
        head("/text"),
        post("/text"),
        Ask("OPTIONS", "/text"),
    ]
    CASES[f"app_{step}"] = (app_step(step), [*questions, get("/called")])
