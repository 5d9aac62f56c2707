"""Programs of Flask's first years, run unmodified, each in a process of its own."""


def test_a_database_on_the_context_and_names_of_2013(run, tmp_path):
    (tmp_path / "schema.sql").write_text("create table entries (text)")
    program = """
    from sqlite3 import dbapi2 as sqlite3
    from flask import Flask, _app_ctx_stack, request, redirect, url_for, session, flash, escape
    from werkzeug import check_password_hash, generate_password_hash, secure_filename

    app = Flask(__name__)
    app.config.update(DATABASE=":memory:", SECRET_KEY="a key of sixteen bytes")

    def get_db():
        top = _app_ctx_stack.top
        if not hasattr(top, "sqlite_db"):
            top.sqlite_db = sqlite3.connect(app.config["DATABASE"])
            top.sqlite_db.cursor().executescript(app.open_resource("schema.sql").read().decode())
        return top.sqlite_db

    @app.teardown_appcontext
    def close_database(exception):
        top = _app_ctx_stack.top
        if hasattr(top, "sqlite_db"):
            top.sqlite_db.close()
            print("closed")

    @app.route("/")
    def index():
        get_db().execute("insert into entries values (?)", [request.args["q"]])
        return escape(get_db().execute("select text from entries").fetchone()[0])

    client = app.test_client()
    print(client.get("/?q=<b>").data.decode())
    print(client.get("/?q=two").data.decode())
    """
    assert run(program) == ["closed", "&lt;b&gt;", "closed", "two"]


def test_functions_before_the_first_request(run):
    program = """
    import threading
    from flask import Blueprint, Flask, request

    app = Flask(__name__)
    blueprint = Blueprint("b", __name__)
    seen = []

    @app.before_request
    def each():
        seen.append("each")

    @app.before_first_request
    def create_tables():
        seen.append(f"first {request.path}")
        return "is of no matter"

    @blueprint.before_app_first_request
    def of_blueprint():
        seen.append("blueprint")

    app.register_blueprint(blueprint)

    @app.route("/")
    def index():
        return "page"

    print(app.got_first_request, len(app.before_first_request_funcs))
    client = app.test_client()
    print(client.get("/").data, client.get("/none").status_code, seen)
    print(app.got_first_request, app.before_request_funcs == {None: [each]})
    try:
        app.before_first_request(print)
    except AssertionError as error:
        print(str(error)[:52])
    """
    assert run(program) == [
        "False 2",
        "b'page' 404 ['first /', 'blueprint', 'each', 'each']",
        "True True",
        "The setup method 'before_first_request' can no longe",
    ]


def test_a_first_request_that_fails_is_not_the_first(run):
    program = """
    from flask import Flask

    app = Flask(__name__)
    calls = []

    @app.before_first_request
    def connect():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("no database yet")

    @app.route("/")
    async def index():
        return "page"

    app.logger.disabled = True
    client = app.test_client()
    print([client.get("/").status_code for _ in range(3)], len(calls))
    """
    assert run(program) == ["[500, 200, 200] 2"]


def test_many_first_requests_at_once_wait_for_the_functions(run):
    program = """
    import threading, time
    from flask import Flask

    app = Flask(__name__)
    ready = []

    @app.before_first_request
    async def prepare():
        time.sleep(0.2)
        ready.append(1)

    app.add_url_rule("/", "index", lambda: str(len(ready)))
    answers = []
    start = threading.Barrier(5)

    def ask():
        client = app.test_client()
        start.wait()
        answers.append(client.get("/").text)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    print(answers)
    """
    assert run(program) == ["['1', '1', '1', '1', '1']"]


