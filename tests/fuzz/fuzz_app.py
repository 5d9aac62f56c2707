"""The apps that the fuzz asks: they touch whatever a request can say, and use it in an answer."""

import io
import os
from pathlib import Path

from costrel import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    session,
    stream_with_context,
    url_for,
)
from costrel.http.exceptions import HTTPException
from costrel.http.redirects import append_slash_redirect, is_safe_redirect
from costrel.http.uploads import secure_filename

SECRET = "the secret beside the static folder"
KEY = "a key of at least sixteen bytes"

# Attributes of a request that say something of the app and not of what was sent.
_NOT_SENT = {
    "json",
    "settings",
    "wire",
    "json_module",
    "raw",
    "from_values",
    "application",
    "shallow",
}
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
_TEMPLATE = """<p title="{{ v }}" {{ {'class': v}|xmlattr }}>{{ v }} {{ v|tojson }} {{ v|urlize }}
{% for message in get_flashed_messages() %}{{ message }}{% endfor %}
{{ request.path }} {{ request.url }} {{ session.get('k') }}</p>"""


def _attributes():
    kind = Flask.request_class
    return [
        name
        for name in dir(kind)
        if not name.startswith("_")
        and name not in _NOT_SENT
        and not callable(getattr(kind, name, None))
    ]


ATTRIBUTES = _attributes()


def touch_all():
    """Read every attribute of the request and what hangs on it; return them as text."""
    said, refused = {}, None
    for name in ATTRIBUTES:
        try:
            said[name] = str(getattr(request, name))
        except HTTPException as error:
            refused = refused or error
    repr(request._get_current_object())
    _use_headers()
    try:
        _use_body()
    except HTTPException as error:
        refused = refused or error
    if refused is not None:
        raise refused
    return said


def _use_headers():
    for accept, kind in (
        (request.accept_mimetypes, ["text/html", "application/json", "*/*"]),
        (request.accept_languages, ["en-GB", "de", "*"]),
        (request.accept_charsets, ["utf-8", "latin-1"]),
        (request.accept_encodings, ["gzip", "br", "identity"]),
    ):
        accept.best_match(kind)
        accept.best
        list(accept.values())
        [accept[each] for each in kind]
        assert accept.to_header() == str(accept)
    for tags in (request.if_match, request.if_none_match):
        (
            tags.contains("a"),
            tags.contains_weak("a"),
            tags.is_strong("a"),
            tags.to_header(),
            repr(tags),
        )
        list(tags)
    for control in ("max_age", "max_stale", "min_fresh", "no_cache", "no_store", "only_if_cached"):
        getattr(request.cache_control, control)
    request.cache_control.to_header()
    request.if_range.to_header()
    if request.range is not None:
        request.range.range_for_length(10)
        request.range.make_content_range(10)
        request.range.to_content_range_header(10)
        request.range.to_header()
    who = request.authorization
    if who is not None:
        (
            who.username,
            who.password,
            who.token,
            who.get("realm"),
        )
        who.to_header()
    request.user_agent.string
    Response(headers=list(request.headers.items())[:0])
    for name, _ in request.headers:
        request.headers.get(name), request.headers.getlist(name, type=int)
    request.pragma.to_header()
    request.args.to_dict(flat=False), request.args.get("n", type=int), request.args.getlist("a")
    request.cookies.to_dict()
    is_safe_redirect(request.args.get("next", ""), request.host)
    append_slash_redirect(request.environ)


def _use_body():
    for name, upload in request.files.items(multi=True):
        secure_filename(upload.filename or "")
        (
            upload.mimetype,
            upload.mimetype_params,
            upload.content_length,
        )
        upload.content_type  # noqa: B018
        list(upload.headers), repr(upload), name.encode("utf-8", "replace")
        upload.read(10)
    sorted(request.form)
    jsonify(**{f"_{key}": value for key, value in request.form.items()})
    request.values.to_dict()
    request.get_json(silent=True)
    request.get_data(as_text=True)


def _touch():
    said = touch_all()
    if request.view_args:
        url_for(request.endpoint, **request.view_args, _external=True)
    return said


def declare(app):
    """Declare on an app or a blueprint everything that an input may reach."""

    @app.route("/", methods=_METHODS)
    @app.route("/read", methods=_METHODS)
    @app.route("/read/<path:rest>", methods=_METHODS)
    def read(rest=""):
        return _touch() | {"rest": rest, "session": dict(session)}

    def of_value(**values):
        return _touch()

    for kind in (
        "string", "string(length=2)", "string(minlength=2, maxlength=3)", "int", "path", "uuid",
        "int(signed=True)", "int(fixed_digits=3)", "int(min=1, max=9)", "float",
        "float(signed=True)", "any(a, 'b c', ü)",
    ):  # fmt: skip
        word = "".join(filter(str.isalnum, kind))
        app.add_url_rule(f"/{word}/<{kind}:v>", word, of_value, methods=_METHODS)
        app.add_url_rule(f"/{word}/<{kind}:v>/<{kind}:w>/end/", f"{word}_twice", of_value)
    app.add_url_rule("/mixed/<int:a>-<string:b>.<any(x,y):c>", "mixed", of_value)
    app.add_url_rule("/many/<path:a>/<path:b>/<path:c>/end", "many", of_value)
    app.add_url_rule("/branch/", "branch", lambda: "branch")
    app.add_url_rule("/page/", "page", str, defaults={"object": 1})
    app.add_url_rule("/page/<int:object>", "page", str)
    app.add_url_rule("/old/<path:v>", "old", redirect_to="/new/<v>")
    app.add_url_rule("/also/<path:v>", "path", alias=True)
    app.add_url_rule("/loose/<path:v>", "loose", lambda v: [v], strict_slashes=False)
    _declare_answers(app)
    _declare_state(app)


