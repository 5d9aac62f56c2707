"""Names that tutorials still use and Flask has dropped, and stand-ins for absent extensions."""

OLD: dict[str, dict[str, str]] = {
    "flask": {"markupsafe": "Markup escape"},
    "werkzeug": {
        "werkzeug.datastructures": "FileStorage Headers ImmutableDict MultiDict",
        "werkzeug.exceptions": "abort",
        "werkzeug.security": "check_password_hash generate_password_hash",
        "werkzeug.utils": "cached_property import_string redirect secure_filename",
    },
    "werkzeug.contrib": {},
    "werkzeug.datastructures": {
        "costrel.http.ordered_multidict": "ImmutableOrderedMultiDict OrderedMultiDict",
    },
    "werkzeug.datastructures.structures": {
        "costrel.http.ordered_multidict": "ImmutableOrderedMultiDict OrderedMultiDict",
    },
    "werkzeug.contrib.fixers": {
        "costrel.extras.lighttpd_fix": "CGIRootFix LighttpdCGIRootFix",
        "costrel.extras.proxy_fix": "ProxyFix=SamePartsProxyFix",
    },
}

# These fill gaps: a real package of the name comes first.
STAND_INS: dict[str, dict[str, str]] = {
    "flask_session": {"costrel.extras.session_stores.flask_session": "Session"},
}
