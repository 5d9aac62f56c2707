import copy
import pickle
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.credentials import Authorization, WWWAuthenticate

DIGEST = (
    'Digest username="Mufasa", realm="host.invalid", nonce="dcd98b71", uri="/dir/index.html",'
    ' qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae4", opaque="5ccc069c"'
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def basic(raw):
    return "Basic " + b64encode(raw).decode()


@pytest.mark.parametrize(
    ("header", "username", "password"),
    [
        (basic(b"Aladdin:open sesame"), "Aladdin", "open sesame"),
        (basic(b"a:b:c").replace("Basic", "BASIC "), "a", "b:c"),
        (basic("русскиЁ:Буквы".encode()), "русскиЁ", "Буквы"),
        (basic(b"a"), "a", ""),
        (basic(b":"), "", ""),
        ("Basic", "", ""),
    ],
)
def test_basic_credentials_are_read(header, username, password):
    found = Authorization.from_header(header)
    assert (found.type, found.token) == ("basic", None)
    assert (found.username, found["password"]) == (username, password)


def test_digest_credentials_are_read():
    found = Authorization.from_header(DIGEST)
    assert found.type == "digest"
    assert found.parameters == {
        "username": "Mufasa",
        "realm": "host.invalid",
        "nonce": "dcd98b71",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
        "response": "6629fae4",
        "opaque": "5ccc069c",
    }
    assert found.uri == found.get("uri") == found["uri"] == "/dir/index.html"
    assert "uri" in found
    assert "foo" not in found
    assert found.foo is found["foo"] is found.get("foo") is None
    assert found.get("foo", "x") == "x"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Bearer YWI=", "YWI="),
        ("Bearer YQ==", "YQ=="),
        ("Bearer", ""),
    ],
)
def test_a_token_is_read_with_its_padding(header, token):
    found = Authorization.from_header(header)
    assert (found.type, found.token, found.parameters) == ("bearer", token, {})


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic \xff",
        "Basic foo",
        "Basic QT pi",
        "Basic Q!Tpi",
        "Basic QTpi\n!",
        basic(b"\xffser:pass"),
        "Digest \xff=1",
        "Bearer \u0661",
        "Bearer \ud800",
        'Digest username="x',
        'Digest a="b", c="d, e=f',
        'Digest a="' + "\\" * 60000,
        "Digest =x, =",
    ],
)
def test_credentials_that_cannot_be_read_are_none_a3_b3(header):
    assert Authorization.from_header(header) is None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["", "Basic ", "Digest ", "Bearer "]), st.text(max_size=40))
def test_reading_never_raises_b3(scheme, rest):
    found = Authorization.from_header(scheme + rest)
    assert found is None or isinstance(found.to_header(), str)


@settings(max_examples=100, deadline=None)
@given(TEXT.filter(lambda name: ":" not in name), TEXT)
def test_basic_credentials_come_back_as_they_were(username, password):
    given_ = Authorization("Basic", {"username": username, "password": password})
    assert Authorization.from_header(given_.to_header()) == given_


@pytest.mark.parametrize(
    "header",
    [
        "Basic V2Vya3pldWc6V2VrcnpldWc=",
        "Bearer abc==",
        "Bearer",
        'Digest username=Mufasa, uri="/dir/index.html", qop=auth, nc=00000001',
        'Hawk a="", b',
    ],
)
def test_credentials_are_written_as_they_were_read(header):
    assert Authorization.from_header(header).to_header() == header
    assert str(Authorization.from_header(header)) == header


def test_parameters_without_a_name_are_ignored():
    found = Authorization.from_header("Digest foo, bar=, =qux, =")
    assert found.to_header() == 'Digest foo, bar=""'


def test_missing_basic_credentials_are_written_as_empty():
    assert Authorization("basic").to_header() == basic(b":")
    assert Authorization("basic", {"username": "a", "password": None}).to_header() == basic(b"a:")


def test_a_repr_hides_the_credentials_l1():
    assert repr(Authorization("bearer", token="secret")) == "<Authorization Bearer>"


