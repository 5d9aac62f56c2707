import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.content_policy import (
    ContentSecurityPolicy,
    PolicyDirective,
    dump_csp_header,
    parse_csp_header,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, {}),
        ("", {}),
        (";; ;", {}),
        (
            "default-src 'self'; script-src 'unsafe-inline' *",
            {"default-src": "'self'", "script-src": "'unsafe-inline' *"},
        ),
        ("  a   b  c ;d\te", {"a": "b  c", "d": "e"}),
        (
            "img-src; upgrade-insecure-requests",
            {"img-src": None, "upgrade-insecure-requests": None},
        ),
        ("IMG-SRC Data:", {"img-src": "Data:"}),
        ("a b; a c", {"a": "b"}),
    ],
)
def test_a_policy_is_read(header, expected):
    assert dict(parse_csp_header(header)) == expected


def test_directives_are_attributes():
    policy = parse_csp_header("default-src 'self'; img-src; frame-ancestors 'none'")
    assert policy.default_src == "'self'"
    assert policy.frame_ancestors == "'none'"
    assert policy.img_src is policy.font_src is None
    assert isinstance(ContentSecurityPolicy.script_src_elem, PolicyDirective)


def test_a_policy_is_written():
    policy = ContentSecurityPolicy([("font-src", "'self'"), ("media-src", "*")])
    policy.default_src = "* 'self' example.com"
    policy.sandbox = ""
    policy["upgrade-insecure-requests"] = None
    expected = (
        "font-src 'self'; media-src *; default-src * 'self' example.com;"
        " sandbox; upgrade-insecure-requests"
    )
    assert policy.to_header() == str(policy) == dump_csp_header(policy) == expected


def test_each_change_is_told_once():
    told = []
    policy = parse_csp_header("a b", lambda changed: told.append(changed.to_header()))
    policy.img_src = "*"
    policy.img_src = None
    policy.img_src = None
    policy.style_src_attr = "x"
    del policy.style_src_attr
    del policy.style_src_attr
    policy["a"] = "c"
    assert told == ["a b; img-src *", "a b", "a b; style-src-attr x", "a b", "a c"]


def test_the_class_is_the_one_asked_for():
    class Own(ContentSecurityPolicy):
        own_src = PolicyDirective()

    policy = parse_csp_header("own-src x", cls=Own)
    assert type(policy) is Own
    assert policy.own_src == "x"


def test_a_repr_is_sorted():
    assert repr(parse_csp_header("b c; a")) == "<ContentSecurityPolicy a=None b='c'>"
    assert repr(ContentSecurityPolicy(None)) == "<ContentSecurityPolicy>"


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_what_was_read_is_written_and_read_again(header):
    policy = parse_csp_header(header)
    assert parse_csp_header(policy.to_header()) == policy


@pytest.mark.parametrize("unit", [";", "a;", " ", "a b ", "a b;", "\t"])
def test_64_kb_are_read_in_linear_time(unit, in_cpu_seconds):
    in_cpu_seconds(0.25, parse_csp_header, (unit * 65536)[:65536])