def test_json_by_an_encoder_and_by_settings(run):
    program = """
    import copy, datetime, json, pickle
    from flask import Flask, jsonify
    from flask.json import JSONDecoder, JSONEncoder, htmlsafe_dumps

    class Encoder(JSONEncoder):
        def default(self, o):
            if isinstance(o, set):
                return sorted(o)
            return JSONEncoder.default(self, o)

    class Decoder(JSONDecoder):
        def __init__(self, **kwargs):
            super().__init__(object_hook=lambda found: sorted(found), **kwargs)

    def answer(app):
        with app.test_request_context():
            return jsonify({"z": "é", "a": {2, 1}, "d": datetime.date(2020, 1, 1)}).data.decode()

    app = Flask(__name__)
    app.config["JSON_AS_ASCII"] = False
    app.json_encoder = Encoder
    print(answer(app).strip())
    app.config["JSON_SORT_KEYS"] = False
    app.config["JSONIFY_MIMETYPE"] = "application/x-json"
    print(answer(app).strip(), app.json.mimetype)
    app.json.sort_keys = True
    app.config["OTHER"] = 1
    print(app.json.sort_keys, app.config["JSONIFY_PRETTYPRINT_REGULAR"])
    app.config.update(JSONIFY_PRETTYPRINT_REGULAR=True)
    print(answer(app).startswith("{\\n  "))
    app.json_decoder = Decoder
    print(app.json.loads('{"b": 1, "a": 2}'), app.json_encoder is Encoder)

    class Mine(Flask):
        json_encoder = Encoder

    print(answer(Mine(__name__)).strip())

    class Provider(Flask.json_provider_class):
        pass

    class Both(Flask):
        json_encoder = Encoder
        json_provider_class = Provider

    print(type(Both(__name__).json) is Provider)
    own = Flask("own")
    own.json = Provider(own)
    own.json_encoder = Encoder
    print(type(own.json) is Provider)
    late = Flask("late")
    late.config["JSON_SORT_KEYS"] = False
    late.json.sort_keys = True
    late.json_encoder = Encoder
    late.config["OTHER"] = 1
    print(late.json.sort_keys, answer(late).index("a") < answer(late).index("z"))
    for same in (copy.deepcopy(app.config), pickle.loads(pickle.dumps(Mine("x").config))):
        same["JSON_SORT_KEYS"] = "changed"
    print(app.json.sort_keys, Flask("plain").json_encoder is JSONEncoder)
    with app.app_context():
        print(htmlsafe_dumps("</script>"))
    """
    assert run(program) == [
        '{"a":[1,2],"d":"Wed, 01 Jan 2020 00:00:00 GMT","z":"é"}',
        '{"z":"é","a":[1,2],"d":"Wed, 01 Jan 2020 00:00:00 GMT"} application/x-json',
        "True False",
        "True",
        "['a', 'b'] True",
        '{"a":[1,2],"d":"Wed, 01 Jan 2020 00:00:00 GMT","z":"\\u00e9"}',
        "True",
        "True",
        "True True",
        "True True",
        '"\\u003c/script\\u003e"',
    ]


def test_settings_that_change_late_are_seen(run):
    program = """
    from flask import Flask, session

    app = Flask(__name__)
    app.secret_key = "a key of sixteen bytes"

    @app.route("/")
    def index():
        session["a"] = 1
        return ""

    def cookie():
        return app.test_client().get("/").headers["Set-Cookie"].partition("=")[0]

    first = cookie()
    app.config["SESSION_COOKIE_NAME"] = "sid"
    print(first, cookie())
    """
    assert run(program) == ["session sid"]


def test_what_a_program_sets_on_a_class_stays(run):
    program = """
    from flask import Flask

    class Provider(Flask.json_provider_class):
        pass

    Flask.json_provider_class = Provider
    Flask.json_encoder = Flask.is_mine = "mine"
    from flask import Blueprint

    print(type(Flask(__name__).json) is Provider, Flask.json_encoder, Flask.is_mine)
    """
    assert run(program) == ["True mine mine"]


def test_attributes_of_apps_and_requests(run, tmp_path):
    (tmp_path / "settings.json").write_text('{"ONE": 1}')
    program = """
    from flask import Flask, request

    app = Flask(__name__)
    print(app.config.from_json("settings.json"), app.config["ONE"])
    print(app.config.from_json("none.json", silent=True))
    app.session_cookie_name = "sid"
    print(app.config["SESSION_COOKIE_NAME"], app.env, app.config["ENV"], app.debug)
    app.send_file_max_age_default = 60
    print(app.send_file_max_age_default, app.propagate_exceptions, app.use_x_sendfile)
    app.testing = True
    print(app.propagate_exceptions, app.preserve_context_on_exception)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    print(app.propagate_exceptions, app.templates_auto_reload)

    @app.route("/")
    def index():
        return str(request.is_xhr)

    print(app.request_class.url_charset, app.response_class.charset, app.url_map.charset)
    client = app.test_client()
    by_script = {"X-Requested-With": "XMLHttpRequest"}
    print(client.get("/").data, client.get("/", headers=by_script).data)
    """
    assert run(program, FLASK_ENV="development") == [
        "True 1",
        "False",
        "sid development development False",
        "0:01:00 False False",
        "True False",
        "False None",
        "utf-8 utf-8 utf-8",
        "b'False' b'True'",
    ]