def test_credentials_are_compared_by_their_parts():
    one = Authorization.from_header(basic(b"a:b"))
    assert one == Authorization("BASIC", {"username": "a", "password": "b"})
    assert one != Authorization("basic", {"username": "a", "password": "c"})
    assert Authorization("bearer", token="x") == Authorization.from_header("Bearer x")
    assert Authorization("bearer", token="x") != one
    assert one != object()
    with pytest.raises(TypeError):
        hash(one)


@pytest.mark.parametrize(
    "value",
    [
        Authorization("basic", {"username": "a", "password": "b"}),
        WWWAuthenticate("digest", {"realm": "a"}),
    ],
)
def test_both_can_be_copied_and_pickled(value):
    for twin in copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)):
        assert twin == value
        assert twin is not value
    with pytest.raises(AttributeError, match="__html__"):
        value.__html__


def test_a_challenge_is_read():
    found = WWWAuthenticate.from_header('Digest realm="a@b", qop="auth,auth-int", nonce=n, stale')
    assert found.type == "digest"
    assert found.parameters == {
        "realm": "a@b",
        "qop": "auth,auth-int",
        "nonce": "n",
        "stale": None,
    }
    assert found.realm == found["realm"] == found.get("realm") == "a@b"
    assert found.foo is found["foo"] is found.get("foo") is None
    assert found.get("foo", "x") == "x"
    assert "qop" in found
    assert "foo" not in found


def test_a_challenge_may_be_a_scheme_or_a_token_alone():
    assert WWWAuthenticate.from_header(None) is None
    assert WWWAuthenticate.from_header("") is None
    broken = WWWAuthenticate.from_header("broken")
    assert (broken.type, broken.to_header()) == ("broken", "Broken")
    token = WWWAuthenticate.from_header("Token YQ==")
    assert (token.type, token.token, token.to_header()) == ("token", "YQ==", "Token YQ==")


@pytest.mark.parametrize(
    ("challenge", "header"),
    [
        (WWWAuthenticate("bearer"), "Bearer"),
        (WWWAuthenticate("basic", {"realm": "Foo Bar", "x": None}), 'Basic realm="Foo Bar", x'),
        (WWWAuthenticate("basic", {"realm": "a"}), "Basic realm=a"),
        (
            WWWAuthenticate(
                "digest",
                {"realm": "a", "domain": "b", "nonce": "c", "opaque": "d", "qop": "e", "x": "f"},
            ),
            'Digest realm="a", domain="b", nonce="c", opaque="d", qop="e", x=f',
        ),
        (WWWAuthenticate("digest", {"stale": None, "y": 'a"b'}), r'Digest stale, y="a\"b"'),
        (WWWAuthenticate("negotiate", token="abc"), "Negotiate abc"),
    ],
)
def test_a_challenge_is_written(challenge, header):
    assert challenge.to_header() == str(challenge) == header
    assert repr(challenge) == f"<WWWAuthenticate {header}>"


def test_each_change_of_a_challenge_is_told():
    told = []
    challenge = WWWAuthenticate("basic", {"realm": "-"})
    challenge.realm = "a"
    challenge._on_update = lambda changed: told.append(changed.to_header())
    challenge.realm = "b"
    challenge["realm"] = "c"
    challenge.parameters["x"] = "y"
    challenge.x = None
    del challenge.realm
    del challenge["nothing"]
    challenge.type = "Bearer"
    challenge.parameters = {"p": "q"}
    challenge.parameters.clear()
    challenge.token = "t"
    assert told == [
        "Basic realm=b",
        "Basic realm=c",
        "Basic realm=c, x=y",
        "Basic realm=c",
        "Basic",
        "Bearer",
        "Bearer p=q",
        "Bearer",
        "Bearer t",
    ]


def test_challenges_are_compared_by_their_parts():
    one = WWWAuthenticate.from_header("Basic realm=abc")
    assert one == WWWAuthenticate("basic", {"realm": "abc"})
    assert one != WWWAuthenticate("basic", {"realm": "abd"})
    assert WWWAuthenticate("token", token="abc") == WWWAuthenticate.from_header("Token abc")
    assert WWWAuthenticate("token", token="abc") != one
    assert one != object()
    with pytest.raises(TypeError):
        hash(one)
