"""Where the names of werkzeug live: alias module → home → names.

Written like the table of flask's names, and read by the same rules.
"""

WERKZEUG_VERSION = "3.1.9"

WERKZEUG: dict[str, dict[str, str]] = {
    "werkzeug": {
        "costrel.flask.werkzeug_names": "__version__=WERKZEUG_VERSION",
        "werkzeug.serving": "run_simple",
        "werkzeug.test": "Client",
        "werkzeug.wrappers": "Request Response",
    },
    "werkzeug._internal": {
        "costrel.flask.only_theirs": (
            "_dt_as_utc=dt_as_utc _get_environ=get_environ "
            "_has_level_handler=has_level_handler _log=log _missing=missing _plain_int=plain_int "
            "_wsgi_decoding_dance=wsgi_decoding_dance "
            "_wsgi_encoding_dance=wsgi_encoding_dance"
        ),
    },
    "werkzeug._reloader": {
        "costrel.devserver.reloading": (
            "ReloaderLoop StatReloaderLoop WatchdogReloaderLoop run_with_reloader "
            "_find_stat_paths=imported_files _find_watchdog_paths=imported_folders"
        ),
        "costrel.devserver.supervisor": "_get_args_for_reloading=command_line ensure_echo_on",
        "werkzeug._internal": "_log",
    },
    "werkzeug.datastructures": {
        "werkzeug.datastructures.accept": "Accept CharsetAccept LanguageAccept MIMEAccept",
        "werkzeug.datastructures.auth": "Authorization WWWAuthenticate",
        "werkzeug.datastructures.cache_control": "RequestCacheControl ResponseCacheControl",
        "werkzeug.datastructures.csp": "ContentSecurityPolicy",
        "werkzeug.datastructures.etag": "ETags",
        "werkzeug.datastructures.file_storage": "FileMultiDict FileStorage",
        "werkzeug.datastructures.headers": "EnvironHeaders Headers",
        "werkzeug.datastructures.mixins": (
            "ImmutableDictMixin ImmutableHeadersMixin ImmutableListMixin ImmutableMultiDictMixin "
            "UpdateDictMixin"
        ),
        "werkzeug.datastructures.range": "ContentRange IfRange Range",
        "werkzeug.datastructures.structures": (
            "CallbackDict CombinedMultiDict HeaderSet ImmutableDict ImmutableList "
            "ImmutableMultiDict ImmutableTypeConversionDict MultiDict TypeConversionDict "
            "iter_multi_items"
        ),
    },
    "werkzeug.datastructures.accept": {
        "costrel.http.accept": "Accept CharsetAccept LanguageAccept MIMEAccept",
        "werkzeug.datastructures.structures": "ImmutableList",
    },
    "werkzeug.datastructures.auth": {
        "costrel.http.credentials": "Authorization WWWAuthenticate",
        "werkzeug.datastructures.structures": "CallbackDict",
        "werkzeug.http": "dump_header parse_dict_header quote_header_value",
    },
    "werkzeug.datastructures.cache_control": {
        "costrel.http.cache_control": (
            "RequestCacheControl ResponseCacheControl _CacheControl=CacheControl "
            "cache_control_property=Directive"
        ),
        "import": "http=werkzeug.http",
        "werkzeug.datastructures.mixins": "ImmutableDictMixin",
        "werkzeug.datastructures.structures": "CallbackDict",
    },
    "werkzeug.datastructures.csp": {
        "costrel.flask.only_theirs": "csp_property",
        "costrel.http.content_policy": "ContentSecurityPolicy",
        "werkzeug.datastructures.structures": "CallbackDict",
    },
    "werkzeug.datastructures.etag": {"costrel.http.etags": "ETags"},
    "werkzeug.datastructures.file_storage": {
        "costrel.http.uploads": "FileMultiDict FileStorage",
        "import": "http=werkzeug.http",
        "werkzeug.datastructures.headers": "Headers",
        "werkzeug.datastructures.structures": "MultiDict",
    },
    "werkzeug.datastructures.headers": {
        "costrel.http.headers": "EnvironHeaders Headers",
        "import": "http=werkzeug.http",
        "werkzeug.datastructures.mixins": "ImmutableHeadersMixin",
        "werkzeug.datastructures.structures": "MultiDict iter_multi_items",
        "werkzeug.exceptions": "BadRequestKeyError",
    },
    "werkzeug.datastructures.mixins": {
        "costrel.http.callback_dict": "UpdateDictMixin",
        "costrel.http.immutable": "ImmutableDictMixin ImmutableHeadersMixin ImmutableListMixin",
        "costrel.http.multidict": "ImmutableMultiDictMixin",
    },
    "werkzeug.datastructures.range": {
        "costrel.http.etags": "IfRange",
        "costrel.http.ranges": "ContentRange Range",
        "import": "http=werkzeug.http",
    },
    "werkzeug.datastructures.structures": {
        "costrel.http.callback_dict": "CallbackDict",
        "costrel.http.header_values": "HeaderSet",
        "costrel.http.immutable": "ImmutableDict ImmutableList",
        "costrel.http.multidict": (
            "CombinedMultiDict ImmutableMultiDict ImmutableTypeConversionDict MultiDict "
            "TypeConversionDict iter_multi_items"
        ),
        "costrel.http.ordered_multidict": (
            "_ImmutableOrderedMultiDict=ImmutableOrderedMultiDict "
            "_OrderedMultiDict=OrderedMultiDict"
        ),
        "import": "exceptions=werkzeug.exceptions http=werkzeug.http",
        "werkzeug.datastructures.mixins": (
            "ImmutableDictMixin ImmutableListMixin ImmutableMultiDictMixin UpdateDictMixin"
        ),
    },
    "werkzeug.debug": {
        "costrel.debugger.error_page": "DebuggedApplication",
        "costrel.debugger.pin": "PIN_TIME get_machine_id get_pin_and_cookie_name hash_pin",
        "werkzeug._internal": "_log",
        "werkzeug.debug.console": "Console",
        "werkzeug.debug.tbtools": "DebugFrameSummary DebugTraceback render_console_html",
        "werkzeug.exceptions": "NotFound SecurityError",
        "werkzeug.http": "parse_cookie",
        "werkzeug.sansio.utils": "host_is_trusted",
        "werkzeug.security": "gen_salt",
        "werkzeug.utils": "send_file",
        "werkzeug.wrappers": "Request Response",
    },
    "werkzeug.debug.console": {
        "costrel.debugger.console": "Console HTMLStringO ThreadedStream",
        "werkzeug.debug.repr": "debug_repr dump helper",
    },
    "werkzeug.debug.repr": {
        "costrel.debugger.values": ("DebugReprGenerator debug_repr dump helper missing"),
    },
    "werkzeug.debug.tbtools": {
        "costrel.debugger.frames": ("DebugFrameSummary DebugTraceback render_console_html"),
        "werkzeug.debug.console": "Console",
        "werkzeug.utils": "cached_property",
    },
    "werkzeug.exceptions": {
        "costrel.http.exceptions": (
            "BadGateway BadHost BadRequest BadRequestKeyError ClientDisconnected Conflict "
            "ExpectationFailed FailedDependency Forbidden GatewayTimeout Gone HTTPException "
            "HTTPVersionNotSupported ImATeapot InternalServerError LengthRequired Locked "
            "MethodNotAllowed MisdirectedRequest NotAcceptable NotFound NotImplemented "
            "PreconditionFailed PreconditionRequired RequestEntityTooLarge "
            "RequestHeaderFieldsTooLarge RequestTimeout RequestURITooLarge "
            "RequestedRangeNotSatisfiable SecurityError ServiceUnavailable TooManyRequests "
            "Unauthorized UnavailableForLegalReasons UnprocessableEntity UnsupportedMediaType "
            "default_exceptions"
        ),
        "costrel.http.aborter": "Aborter _aborter=_abort abort",
        "werkzeug._internal": "_get_environ",
    },
    "werkzeug.formparser": {
        "costrel.http.forms": (
            "FormDataParser MultiPartParser default_stream_factory parse_form_data"
        ),
        "tempfile": "SpooledTemporaryFile",
        "werkzeug.datastructures": "FileStorage Headers MultiDict",
        "werkzeug.exceptions": "RequestEntityTooLarge",
        "werkzeug.http": "parse_options_header",
        "werkzeug.sansio.multipart": "Data Epilogue Field File MultipartDecoder NeedData",
        "werkzeug.wsgi": "get_content_length get_input_stream",
    },
    "werkzeug.http": {
        "costrel.http.accept": "parse_accept_header",
        "costrel.http.cache_control": "parse_cache_control_header",
        "costrel.http.conditional": "is_resource_modified",
        "costrel.http.content_policy": "dump_csp_header parse_csp_header",
        "costrel.http.cookies": "dump_cookie parse_cookie",
        "costrel.http.dates": "dump_age http_date parse_age parse_date",
        "costrel.http.etags": (
            "generate_etag parse_etags parse_if_range_header quote_etag unquote_etag"
        ),
        "costrel.http.header_kinds": (
            "is_entity_header is_hop_by_hop_header remove_entity_headers remove_hop_by_hop_headers"
        ),
        "costrel.http.header_values": (
            "dump_header dump_options_header parse_dict_header parse_list_header "
            "parse_options_header parse_set_header quote_header_value unquote_header_value"
        ),
        "costrel.http.ranges": (
            "is_byte_range_valid parse_content_range_header parse_range_header"
        ),
        "costrel.http.response_fields": "COEP COOP",
        "costrel.http.status": "HTTP_STATUS_CODES",
        "import": "_sansio_http=werkzeug.sansio.http ds=werkzeug.datastructures",
        "werkzeug._internal": "_dt_as_utc _plain_int",
    },
    "werkzeug.local": {
        "costrel.shortcuts.local": "Local LocalManager LocalStack release_local",
        "costrel.shortcuts.proxy": "LocalProxy",
        "werkzeug.wsgi": "ClosingIterator",
    },
    "werkzeug.middleware": {},
    "werkzeug.middleware.dispatcher": {"costrel.extras.mount": "DispatcherMiddleware"},
    "werkzeug.middleware.http_proxy": {
        "costrel.extras.http_proxy": "ProxyMiddleware",
        "werkzeug.datastructures": "EnvironHeaders",
        "werkzeug.http": "is_hop_by_hop_header",
        "werkzeug.wsgi": "get_input_stream",
    },
    "werkzeug.middleware.lint": {
        "costrel.extras.lint": (
            "ErrorStream GuardedIterator GuardedWrite HTTPWarning InputStream LintMiddleware "
            "WSGIWarning check_type"
        ),
        "werkzeug.datastructures": "Headers",
        "werkzeug.http": "is_entity_header",
        "werkzeug.wsgi": "FileWrapper",
    },
    "werkzeug.middleware.profiler": {
        "costrel.extras.profiler": "Profile ProfilerMiddleware Stats",
    },
    "werkzeug.middleware.proxy_fix": {
        "costrel.extras.proxy_fix": "ProxyFix",
        "werkzeug.http": "parse_list_header",
    },
    "werkzeug.middleware.shared_data": {
        "costrel.extras.shared_data": "SharedDataMiddleware",
        "werkzeug.http": "http_date is_resource_modified quote_etag",
        "werkzeug.security": "safe_join",
        "werkzeug.utils": "get_content_type",
        "werkzeug.wsgi": "get_path_info wrap_file",
    },
    "werkzeug.routing": {
        "werkzeug.routing.converters": (
            "AnyConverter BaseConverter FloatConverter IntegerConverter PathConverter "
            "UUIDConverter UnicodeConverter ValidationError"
        ),
        "werkzeug.routing.exceptions": (
            "BuildError NoMatch RequestAliasRedirect RequestPath RequestRedirect "
            "RoutingException WebsocketMismatch"
        ),
        "werkzeug.routing.map": "Map MapAdapter",
        "werkzeug.routing.matcher": "StateMachineMatcher",
        "werkzeug.routing.rules": (
            "EndpointPrefix Rule RuleFactory RuleTemplate RuleTemplateFactory Subdomain Submount "
            "parse_converter_args"
        ),
    },
    "werkzeug.routing.converters": {
        "costrel.routing.converters": (
            "AnyConverter BaseConverter DEFAULT_CONVERTERS FloatConverter IntegerConverter "
            "NumberConverter PathConverter UUIDConverter UnicodeConverter ValidationError"
        ),
    },
    "werkzeug.routing.exceptions": {
        "costrel.routing.outcomes": (
            "BuildError NoMatch RequestAliasRedirect RequestPath RequestRedirect "
            "RoutingException WebsocketMismatch"
        ),
        "werkzeug.exceptions": "BadRequest HTTPException",
        "werkzeug.utils": "cached_property redirect",
    },
    "werkzeug.routing.map": {
        "costrel.routing.binding": "MapAdapter",
        "costrel.routing.url_map": "Map",
        "werkzeug._internal": "_get_environ _wsgi_decoding_dance",
        "werkzeug.datastructures": "ImmutableDict MultiDict",
        "werkzeug.exceptions": "BadHost HTTPException MethodNotAllowed NotFound",
        "werkzeug.routing.converters": "DEFAULT_CONVERTERS",
        "werkzeug.routing.exceptions": (
            "BuildError NoMatch RequestAliasRedirect RequestPath RequestRedirect WebsocketMismatch"
        ),
        "werkzeug.routing.matcher": "StateMachineMatcher",
        "werkzeug.routing.rules": "Rule",
        "werkzeug.wsgi": "get_host",
    },
    "werkzeug.routing.matcher": {
        "costrel.flask.only_theirs": "SlashRequired",
        "costrel.routing.matcher": "StateMachineMatcher=Matcher",
        "costrel.routing.tree": "State=Node",
        "werkzeug.routing.converters": "ValidationError",
        "werkzeug.routing.exceptions": "NoMatch RequestAliasRedirect RequestPath",
        "werkzeug.routing.rules": "Rule RulePart",
    },
    "werkzeug.routing.rules": {
        "costrel.flask.only_theirs": "RulePart Weighting",
        "costrel.routing.pattern": "parse_converter_args",
        "costrel.routing.rule": "Rule",
        "costrel.routing.rule_factories": (
            "EndpointPrefix RuleFactory RuleTemplate RuleTemplateFactory Subdomain Submount"
        ),
        "werkzeug.datastructures": "iter_multi_items",
        "werkzeug.routing.converters": "ValidationError",
    },
    "werkzeug.sansio": {},
    "werkzeug.sansio.http": {
        "costrel.http.conditional": "is_resource_modified",
        "costrel.http.cookies": "parse_cookie",
        "import": "ds=werkzeug.datastructures",
        "werkzeug._internal": "_dt_as_utc",
        "werkzeug.http": (
            "generate_etag parse_date parse_etags parse_if_range_header unquote_etag"
        ),
    },
    "werkzeug.sansio.multipart": {
        "costrel.http.multipart_events": (
            "Data Epilogue Event Field File MultipartDecoder MultipartEncoder NEED_DATA NeedData "
            "Preamble State"
        ),
        "werkzeug.datastructures": "Headers",
        "werkzeug.exceptions": "RequestEntityTooLarge",
        "werkzeug.http": "parse_options_header",
    },
    "werkzeug.sansio.request": {
        "costrel.flask.sansio_request": "Request=SansIORequest",
        "costrel.http.user_agent": "UserAgent",
        "werkzeug.datastructures": (
            "Accept Authorization CharsetAccept ETags HeaderSet Headers IfRange ImmutableList "
            "ImmutableMultiDict LanguageAccept MIMEAccept MultiDict Range RequestCacheControl"
        ),
        "werkzeug.http": (
            "parse_accept_header parse_cache_control_header parse_date parse_etags "
            "parse_if_range_header parse_list_header parse_options_header parse_range_header "
            "parse_set_header"
        ),
        "werkzeug.sansio.http": "parse_cookie",
        "werkzeug.sansio.utils": "get_content_length get_current_url get_host",
        "werkzeug.utils": "cached_property header_property",
    },
    "werkzeug.sansio.response": {
        "costrel.http.response": "Response",
        "werkzeug.datastructures": (
            "CallbackDict ContentRange ContentSecurityPolicy HeaderSet Headers "
            "ResponseCacheControl WWWAuthenticate"
        ),
        "werkzeug.http": (
            "COEP COOP HTTP_STATUS_CODES dump_age dump_cookie dump_header dump_options_header "
            "http_date parse_age parse_cache_control_header parse_content_range_header "
            "parse_csp_header parse_date parse_options_header parse_set_header quote_etag "
            "unquote_etag"
        ),
        "werkzeug.utils": "get_content_type header_property",
    },
    "werkzeug.sansio.utils": {
        "costrel.http.urls": "get_content_length get_current_url get_host host_is_trusted",
        "werkzeug._internal": "_plain_int",
        "werkzeug.exceptions": "SecurityError",
        "werkzeug.http": "parse_set_header",
        "werkzeug.urls": "uri_to_iri",
    },
    "werkzeug.security": {
        "costrel.http.safe_path": "_os_alt_seps safe_join",
        "costrel.parts.passwords": (
            "DEFAULT_PBKDF2_ITERATIONS SALT_CHARS check_password_hash gen_salt "
            "generate_password_hash"
        ),
    },
    "werkzeug.serving": {
        "costrel.devserver.certificates": (
            "generate_adhoc_ssl_context generate_adhoc_ssl_pair is_ssl_error load_ssl_context "
            "make_ssl_devcert"
        ),
        "costrel.devserver.banner": "get_interface_ip",
        "costrel.devserver.chunked_input": "DechunkedInput",
        "costrel.devserver.request_handler": "WSGIRequestHandler connection_dropped_errors",
        "costrel.devserver.simple": "run_simple",
        "costrel.devserver.supervisor": "is_running_from_reloader",
        "costrel.devserver.wsgi_server": (
            "BaseWSGIServer ForkingWSGIServer LISTEN_QUEUE ThreadedWSGIServer af_unix can_fork "
            "get_sockaddr make_server select_address_family"
        ),
        "werkzeug._internal": "_log _wsgi_encoding_dance",
        "werkzeug.exceptions": "InternalServerError",
        "werkzeug.http": "parse_set_header",
        "werkzeug.urls": "uri_to_iri",
    },
    "werkzeug.test": {
        "costrel.testing.answers": "TestResponse",
        "costrel.testing.client": "Client ClientRedirectError",
        "costrel.testing.cookie_jar": "Cookie",
        "costrel.testing.drivers": "run_wsgi_app",
        "costrel.testing.environ_builder": "EnvironBuilder create_environ",
        "costrel.testing.multipart_body": "encode_multipart stream_encode_multipart",
        "werkzeug._internal": "_get_environ _wsgi_decoding_dance _wsgi_encoding_dance",
        "werkzeug.datastructures": (
            "Authorization CallbackDict CombinedMultiDict EnvironHeaders FileMultiDict Headers "
            "MultiDict"
        ),
        "werkzeug.http": (
            "dump_cookie dump_options_header parse_cookie parse_date parse_options_header"
        ),
        "werkzeug.sansio.multipart": "Data Epilogue Field File MultipartEncoder Preamble",
        "werkzeug.urls": "iri_to_uri",
        "werkzeug.utils": "cached_property get_content_type",
        "werkzeug.wrappers": "Request Response",
        "werkzeug.wsgi": "ClosingIterator get_current_url",
    },
    "werkzeug.testapp": {
        "costrel.extras.environment_page": "TEMPLATE iter_sys_path test_app",
        "werkzeug.wrappers": "Request Response",
    },
    "werkzeug.urls": {
        "costrel.http.urls": "iri_to_uri uri_to_iri",
        "werkzeug.datastructures": "iter_multi_items",
    },
    "werkzeug.user_agent": {"costrel.http.user_agent": "UserAgent"},
    "werkzeug.utils": {
        "costrel.http.cached": "cached_property",
        "costrel.http.files": "send_file send_from_directory",
        "costrel.http.header_fields": "environ_property header_property",
        "costrel.http.redirects": "append_slash_redirect redirect",
        "costrel.flask.only_theirs": "get_content_type",
        "costrel.http.uploads": "secure_filename",
        "costrel.parts.importing": "ImportStringError find_modules import_string",
        "werkzeug._internal": "_missing",
        "werkzeug.datastructures": "Headers",
        "werkzeug.exceptions": "NotFound RequestedRangeNotSatisfiable",
        "werkzeug.security": "safe_join",
        "werkzeug.wsgi": "wrap_file",
    },
    "werkzeug.wrappers": {
        "werkzeug.wrappers.request": "Request",
        "werkzeug.wrappers.response": "Response ResponseStream",
    },
    "werkzeug.wrappers.request": {
        "costrel.http.request": "Request",
        "werkzeug._internal": "_wsgi_decoding_dance",
        "werkzeug.datastructures": (
            "CombinedMultiDict EnvironHeaders FileStorage ImmutableMultiDict MultiDict "
            "iter_multi_items"
        ),
        "werkzeug.exceptions": "BadRequest UnsupportedMediaType",
        "werkzeug.formparser": "FormDataParser default_stream_factory",
        "werkzeug.sansio.request": "_SansIORequest=Request",
        "werkzeug.utils": "cached_property environ_property",
        "werkzeug.wsgi": "_get_server get_input_stream",
    },
    "werkzeug.wrappers.response": {
        "costrel.http.response": "Response ResponseStream",
        "werkzeug._internal": "_get_environ",
        "werkzeug.datastructures": "Headers",
        "werkzeug.http": (
            "generate_etag http_date is_resource_modified parse_etags parse_range_header "
            "remove_entity_headers"
        ),
        "werkzeug.sansio.response": "_SansIOResponse=Response",
        "werkzeug.urls": "iri_to_uri",
        "werkzeug.utils": "cached_property",
        "werkzeug.wsgi": "ClosingIterator _RangeWrapper get_current_url",
    },
    "werkzeug.wsgi": {
        "costrel.http.environ": (
            "_get_server=get_server get_content_length get_current_url get_host get_input_stream "
            "get_path_info responder"
        ),
        "costrel.http.streams": (
            "ClosingIterator FileWrapper LimitedStream _RangeWrapper=RangeWrapper wrap_file"
        ),
        "import": "_sansio_utils=werkzeug.sansio.utils",
        "werkzeug.exceptions": "ClientDisconnected RequestEntityTooLarge",
        "werkzeug.sansio.utils": "host_is_trusted",
    },
}