def test_what_flask_env_says_turns_nothing_on(run):
    program = """
    from flask import Flask
    from flask.helpers import get_env

    print(get_env(), Flask(__name__).debug)
    """
    assert run(program, FLASK_ENV="") == ["production False"]
    assert run(program, FLASK_ENV="development") == ["development False"]


def test_an_app_brings_nothing_heavy_along(run):
    program = """
    import sys
    from flask import Flask

    app = Flask(__name__)
    heavy = {"asyncio", "click", "email", "hashlib", "inspect", "jinja2", "uuid"}
    print(sorted(heavy & set(sys.modules)))
    print(sorted(name for name in sys.modules if ".old_api." in name and "old_json" not in name))
    """
    assert run(program) == [
        "[]",
        (
            "['costrel.flask.old_api.classes', 'costrel.flask.old_api.extension_modules', "
            "'costrel.flask.old_api.first_request', 'costrel.flask.old_api.old_names']"
        ),
    ]


def test_requests_and_responses_of_mixins(run):
    program = """
    from werkzeug import BaseResponse, SharedDataMiddleware
    from werkzeug.wrappers import BaseRequest, CommonRequestDescriptorsMixin, ETagRequestMixin
    from werkzeug.wrappers.json import JSONMixin
    from werkzeug.wsgi import DispatcherMiddleware
    from werkzeug.http import parse_authorization_header
    from werkzeug.test import EnvironBuilder

    print(parse_authorization_header("Basic dTpw").username, parse_authorization_header(None))

    class Request(JSONMixin, BaseRequest, ETagRequestMixin, CommonRequestDescriptorsMixin):
        pass

    request = Request(EnvironBuilder(json={"a": 1}, headers={"If-None-Match": '"x"'}).get_environ())
    print(request.get_json(), request.if_none_match.contains("x"), request.content_type)
    print(isinstance(BaseResponse("x"), BaseResponse), DispatcherMiddleware.__name__)
    """
    assert run(program) == [
        "u None",
        "{'a': 1} True application/json",
        "True DispatcherMiddleware",
    ]


def test_extensions_by_their_old_names(run, tmp_path):
    (tmp_path / "flask_things.py").write_text("from flask import Flask\nclass Things: pass\n")
    program = """
    import flask_things
    from flask.ext.things import Things
    import flask.ext.things
    from flask.ext import things
    from flaskext.things import Things as Same

    print(Things is Same is flask_things.Things, things is flask.ext.things is flask_things)
    try:
        from flask.ext.nothing import Nothing
    except ImportError as error:
        print(error)
    """
    assert run(program) == [
        "True True",
        (
            "flask.ext.nothing is the module flask_nothing now, and that is not installed: "
            "`pip install flask-nothing`."
        ),
    ]


def test_what_is_gone_says_what_to_do(run):
    program = """
    def say(statement):
        try:
            exec(statement)
        except ImportError as error:
            print(type(error).__name__, error)

    say("from flask import Module")
    say("import werkzeug.contrib.atom")
    say("from werkzeug.urls import Href")
    say("from werkzeug.contrib.cache import SimpleCache")
    """
    lines = run(program)
    assert lines == [
        "ImportError costrel has no flask.Module. Use a Blueprint: `Blueprint(name, __name__)`.",
        "ModuleNotFoundError costrel has no module werkzeug.contrib.atom. Use the package feedgen.",
        "ImportError costrel has no werkzeug.urls.Href. Use url_for, or urllib.parse.",
        (
            "ImportError werkzeug.contrib.cache.SimpleCache is cachelib's now, and that is not "
            "installed: `pip install cachelib`."
        ),
    ]


def test_who_does_not_ask_the_alias_has_todays_classes(run):
    program = """
    from costrel import Flask

    print(hasattr(Flask, "before_first_request"), "ENV" in Flask.default_config)
    import flask
    print(hasattr(Flask, "before_first_request"), "ENV" in Flask.default_config)
    assert flask.Flask is Flask
    print(hasattr(Flask, "before_first_request"), "ENV" in Flask.default_config)
    """
    assert run(program) == ["False False", "False False", "True True"]


def test_what_once_could_be_missing_is_there(run):
    program = """
    import flask
    from flask import json_available, signals_available

    print(json_available, signals_available, flask.signals_available)
    """
    assert run(program) == ["True True True"]