def _declare_answers(app):
    @app.route("/redirect", methods=_METHODS)
    def go():
        return redirect(request.values.get("next", "/"))

    @app.route("/header")
    def header():
        response = make_response("x")
        try:
            for name, value in request.args.items(multi=True):
                response.headers.add(name, value)
            response.set_cookie(
                request.args.get("key", "k"), request.args.get("value", "v"),
                domain=request.args.get("domain"), path=request.args.get("path"),
            )  # fmt: skip
        except ValueError:
            abort(400)
        return response

    @app.route("/render", methods=_METHODS)
    def render():
        return render_template_string(_TEMPLATE, v=request.values.get("v", ""))

    @app.route("/json", methods=_METHODS)
    def as_json():
        return jsonify(request.get_json())

    @app.route("/stream", methods=_METHODS)
    def stream():
        return Response(stream_with_context(iter([request.url])), mimetype="text/plain")

    @app.route("/echo", methods=_METHODS)
    def echo():
        response = Response(request.get_data(), mimetype="text/plain")
        response.add_etag()
        return response.make_conditional(request, True, len(request.get_data()))

    @app.route("/files/<path:name>")
    def files(name):
        return send_from_directory(app.fuzz_folder, name)

    @app.route("/attachment")
    def attachment():
        name = request.args.get("name", "x.txt")
        return send_file(io.BytesIO(b"0123456789"), as_attachment=True, download_name=name)

    @app.route("/abort")
    def give_up():
        abort(404, request.args.get("why"))


def _declare_state(app):
    @app.route("/session", methods=_METHODS)
    def remember():
        session["k"] = request.values.get("k", "v")
        session.permanent = "permanent" in request.args
        return [session.get("k")]

    @app.route("/forget")
    def forget():
        session.clear()
        return "gone"

    @app.route("/flash", methods=_METHODS)
    def tell():
        flash(request.values.get("text", "x"), request.values.get("category", "message"))
        return jsonify(get_flashed_messages(with_categories=True))


class Faithful(Flask):
    """An app that replaces a step, so that all requests take the long lane."""

    def dispatch_request(self):
        return super().dispatch_request()


def _make(folder, name, kind=Flask, **settings):
    app = kind(name, root_path=str(folder), **settings)
    app.config.update(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=["an older key of sixteen bytes"])
    app.fuzz_folder = os.path.join(folder, "static")
    return app


def _plain(folder):
    app = _make(folder, "plain")
    declare(app)
    return app


def _hooked(folder):
    """Each kind of hook and handler, and limits that are easily reached."""
    app = _make(folder, "hooked", kind=Faithful)
    app.config.update(MAX_CONTENT_LENGTH=500, MAX_FORM_MEMORY_SIZE=50, MAX_FORM_PARTS=3)
    declare(app)
    app.before_request(lambda: None)
    app.after_request(lambda response: response)
    app.teardown_request(lambda error: None)
    app.register_error_handler(404, lambda error: (type(error).__name__, 404))
    app.register_error_handler(HTTPException, lambda error: error)
    return app


def _by_host(folder):
    app = _make(folder, "by_host", host_matching=True, static_folder=None)
    app.add_url_rule(
        "/<path:v>", "one", lambda **v: _touch(), host="<name>.example.org", methods=_METHODS
    )
    app.add_url_rule("/branch/", "branch", _touch, host="localhost")
    app.add_url_rule("/<path:v>", "any", lambda **v: _touch(), host="<path:h>", methods=_METHODS)
    return app


def _by_subdomain(folder):
    app = _make(folder, "by_subdomain", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    part = Blueprint("part", __name__, subdomain="<name>")
    part.add_url_rule("/branch/", "branch", lambda name: _touch())
    part.add_url_rule("/<path:v>", "rest", lambda name, v: _touch(), methods=_METHODS)
    app.register_blueprint(part)
    app.add_url_rule("/branch/", "branch", _touch)
    return app


def _trusting(folder):
    app = _make(folder, "trusting")
    app.config["TRUSTED_HOSTS"] = [".example.org", "localhost", "[::1]"]
    declare(app)
    return app


def make_apps(folder):
    """Make the folder with static files and a secret beside them, and all apps."""
    static = Path(folder) / "static"
    (static / "sub").mkdir(parents=True)
    (static / "file.txt").write_text("0123456789" * 5)
    (static / "sub" / "page.html").write_text("<p>page")
    (static / ".hidden").write_text(SECRET)
    (static / "way-out").symlink_to(Path(folder) / "secret.txt")
    (Path(folder) / "secret.txt").write_text(SECRET)
    makers = (_plain, _hooked, _by_host, _by_subdomain, _trusting)
    return [make(folder) for make in makers]
