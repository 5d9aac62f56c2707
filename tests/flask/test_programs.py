"""Programs written for Flask, run unmodified on costrel, each in a process of its own."""


def test_hello(tmp_path, run):
    program = """
    from flask import Flask, request, url_for

    app = Flask(__name__)

    @app.route("/hello/<name>")
    def hello(name):
        return f"Hello {name} at {url_for('hello', name='you')} by {request.method}"

    print(app.test_client().get("/hello/me").text)
    print(Flask.wsgi_app.__module__, app.root_path)
    """
    lines = run(program)
    assert lines[0] == "Hello me at /hello/you by GET"
    assert lines[1] == f"costrel.app {tmp_path}"


def test_the_app_and_errors_are_of_the_modules_that_trackers_and_tracers_know_them_by(run):
    program = """
    import pickle
    from flask import Flask, abort

    app = Flask(__name__)

    @app.errorhandler(Exception)
    def show(error):
        copy = pickle.loads(pickle.dumps(type(error)))
        return f"{copy.__module__}.{copy.__qualname__}"

    app.add_url_rule("/abort", "a", view_func=lambda: abort(403))
    app.add_url_rule("/build", "b", view_func=lambda: app.url_for("none"))
    app.add_url_rule("/own", "c", view_func=lambda: 1 / 0)
    for path in ("/abort", "/build", "/own", "/none"):
        print(app.test_client().get(path).text)
    print(Flask)
    """
    assert run(program) == [
        "werkzeug.exceptions.Forbidden",
        "werkzeug.routing.exceptions.BuildError",
        "builtins.ZeroDivisionError",
        "werkzeug.exceptions.NotFound",
        "<class 'flask.app.Flask'>",
    ]


def test_the_views_of_static_files_have_the_names_by_which_programs_exempt_them(run):
    program = """
    from flask import Blueprint, Flask

    class Own(Blueprint):
        def send_static_file(self, filename):
            return filename

    app = Flask(__name__, static_folder="files")
    for name, kind in (("bp", Blueprint), ("own", Own)):
        app.register_blueprint(kind(name, __name__, static_folder="x", url_prefix="/" + name))
    for view in app.view_functions.values():
        print(f"{view.__module__}.{view.__name__} {view.__qualname__}")
    """
    assert run(program) == [
        "flask.app.<lambda> Flask.__init__.<locals>.<lambda>",
        "flask.blueprints.send_static_file Blueprint.send_static_file",
        "__main__.send_static_file Own.send_static_file",
    ]


def test_old_names_still_work(run):
    program = """
    from flask import Markup, escape
    from werkzeug import generate_password_hash, check_password_hash, secure_filename
    from werkzeug.contrib.fixers import LighttpdCGIRootFix, ProxyFix
    from werkzeug.utils import secure_filename as same

    print(escape("<b>") + Markup("<i>"))
    print(secure_filename("../a b.txt"), same is secure_filename)
    print(check_password_hash(generate_password_hash("x", "pbkdf2:sha256:1"), "x"))

    def app(environ, start_response):
        return environ["PATH_INFO"], environ["REMOTE_ADDR"], environ["SCRIPT_NAME"]

    environ = {"SCRIPT_NAME": "/a", "PATH_INFO": "/b", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}
    print(LighttpdCGIRootFix(ProxyFix(app))(environ, None))
    """
    assert run(program) == [
        "&lt;b&gt;<i>",
        "a_b.txt True",
        "True",
        "('/a/b', '1.2.3.4', '')",
    ]


def test_one_class_by_every_path(run):
    program = """
    import flask, flask.app, flask.wrappers, flask.helpers, flask.sessions
    import werkzeug, werkzeug.exceptions, werkzeug.wrappers.response
    import werkzeug.datastructures.structures as structures
    from werkzeug.datastructures import CallbackDict, MultiDict
    from werkzeug.routing.map import Map

    app = flask.Flask(__name__)
    print(structures.MultiDict is MultiDict, isinstance(app.url_map, Map))
    print(issubclass(flask.Response, werkzeug.wrappers.response.Response))
    print(issubclass(flask.sessions.SecureCookieSession, CallbackDict))
    print(flask.app.Flask is flask.Flask, flask.helpers.abort is flask.abort)
    with app.test_request_context("/?a=1"):
        print(isinstance(flask.request.args, MultiDict))
        try:
            flask.abort(404)
        except werkzeug.exceptions.HTTPException as error:
            print(type(error) is werkzeug.exceptions.NotFound)
    """
    assert run(program) == ["True True", "True", "True", "True True", "True", "True"]


def test_names_are_patched_in_the_code_in_use(run):
    program = """
    from unittest import mock
    import flask, flask.globals
    import costrel.shortcuts.globals as ours

    app = flask.Flask(__name__)
    with mock.patch("flask.globals.request", "mine"):
        print(ours.request, flask.request)
    with app.test_request_context("/x"):
        print(flask.request.path, ours.request is flask.request)
    """
    assert run(program) == ["mine mine", "/x True"]


def test_modules_can_be_found_and_imported_by_name(run):
    program = """
    import importlib, pkgutil, werkzeug
    import flask.json as j
    from flask import *
    from werkzeug.utils import find_modules, import_string

    print(j is importlib.import_module("flask.json") is json, Flask.__name__)
    print(list(find_modules("werkzeug.debug")))
    print(import_string("werkzeug.exceptions:NotFound").code)
    print("routing" in [module.name for module in pkgutil.iter_modules(werkzeug.__path__)])
    """
    assert run(program) == [
        "True Flask",
        "['werkzeug.debug.console', 'werkzeug.debug.repr', 'werkzeug.debug.tbtools']",
        "404",
        "True",
    ]


def test_sessions_in_files(run):
    program = """
    import os
    from datetime import datetime
    from flask import Flask, session
    from flask_session import Session

    app = Flask(__name__)
    app.config.update(
        SESSION_TYPE="filesystem", SESSION_FILE_DIR="kept", SESSION_FILE_THRESHOLD=10
    )
    Session(app)

    @app.get("/login")
    def login():
        session.update(user="somebody", since=datetime(2024, 1, 2), seen={"a": (1, 2)})
        return "in"

    @app.get("/")
    def index():
        return repr((session.get("user"), session.get("since"), session.get("seen")))

    @app.get("/logout")
    def logout():
        session.clear()
        return "out"

    client = app.test_client()
    print(client.get("/").text, os.path.exists("kept"))
    cookie = client.get("/login").headers["Set-Cookie"]
    print("somebody" in cookie, len(os.listdir("kept")))
    print(client.get("/").text)
    client.get("/logout")
    print(client.get("/").text, sorted(os.listdir("kept")))
    print(app.test_client().get("/", headers={"Cookie": cookie.split(";")[0]}).text)
    """
    assert run(program) == [
        "(None, None, None) False",
        "False 2",
        "('somebody', datetime.datetime(2024, 1, 2, 0, 0), {'a': (1, 2)})",
        "(None, None, None) ['.lock']",
        "(None, None, None)",
    ]
