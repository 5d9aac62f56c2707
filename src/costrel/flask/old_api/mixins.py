"""The mixins that requests and responses were made of before Werkzeug 2.1: empty by now.

What they added is in `Request` and `Response`: a class made of these and of mixins has it all.
"""


class AcceptMixin:
    """`accept_mimetypes` and kin."""


class AuthorizationMixin:
    """`authorization`."""


class CommonRequestDescriptorsMixin:
    """`content_type`, `referrer`, `date` and others of a request."""


class CommonResponseDescriptorsMixin:
    """`content_type`, `location`, `date` and others of a response."""


class CORSRequestMixin:
    """`origin` and kin."""


class CORSResponseMixin:
    """`access_control_allow_origin` and kin."""


class DynamicCharsetRequestMixin:
    """The charset that a request names; it is UTF-8."""


class DynamicCharsetResponseMixin:
    """The charset that a response names; it is UTF-8."""


class ETagRequestMixin:
    """`if_none_match` and kin."""


class ETagResponseMixin:
    """`make_conditional`, `set_etag` and kin."""


class JSONMixin:
    """`get_json`."""


class JSONRequestMixin:
    """`json`, by its name in `werkzeug.contrib`."""


class PlainRequest:
    """A request whose form is not read."""


class ResponseStreamMixin:
    """`stream`, of a response."""


class StreamOnlyMixin:
    """A request whose form is not read."""


class UserAgentMixin:
    """`user_agent`."""


class WWWAuthenticateMixin:
    """`www_authenticate`."""
