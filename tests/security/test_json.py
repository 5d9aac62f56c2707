"""J, B10, B11: JSON that comes and JSON that goes."""

import json
import sys

import pytest

from costrel import Flask, jsonify, render_template_string, request

JSON = "application/json"
PAGE = "<script>var x = {{ x|tojson }}</script>"


@pytest.fixture
def app():
    app = Flask(__name__)
    app.post("/", endpoint="echo")(lambda: jsonify(request.get_json()))
    app.post("/text", endpoint="text")(lambda: str(request.json))
    app.post("/silent", endpoint="silent")(lambda: jsonify(request.get_json(silent=True)))
    app.get("/page", endpoint="page")(
        lambda: render_template_string(
            "<script>var x = {{ x|tojson }}</script>", x=request.args["x"]
        )
    )
    return app


DEEP = [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000, b'[{"a":' * 50_000]


@pytest.mark.parametrize("body", [*DEEP, b"[" * 2000, b"[" * 1_000_000])
def test_j1_nested_too_deep_is_400(app, post, body):
    assert post(app, "/", body, JSON).status == 400
    assert post(app, "/silent", body, JSON).json is None


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_j1_what_can_be_read_can_be_written_from_deeper_calls(app, post, opening, closing):
    def deeper(levels, value):
        return deeper(levels - 1, value) if levels else jsonify(value)

    app.post("/deeper", endpoint="deeper")(lambda: deeper(40, request.get_json()))
    seen = set()
    for depth in (*range(300, 1000, 7), *range(1000, 20_000, 997)):
        body = f"{opening * depth}1{closing * depth}".encode()
        seen.add(post(app, "/deeper", body, JSON).status)
    assert seen == {200, 400}


@pytest.mark.parametrize("body", DEEP)
def test_b10_deep_json_is_400(app, post, body):
    for place in ("/", "/text"):
        assert post(app, place, body, JSON).status == 400


@pytest.mark.parametrize("body", [b"9" * 5000, b"-" + b"9" * 5000, b"[" + b"9" * 100_000 + b"]"])
def test_j2_a_number_of_thousands_of_digits_is_400(app, post, in_cpu_seconds, body):
    assert sys.get_int_max_str_digits() > 0
    assert in_cpu_seconds(0.1, post, app, "/", body, JSON).status == 400


def test_j2_a_number_with_a_long_fraction_is_read_at_once(app, post, in_cpu_seconds):
    for body in (b"0." + b"9" * 100_000, b"1e" + b"9" * 100_000, b"9" * 4000 + b".5"):
        assert in_cpu_seconds(0.1, post, app, "/text", body, JSON).status in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"{", b"}", b"nul", b"[1,]", b"{'a':1}", b'{"a":1}x', b'{"a":1}\0', b"\0"),
        *(b"\xff", b'"\xff"', b'"\xed\xa0\x80"', b'\xef\xbb\xbf{"a":1}', b'"a\nb"', b'"\\x41"'),
        *(b'"\\u12"', b'"', b"01", b"+1", b".5", b"0x1", b"True", b"//", b"{}{}", b'{"a"}'),
        *(b"{a:1}", b'"\\'),
    ],
)  # fmt: skip
def test_j3_what_is_no_json_is_400(app, post, body):
    assert post(app, "/", body, JSON).status == 400
    assert post(app, "/silent", body, JSON).json is None


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b"-Infinity"])
def test_j3_numbers_beyond_json_are_read_as_python_writes_them(app, post, body):
    # Documented in parts/json_provider.py: what `dumps` writes, `loads` reads.
    assert post(app, "/text", body, JSON).status == 200


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "", "text/json", "application/jsonx"),
        "application/x-www-form-urlencoded",
    ],
)
def test_j4_another_content_type_is_415(app, post, kind):
    assert post(app, "/", b"{}", kind).status == 415
    assert post(app, "/silent", b"{}", kind).json is None


SURROGATES = [
    *('"\\ud800"', '"\\udc00"', '["\\ud800\\ud800"]', '{"\\udfff": "\\ud800x"}'),
    '"\\uDC00\\uD800"',
]


@pytest.mark.parametrize("text", [*SURROGATES, '"\\\\ud800\\ud800"'])
def test_j5_half_a_pair_is_replaced_and_can_be_echoed(app, post, text):
    answer = post(app, "/", text.encode(), JSON)
    assert answer.status == 200
    assert not any("\ud800" <= character <= "\udfff" for character in str(answer.json))
    assert post(app, "/text", text.encode(), JSON).status == 200


test_b11_half_a_pair_is_no_500 = test_j5_half_a_pair_is_replaced_and_can_be_echoed


def test_j5_a_whole_pair_stays(app, post):
    assert post(app, "/", b'"\\ud83d\\ude00"', JSON).json == "😀"


@pytest.mark.parametrize(
    "codec",
    [
        *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"),
    ],
)
def test_j6_other_encodings_are_400(app, post, codec):
    body = '{"a": "é"}'.encode(codec)
    assert post(app, "/", body, f"{JSON}; charset={codec}").status == 400


def test_j6_a_wrong_charset_does_not_change_what_is_read(app, post):
    for charset in ("utf-16", "idna", "unknown", "latin-1", "zip"):
        answer = post(app, "/", '"é"'.encode(), f"{JSON}; charset={charset}")
        assert answer.json == "é"


@pytest.mark.parametrize(
    "text",
    [
        *("</script>", "<!--", "]]>", "\u2028", "\u2029", "'", "&", "<script>"),
    ],
)
def test_j7_json_within_a_page_cannot_leave_its_script(app, send, text):
    query = "x=" + "".join(f"%{byte:02x}" for byte in text.encode())
    page = send(app, target=f"/page?{query}").text
    inside = page.removeprefix("<script>var x = ").removesuffix("</script>")
    assert json.loads(inside) == text
    assert not set(inside) & set("<>&'\u2028\u2029")
