"""Names that Flask and Werkzeug had once and have dropped, and stand-ins for absent extensions."""

COMPAT = "implements_to_string iteritems iterkeys itervalues reraise with_metaclass"
TYPES = "PY2 integer_types range_type string_types text_type"
URLS = (
    "url_decode url_decode_stream url_encode url_encode_stream url_fix url_join url_parse "
    "url_quote url_quote_plus url_unparse url_unquote url_unquote_plus"
)
REQUEST_MIXINS = (
    "AcceptMixin AuthorizationMixin CORSRequestMixin CommonRequestDescriptorsMixin "
    "ETagRequestMixin PlainRequest StreamOnlyMixin UserAgentMixin"
)
RESPONSE_MIXINS = (
    "CORSResponseMixin CommonResponseDescriptorsMixin ETagResponseMixin ResponseStreamMixin "
    "WWWAuthenticateMixin"
)
STACKS = "_app_ctx_stack _request_ctx_stack"

OLD: dict[str, dict[str, str]] = {
    "flask": {
        "costrel.flask.old_api.context_stacks": STACKS,
        "costrel.flask.old_api.old_sending": "safe_join",
        "costrel.flask.old_api.python2_names": "json_available signals_available",
        "markupsafe": "Markup escape",
    },
    "flask._compat": {
        "costrel.flask.old_api.python2_names": f"{COMPAT} {TYPES} to_native",
        "io": "BytesIO StringIO",
        "os": "fspath",
    },
    "flask.globals": {"costrel.flask.old_api.context_stacks": STACKS},
    "flask.helpers": {
        "costrel.flask.old_api.context_stacks": STACKS,
        "costrel.flask.old_api.classes": "get_env",
        "costrel.flask.old_api.old_functions": "total_seconds",
        "costrel.flask.old_api.old_sending": "safe_join",
        "costrel.http.cached": "locked_cached_property=cached_property",
        "flask.sansio.scaffold": "_PackageBoundObject=Scaffold _endpoint_from_view_func",
    },
    "flask.json": {
        "costrel.flask.old_api.old_json": "JSONEncoder htmlsafe_dump htmlsafe_dumps",
        "json": "JSONDecoder",
    },
    "flask.scaffold": {
        "flask.sansio.scaffold": "Scaffold _endpoint_from_view_func _sentinel setupmethod",
    },
    "flask.signals": {"costrel.flask.old_api.python2_names": "signals_available"},
    "flask.testing": {
        "costrel.testing.flask_environ": "make_test_environ_builder=EnvironBuilder",
    },
    "flask.views": {"builtins": "MethodViewType=type"},
    "werkzeug": {
        "costrel.flask.old_api.old_functions": "safe_str_cmp",
        "costrel.flask.old_api.old_urls": URLS,
        "costrel.flask.old_api.wsgi_paths": "peek_path_info pop_path_info",
        "costrel.http.credentials": "parse_authorization_header=parse_authorization",
        "markupsafe": "escape",
        "werkzeug.datastructures": (
            "Authorization CallbackDict CombinedMultiDict EnvironHeaders FileStorage Headers "
            "ImmutableDict ImmutableMultiDict ImmutableOrderedMultiDict MultiDict "
            "OrderedMultiDict"
        ),
        "werkzeug.debug": "DebuggedApplication",
        "werkzeug.exceptions": "Aborter abort",
        "werkzeug.formparser": "parse_form_data",
        "werkzeug.http": (
            "HTTP_STATUS_CODES dump_cookie generate_etag http_date is_resource_modified "
            "parse_accept_header parse_cache_control_header parse_cookie parse_date "
            "parse_dict_header parse_etags parse_list_header parse_options_header "
            "parse_range_header quote_etag unquote_etag"
        ),
        "werkzeug.local": "Local LocalManager LocalProxy LocalStack release_local",
        "werkzeug.middleware.dispatcher": "DispatcherMiddleware",
        "werkzeug.middleware.shared_data": "SharedDataMiddleware",
        "werkzeug.security": "check_password_hash generate_password_hash safe_join",
        "werkzeug.serving": "run_with_reloader",
        "werkzeug.test": "EnvironBuilder create_environ run_wsgi_app",
        "werkzeug.urls": "iri_to_uri uri_to_iri",
        "werkzeug.utils": (
            "append_slash_redirect cached_property environ_property find_modules header_property "
            "import_string redirect secure_filename"
        ),
        "werkzeug.wrappers": f"BaseRequest BaseResponse {REQUEST_MIXINS} {RESPONSE_MIXINS}",
        "werkzeug.wsgi": (
            "ClosingIterator FileWrapper LimitedStream get_current_url get_host responder wrap_file"
        ),
    },
    "werkzeug._compat": {
        "builtins": "unichr=chr",
        "costrel.flask.old_api.python2_names": (
            f"{COMPAT} {TYPES} WIN bytes_to_wsgi to_bytes to_native to_unicode wsgi_to_bytes"
        ),
        "io": "BytesIO StringIO",
        "werkzeug._internal": (
            "wsgi_decoding_dance=_wsgi_decoding_dance wsgi_encoding_dance=_wsgi_encoding_dance"
        ),
    },
    "werkzeug.contrib": {},
    "werkzeug.contrib.cache": {
        "cachelib": (
            "BaseCache FileSystemCache GAEMemcachedCache=MemcachedCache MemcachedCache NullCache "
            "RedisCache SimpleCache UWSGICache"
        ),
    },
    "werkzeug.contrib.fixers": {
        "costrel.extras.lighttpd_fix": "CGIRootFix LighttpdCGIRootFix",
        "costrel.extras.proxy_fix": "ProxyFix=SamePartsProxyFix",
    },
    "werkzeug.contrib.lint": {"werkzeug.middleware.lint": "LintMiddleware"},
    "werkzeug.contrib.profiler": {"werkzeug.middleware.profiler": "ProfilerMiddleware"},
    "werkzeug.contrib.wrappers": {
        "costrel.flask.old_api.mixins": (
            "DynamicCharsetRequestMixin DynamicCharsetResponseMixin JSONRequestMixin"
        ),
    },
    "werkzeug.datastructures": {
        "costrel.http.ordered_multidict": "ImmutableOrderedMultiDict OrderedMultiDict",
    },
    "werkzeug.datastructures.structures": {
        "costrel.http.ordered_multidict": "ImmutableOrderedMultiDict OrderedMultiDict",
    },
    "werkzeug.debug": {"costrel.flask.old_api.old_traceback": "get_current_traceback"},
    "werkzeug.debug.tbtools": {"costrel.flask.old_api.old_traceback": "get_current_traceback"},
    "werkzeug.http": {
        "costrel.flask.old_api.old_functions": "parse_www_authenticate_header",
        "costrel.flask.old_api.python2_names": "bytes_to_wsgi wsgi_to_bytes",
        "costrel.http.credentials": "parse_authorization_header=parse_authorization",
        "costrel.http.dates": "cookie_date=http_date",
    },
    "werkzeug.routing": {"costrel.flask.old_api.old_functions": "parse_rule"},
    "werkzeug.security": {
        "costrel.flask.old_api.old_functions": "pbkdf2_bin pbkdf2_hex safe_str_cmp",
    },
    "werkzeug.serving": {"werkzeug._reloader": "run_with_reloader"},
    "werkzeug.urls": {"costrel.flask.old_api.old_urls": f"{URLS} BaseURL=URL URL"},
    "werkzeug.useragents": {"werkzeug.user_agent": "UserAgent"},
    "werkzeug.utils": {"html": "unescape"},
    "werkzeug.wrappers": {
        "costrel.flask.old_api.mixins": f"{REQUEST_MIXINS} {RESPONSE_MIXINS}",
        "werkzeug.wrappers.request": "BaseRequest=Request",
        "werkzeug.wrappers.response": "BaseResponse=Response",
    },
    "werkzeug.wrappers.accept": {"costrel.flask.old_api.mixins": "AcceptMixin"},
    "werkzeug.wrappers.auth": {
        "costrel.flask.old_api.mixins": "AuthorizationMixin WWWAuthenticateMixin",
    },
    "werkzeug.wrappers.base_request": {"werkzeug.wrappers.request": "BaseRequest=Request"},
    "werkzeug.wrappers.base_response": {"werkzeug.wrappers.response": "BaseResponse=Response"},
    "werkzeug.wrappers.common_descriptors": {
        "costrel.flask.old_api.mixins": (
            "CommonRequestDescriptorsMixin CommonResponseDescriptorsMixin"
        ),
    },
    "werkzeug.wrappers.cors": {
        "costrel.flask.old_api.mixins": "CORSRequestMixin CORSResponseMixin",
    },
    "werkzeug.wrappers.etag": {
        "costrel.flask.old_api.mixins": "ETagRequestMixin ETagResponseMixin",
    },
    "werkzeug.wrappers.json": {"costrel.flask.old_api.mixins": "JSONMixin"},
    "werkzeug.wrappers.user_agent": {"costrel.flask.old_api.mixins": "UserAgentMixin"},
    "werkzeug.wsgi": {
        "costrel.flask.old_api.wsgi_paths": (
            "get_query_string get_script_name make_chunk_iter make_line_iter peek_path_info "
            "pop_path_info"
        ),
        "werkzeug.middleware.dispatcher": "DispatcherMiddleware",
        "werkzeug.middleware.http_proxy": "ProxyMiddleware",
        "werkzeug.middleware.shared_data": "SharedDataMiddleware",
    },
}

# These fill gaps: a real package of the name comes first.
STAND_INS: dict[str, dict[str, str]] = {
    "flask_session": {"costrel.extras.session_stores.flask_session": "Session"},
}

# What has no successor of the same kind → what to do.
GONE = {
    "flask.Module": "Use a Blueprint: `Blueprint(name, __name__)`.",
    "werkzeug.contrib.atom": "Use the package feedgen.",
    "werkzeug.contrib.iterio": "Use a generator, or io.BytesIO.",
    "werkzeug.contrib.jsrouting": "Build the URLs in a template, with url_for.",
    "werkzeug.contrib.limiter": "Set MAX_CONTENT_LENGTH.",
    "werkzeug.contrib.securecookie": "Use `session`, or the package itsdangerous.",
    "werkzeug.contrib.sessions": "Use `session`; `flask_session` keeps it on the server.",
    "werkzeug.script": "Use click: `@app.cli.command()`.",
    "werkzeug.templates": "Use Jinja.",
    "werkzeug.urls.Href": "Use url_for, or urllib.parse.",
    "werkzeug.utils.html": "Use a template, or markupsafe.Markup.",
    "werkzeug.utils.xhtml": "Use a template, or markupsafe.Markup.",
}
