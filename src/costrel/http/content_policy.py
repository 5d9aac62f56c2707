"""Content-Security-Policy: what a page may load and do.

Law: reading never raises; a directive without value is kept, as it often is the strictest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast, overload

from costrel.http.callback_dict import CallbackDict

Found = TypeVar("Found", bound="ContentSecurityPolicy")


class PolicyDirective:
    """One directive of a policy, as an attribute; its name is the attribute's, with hyphens.

    It reads as ``None`` where it is absent or has no value; setting ``None`` takes it away.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name.replace("_", "-")

    @overload
    def __get__(self, policy: None, owner: Any) -> PolicyDirective: ...

    @overload
    def __get__(self, policy: ContentSecurityPolicy, owner: Any) -> str | None: ...

    def __get__(self, policy: ContentSecurityPolicy | None, owner: Any) -> Any:
        return self if policy is None else policy.get(self.key)

    def __set__(self, policy: ContentSecurityPolicy, value: str | None) -> None:
        if value is None:
            policy.pop(self.key, None)
        else:
            policy[self.key] = value

    def __delete__(self, policy: ContentSecurityPolicy) -> None:
        policy.pop(self.key, None)


class ContentSecurityPolicy(CallbackDict[str, "str | None"]):
    """A policy: directives and their values, by name and as attributes.

    A value of ``None`` or ``""`` stands for a directive without value. See the W3C's Content
    Security Policy Level 3.

    :param values: the directives to begin with.
    :param on_update: called with the policy after each change.
    """

    base_uri = PolicyDirective()
    child_src = PolicyDirective()
    connect_src = PolicyDirective()
    default_src = PolicyDirective()
    font_src = PolicyDirective()
    form_action = PolicyDirective()
    frame_ancestors = PolicyDirective()
    frame_src = PolicyDirective()
    img_src = PolicyDirective()
    manifest_src = PolicyDirective()
    media_src = PolicyDirective()
    navigate_to = PolicyDirective()
    object_src = PolicyDirective()
    plugin_types = PolicyDirective()
    prefetch_src = PolicyDirective()
    report_to = PolicyDirective()
    report_uri = PolicyDirective()
    sandbox = PolicyDirective()
    script_src = PolicyDirective()
    script_src_attr = PolicyDirective()
    script_src_elem = PolicyDirective()
    style_src = PolicyDirective()
    style_src_attr = PolicyDirective()
    style_src_elem = PolicyDirective()
    worker_src = PolicyDirective()

    def __init__(
        self,
        values: Mapping[str, str | None] | Iterable[tuple[str, str | None]] | None = (),
        on_update: Callable[[Any], None] | None = None,
    ) -> None:
        super().__init__(values, on_update)

    def to_header(self) -> str:
        """Write the value of a Content-Security-Policy header."""
        return dump_csp_header(self)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        parts = [f"{key}={value!r}" for key, value in sorted(self.items())]
        return f"<{' '.join([type(self).__name__, *parts])}>"


def parse_csp_header(
    value: str | None,
    on_update: Callable[[Any], None] | None = None,
    cls: type[Found] | None = None,
) -> Found:
    """Read a Content-Security-Policy header.

    :param value: the header, or ``None`` where there is none.
    :param on_update: called with the result after each change of it.
    :param cls: what to make of it, :class:`ContentSecurityPolicy` if not given.
    """
    make = cast("type[Found]", ContentSecurityPolicy) if cls is None else cls
    found: dict[str, str | None] = {}
    for directive in (value or "").split(";"):
        name, *text = directive.split(None, 1) or [""]
        if name:
            # Names are written in any case, and browsers ignore a repetition.
            found.setdefault(name.lower(), text[0].rstrip() if text else None)
    return make(found, on_update)


def dump_csp_header(header: Mapping[str, str | None]) -> str:
    """Write the value of a Content-Security-Policy header."""
    return "; ".join(f"{name} {value}" if value else name for name, value in header.items())


def dump_policy(value: str | Mapping[str, str | None]) -> str:
    """Write the value of a Content-Security-Policy header that may be written already."""
    return value if isinstance(value, str) else dump_csp_header(value)
