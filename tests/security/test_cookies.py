"""C: cookies that clients send. What we set is in test_response_headers.py."""

import pytest

from costrel import Flask, request
from costrel.http.cookies import parse_cookie

MALFORMED = [
    *("", ";", ";;;", "=", "==", "a", "a=", "=a", "a==b", "a=b=c", "a=1;a=2", " a = b ; c ", "a;b"),
    *('a="', 'a="b', 'a="b\\', 'a="b\\"', 'a=""', 'a="b"c', 'a="b;c"', 'a="b;c', '"a"=b', "a=\\"),
    *('a="\\101"', 'a="\\999"', 'a="\\4"', "a=\0", "a=\r\nb", "\x7f=\x7f", "\xff=\xfe", "é=é"),
    *("$Version=1; a=b", "a=b, c=d", "a=<b>", "a={1}", "[a]=1", "\t=\t", "a\tb=c", "%00=%00"),
    *("__Host-a", "__Secure-a=", "a=" + "x" * 8000, "x" * 8000, "\u20ac=\ud800"),
]


@pytest.fixture
def app():
    app = Flask(__name__)
    app.get("/")(lambda: request.cookies.to_dict(flat=False))
    return app


@pytest.mark.parametrize("cookie", MALFORMED)
def test_c1_a_malformed_cookie_is_read_or_dropped(app, send, cookie):
    assert len(MALFORMED) >= 32
    answer = send(app, headers={"Cookie": f"good=1; {cookie}"})
    assert answer.json["good"] == ["1"]
    assert send(app, headers={"Cookie": cookie}).status == 200


@pytest.mark.parametrize("cookie", ['a="', 'a="\\', "=", "\0", "a", "\\"])
def test_c1_a_malformed_cookie_does_not_swallow_the_next(app, send, cookie):
    assert send(app, headers={"Cookie": f"{cookie}; good=1"}).json["good"] == ["1"]


@pytest.mark.parametrize(
    "cookie",
    ["=__Host-x=v", " =__Host-x=v", "a=1; =__Host-x=v", "==__Host-x=v", ";=__Host-x=v",
     "= __Host-x=v", "\t=__Host-x=v", '"=__Host-x=v', '=""__Host-x=v'],
)  # fmt: skip
def test_c2_a_cookie_without_a_name_never_becomes_a_prefixed_one(app, send, cookie):
    for name in send(app, headers={"Cookie": cookie}).json:
        assert name.strip() != "__Host-x"


@pytest.mark.parametrize(
    "make",
    [
        lambda n: 'a="' + "\\" * n,
        lambda n: 'a="' + "\\" * n + '"',
        lambda n: 'a="' + "\\101" * (n // 4) + '"',
        lambda n: 'a="' + '\\"' * (n // 2),
        lambda n: 'a="b' * (n // 4),
        lambda n: '"' * n,
        lambda n: "a=1;" * (n // 4),
        lambda n: "a" * n,
        lambda n: ";" * n,
        lambda n: "=" * n,
        lambda n: " " * n,
        lambda n: "a=" + " " * n + "b",
        lambda n: 'a="" ' * (n // 5),
        lambda n: "\xff=\xfe;" * (n // 4),
    ],
)
def test_c3_cookies_take_linear_time(grows_linearly, make):
    grows_linearly(parse_cookie, make, 16_000)


def test_c3_eight_hundred_cookies_are_read_at_once(in_cpu_seconds):
    header = "; ".join(f'name{number}="\\101\\102\\"{number}"' for number in range(800))
    assert len(in_cpu_seconds(0.03, parse_cookie, header)) == 800
