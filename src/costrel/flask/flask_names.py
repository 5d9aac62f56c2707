"""Where the names of flask live: alias module → home → names.

A name is `theirs`, or `theirs=ours` where costrel calls it differently. A home is a module of
costrel or of a library, another alias module (its own row says where), or `import` for names
that are modules themselves.
"""

FLASK_VERSION = "3.1.3"

SIGNALS = (
    "appcontext_popped appcontext_pushed appcontext_tearing_down before_render_template "
    "got_request_exception message_flashed request_finished request_started "
    "request_tearing_down template_rendered"
)
CALLABLES = (
    "AfterRequestCallable AppOrBlueprintKey BeforeFirstRequestCallable BeforeRequestCallable "
    "ErrorHandlerCallable HeaderValue HeadersValue ResponseClass ResponseReturnValue "
    "ResponseValue RouteCallable ShellContextProcessorCallable TeardownCallable "
    "TemplateContextProcessorCallable TemplateFilterCallable TemplateGlobalCallable "
    "TemplateTestCallable URLDefaultCallable URLValuePreprocessorCallable"
)

FLASK: dict[str, dict[str, str]] = {
    "flask": {
        "costrel.flask.flask_names": "__version__=FLASK_VERSION",
        "import": "json=flask.json",
        "flask.app": "Flask",
        "flask.blueprints": "Blueprint",
        "flask.config": "Config",
        "flask.ctx": (
            "after_this_request copy_current_request_context has_app_context has_request_context"
        ),
        "flask.globals": "current_app g request session",
        "flask.helpers": (
            "abort flash get_flashed_messages get_template_attribute make_response redirect "
            "send_file send_from_directory stream_with_context url_for"
        ),
        "flask.json": "jsonify",
        "flask.signals": SIGNALS,
        "flask.templating": (
            "render_template render_template_string stream_template stream_template_string"
        ),
        "flask.wrappers": "Request Response",
    },
    "flask.app": {
        "costrel.app": "Flask",
        "import": "cli=flask.cli ft=flask.typing",
        "flask.ctx": "AppContext RequestContext",
        "flask.globals": "_cv_app _cv_request current_app g request request_ctx session",
        "flask.helpers": "get_debug_flag get_flashed_messages get_load_dotenv send_from_directory",
        "flask.sansio.app": "App _make_timedelta",
        "flask.sansio.scaffold": "_sentinel",
        "flask.sessions": "SecureCookieSessionInterface SessionInterface",
        "flask.signals": (
            "appcontext_tearing_down got_request_exception request_finished request_started "
            "request_tearing_down"
        ),
        "flask.templating": "Environment",
        "flask.wrappers": "Request Response",
        "werkzeug.datastructures": "Headers ImmutableDict",
        "werkzeug.exceptions": "BadRequestKeyError HTTPException InternalServerError",
        "werkzeug.routing": "BuildError MapAdapter RequestRedirect RoutingException Rule",
        "werkzeug.serving": "is_running_from_reloader",
        "werkzeug.wrappers": "BaseResponse=Response",
        "werkzeug.wsgi": "get_host",
    },
    "flask.blueprints": {
        "costrel.declare.blueprint": "Blueprint",
        "flask.cli": "AppGroup",
        "flask.globals": "current_app",
        "flask.helpers": "send_from_directory",
        "flask.sansio.blueprints": "BlueprintSetupState SansioBlueprint=Blueprint",
        "flask.sansio.scaffold": "_sentinel",
    },
    "flask.cli": {
        "costrel.cli.command": "FlaskGroup cli main show_server_banner",
        "costrel.cli.dotenv": "load_dotenv",
        "costrel.cli.groups": "AppGroup pass_script_info with_appcontext",
        "costrel.cli.list_routes": "routes_command",
        "costrel.cli.locate": (
            "NoAppException ScriptInfo _called_with_wrong_args find_app_by_string find_best_app "
            "locate_app prepare_import"
        ),
        "costrel.cli.run": "CertParamType SeparatedPathType run_command",
        "costrel.cli.shell": "shell_command",
        "costrel.cli.version": "get_version version_option",
        "flask.globals": "current_app",
        "flask.helpers": "get_debug_flag get_load_dotenv",
        "werkzeug.serving": "is_running_from_reloader run_simple",
        "werkzeug.utils": "import_string",
    },
    "flask.config": {
        "costrel.parts.config": "Config ConfigAttribute",
        "werkzeug.utils": "import_string",
    },
    "flask.ctx": {
        "costrel.serve.app_globals": "_AppCtxGlobals=AppGlobals",
        "costrel.serve.context": "AppContext RequestContext",
        "costrel.shortcuts.globals": "has_app_context has_request_context",
        "costrel.shortcuts.responding": "after_this_request",
        "costrel.shortcuts.streaming": "copy_current_request_context",
        "import": "ft=flask.typing",
        "flask.globals": "_cv_app _cv_request",
        "flask.sansio.scaffold": "_sentinel",
        "flask.signals": "appcontext_popped appcontext_pushed",
        "werkzeug.exceptions": "HTTPException",
    },
    "flask.debughelpers": {
        "costrel.flask.only_theirs": "UnexpectedUnicodeError",
        "costrel.parts.jinja": "explain_template_loading_attempts",
        "costrel.serve.form_redirect": "FormDataRoutingRedirect",
        "costrel.serve.upload_advice": (
            "DebugFilesKeyError attach_enctype_error_multidict=advise_on_missing_files"
        ),
        "flask.blueprints": "Blueprint",
        "flask.globals": "request_ctx",
        "flask.sansio.app": "App",
        "werkzeug.routing": "RequestRedirect",
    },
    "flask.globals": {
        "costrel.shortcuts.globals": (
            "_cv_app=CURRENT _cv_request=CURRENT_REQUEST app_ctx current_app g request request_ctx "
            "session"
        ),
        "werkzeug.local": "LocalProxy",
    },
    "flask.helpers": {
        "costrel.parts.importing": "get_root_path",
        "costrel.parts.environment": "get_debug_flag get_load_dotenv",
        "costrel.shortcuts.flashing": "flash get_flashed_messages",
        "costrel.shortcuts.linking": "url_for",
        "costrel.shortcuts.responding": "abort make_response redirect",
        "costrel.flask.old_api.old_sending": "send_file send_from_directory",
        "costrel.shortcuts.sending": "_prepare_send_file_kwargs",
        "costrel.shortcuts.streaming": "stream_with_context",
        "costrel.shortcuts.templating": "get_template_attribute",
        "costrel.serve.wrappers": "_split_blueprint_path=blueprint_chain",
        "import": "werkzeug=werkzeug",
        "flask.globals": "_cv_app _cv_request current_app request request_ctx session",
        "flask.signals": "message_flashed",
        "werkzeug.exceptions": "_wz_abort=abort",
        "werkzeug.utils": "_wz_redirect=redirect",
        "werkzeug.wrappers": "BaseResponse=Response",
    },
    "flask.json": {
        "costrel.shortcuts.json": "dump dumps jsonify load loads",
        "flask.globals": "current_app",
        "flask.json.provider": "_default",
    },
    "flask.json.provider": {
        "costrel.parts.json_provider": "DefaultJSONProvider JSONProvider _default",
        "werkzeug.http": "http_date",
    },
    "flask.json.tag": {
        "costrel.parts.json_tags": (
            "JSONTag PassDict PassList TagBytes TagDateTime TagDict TagMarkup TagTuple TagUUID "
            "TaggedJSONSerializer"
        ),
        "markupsafe": "Markup",
        "flask.json": "dumps loads",
        "werkzeug.http": "http_date parse_date",
    },
    "flask.logging": {
        "costrel.parts.logger": (
            "create_logger default_handler has_level_handler wsgi_errors_stream"
        ),
        "flask.globals": "request",
        "werkzeug.local": "LocalProxy",
    },
    "flask.sansio": {},
    "flask.sansio.app": {
        "costrel.app": "App=Flask",
        "costrel.declare.application": "_make_timedelta=as_timedelta",
        "import": "ft=flask.typing",
        "flask.config": "Config ConfigAttribute",
        "flask.ctx": "_AppCtxGlobals",
        "flask.helpers": "_split_blueprint_path get_debug_flag",
        "flask.json.provider": "DefaultJSONProvider JSONProvider",
        "flask.logging": "create_logger",
        "flask.sansio.scaffold": "Scaffold _endpoint_from_view_func find_package setupmethod",
        "flask.templating": "DispatchingJinjaLoader Environment",
        "werkzeug.exceptions": "Aborter BadRequest BadRequestKeyError",
        "werkzeug.routing": "BuildError Map Rule",
        "werkzeug.utils": "_wz_redirect=redirect cached_property",
        "werkzeug.wrappers": "Response",
    },
    "flask.sansio.blueprints": {
        "costrel.declare.blueprint": "Blueprint BlueprintSetupState",
        "import": "ft=flask.typing",
        "flask.sansio.scaffold": "Scaffold _endpoint_from_view_func _sentinel setupmethod",
    },
    "flask.sansio.scaffold": {
        "costrel.declare.scaffold": "Scaffold _endpoint_from_view_func setupmethod",
        "costrel.serve.context": "_sentinel=HANDLED_NOW",
        "costrel.parts.importing": ("_find_package_path find_package get_root_path"),
        "import": "ft=flask.typing",
        "flask.templating": "_default_template_ctx_processor",
        "werkzeug.exceptions": "HTTPException default_exceptions",
        "werkzeug.utils": "cached_property",
    },
    "flask.sessions": {
        "costrel.parts.sessions": (
            "NullSession SecureCookieSession SecureCookieSessionInterface SessionInterface "
            "SessionMixin _lazy_sha1 session_json_serializer"
        ),
        "flask.json.tag": "TaggedJSONSerializer",
        "itsdangerous": "BadSignature URLSafeTimedSerializer",
        "werkzeug.datastructures": "CallbackDict",
    },
    "flask.signals": {
        "blinker": "Namespace",
        "costrel.parts.signals": f"{SIGNALS} _signals",
    },
    "flask.templating": {
        "costrel.parts.jinja": "DispatchingJinjaLoader Environment",
        "costrel.serve.template_values": "_default_template_ctx_processor=default_template_values",
        "costrel.shortcuts.templating": (
            "_render _stream render_template "
            "render_template_string stream_template stream_template_string"
        ),
        "flask.globals": "_cv_app _cv_request current_app request",
        "flask.helpers": "stream_with_context",
        "flask.signals": "before_render_template template_rendered",
        "jinja2": "BaseLoader Template TemplateNotFound",
    },
    "flask.testing": {
        "costrel.testing.cli_runner": "FlaskCliRunner",
        "costrel.testing.client": "FlaskClient",
        "costrel.testing.flask_environ": "EnvironBuilder",
        "import": "werkzeug=werkzeug",
        "click.testing": "CliRunner Result",
        "flask.cli": "ScriptInfo",
        "flask.sessions": "SessionMixin",
        "werkzeug.test": "Client",
        "werkzeug.wrappers": "BaseRequest=Request",
    },
    "flask.typing": {"costrel.parts.annotations": CALLABLES},
    "flask.views": {
        "costrel.shortcuts.views": "MethodView View http_method_funcs=HTTP_METHODS",
        "import": "ft=flask.typing",
        "flask.globals": "current_app request",
    },
    "flask.wrappers": {
        "costrel.serve.wrappers": "Request Response",
        "import": "json=flask.json",
        "flask.globals": "current_app",
        "flask.helpers": "_split_blueprint_path",
        "werkzeug.exceptions": "BadRequest HTTPException",
        "werkzeug.wrappers": "RequestBase=Request ResponseBase=Response",
    },
}
