"""Names that modules of flask and werkzeug have only because they import them for themselves.

No promise of Flask's, but published programs write `from flask.cli import click` all the same.
"""

MODULES_USED = {
    "flask.app": "click os sys weakref",
    "flask.blueprints": "os",
    "flask.cli": "ast click importlib inspect os platform re sys traceback",
    "flask.config": "errno json os types",
    "flask.ctx": "contextvars sys",
    "flask.helpers": "importlib os sys",
    "flask.json": "_json=json",
    "flask.json.provider": "dataclasses decimal json uuid weakref",
    "flask.logging": "logging sys",
    "flask.sessions": "hashlib",
    "werkzeug.datastructures.file_storage": "mimetypes os",
    "werkzeug.debug": "getpass hashlib json os pkgutil re sys time uuid",
    "werkzeug.http": "email re warnings",
    "werkzeug.local": "copy math operator",
    "werkzeug.middleware.shared_data": "importlib mimetypes os posixpath",
    "werkzeug.routing.converters": "re uuid",
    "werkzeug.routing.rules": "ast re",
    "werkzeug.security": "hashlib hmac os posixpath secrets",
    "werkzeug.serving": "errno io os selectors socket socketserver ssl sys",
    "werkzeug.test": "dataclasses mimetypes sys",
    "werkzeug.urls": "codecs re urllib",
    "werkzeug.utils": "io mimetypes os pkgutil re sys unicodedata",
    "werkzeug.wrappers.request": "functools json",
    "werkzeug.wrappers.response": "json",
    "werkzeug.wsgi": "io",
}
OTHERS_USED = {
    "flask.app": {
        "datetime": "timedelta",
        "flask.typing": (
            "T_shell_context_processor=ShellContextProcessorCallable T_teardown=TeardownCallable "
            "T_template_filter=TemplateFilterCallable T_template_global=TemplateGlobalCallable "
            "T_template_test=TemplateTestCallable"
        ),
    },
    "flask.blueprints": {"datetime": "timedelta"},
    "flask.cli": {"click.core": "ParameterSource", "functools": "update_wrapper"},
    "flask.helpers": {"datetime": "datetime", "functools": "cache update_wrapper"},
    "flask.json.provider": {"datetime": "date"},
    "flask.json.tag": {"base64": "b64decode b64encode", "datetime": "datetime", "uuid": "UUID"},
    "flask.sessions": {"datetime": "datetime timezone"},
    "flask.testing": {"urllib.parse": "urlsplit"},
    "werkzeug.exceptions": {"datetime": "datetime", "markupsafe": "Markup escape"},
    "werkzeug.http": {
        "datetime": "date datetime time timedelta timezone",
        "urllib.parse": "quote unquote",
    },
    "werkzeug.test": {"io": "BytesIO", "urllib.parse": "unquote urlsplit urlunsplit"},
    "werkzeug.testapp": {"markupsafe": "escape"},
    "werkzeug.urls": {"urllib.parse": "quote unquote urlencode urlsplit urlunsplit"},
    "werkzeug.utils": {"datetime": "datetime", "markupsafe": "escape", "urllib.parse": "quote"},
}

PASSING: dict[str, dict[str, str]] = {
    module: {
        **({"import": MODULES_USED[module]} if module in MODULES_USED else {}),
        **OTHERS_USED.get(module, {}),
    }
    for module in {**MODULES_USED, **OTHERS_USED}
}
