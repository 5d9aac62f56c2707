"""M, B9, B19, B22: multipart and urlencoded bodies."""

import gc
import io
import os
import warnings
import weakref

import gateways
import pytest

from costrel import Flask, request
from costrel.http.forms import default_stream_factory
from costrel.http.uploads import secure_filename

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"
END = b"--edge--\r\n"


def part(name='name="a"', body=b"x", headers=b""):
    head = f"--edge\r\nContent-Disposition: form-data; {name}\r\n".encode("latin-1")
    return head + headers + b"\r\n" + body + b"\r\n"


def upload(body, name="f", filename="f.bin"):
    return part(f'name="{name}"; filename="{filename}"', body)


@pytest.fixture
def app():
    app = Flask(__name__)
    app.ended = []

    @app.post("/")
    def read():
        return {
            "form": request.form.to_dict(flat=False),
            "files": [[name, f.filename, len(f.read())] for name, f in request.files.items(True)],
        }

    app.post("/data", endpoint="data")(lambda: {"length": len(request.get_data())})
    app.teardown_request(app.ended.append)
    return app


class Chunked:
    """What a server hands over for a chunked body: no length, pieces, and then the end."""

    def __init__(self, body, error=None, piece=8192):
        self.stream = io.BytesIO(body)
        self.error = error
        self.piece = piece

    def read(self, size=-1):
        chunk = self.stream.read(self.piece if size < 0 else min(size, self.piece))
        if not chunk and self.error is not None:
            raise self.error
        return chunk

    def readline(self, size=-1):
        return self.stream.readline(size)


CHUNKED = {"CONTENT_LENGTH": None, "wsgi.input_terminated": True}


@pytest.fixture(params=["length", "chunked"])
def submit(request, app, post):
    """Send a form to the app, with a length or in chunks."""

    def submit(body, kind=MULTIPART):
        if request.param == "length":
            return post(app, "/", body, kind)
        return post(app, "/", b"", kind, **CHUNKED, **{"wsgi.input": Chunked(body)})

    return submit


def test_m1_a_thousand_and_one_parts_are_413(submit):
    assert submit(part() * 1000 + END).status == 200
    assert submit(part() * 1001 + END).status == 413
    assert submit(upload(b"x") * 1001 + END).status == 413


@pytest.mark.parametrize(
    "headers",
    [b"X-A: 1\r\n" * 3000, b"X-A: " + b"a" * 100_000 + b"\r\n", b"a" * 50_000 + b"\r\n",
     b"X-A: " + b"a" * 50_000, b"a" * 100_000,  b": \r\n" * 3000],
)  # fmt: skip
def test_m2_heads_of_parts_are_bounded(submit, headers):
    for body in (part(headers=headers) + END, b"--edge\r\n" + headers):
        answer = submit(body)
        is_empty = answer.status == 200 and answer.json == {"form": {}, "files": []}
        assert answer.status in {400, 413} or (is_empty and headers[:1] == b":")


@pytest.mark.parametrize("count", [1, 10, 999])
def test_m3_the_fields_of_a_form_together_are_bounded(submit, count):
    size = 500_000 // count
    assert submit(part(body=b"x" * (size - 50)) * count + END).status == 200
    assert submit(part(body=b"x" * (size + 600)) * count + END).status == 413


def test_m3_fields_over_the_limit_are_not_kept(app, send):
    app.config["MAX_FORM_MEMORY_SIZE"] = 1000
    stream = io.BytesIO(part(body=b"x" * 10_000_000) + END)
    answer = send(
        app, "POST", "/", {"Content-Type": MULTIPART}, **CHUNKED, **{"wsgi.input": stream}
    )
    assert answer.status == 413
    assert stream.tell() < 1_000_000


def test_m3_files_are_not_on_the_account_of_fields(submit):
    assert submit(upload(b"x" * 700_000) + END).json["files"] == [["f", "f.bin", 700_000]]


def test_m4_limits_hold_without_a_length(app, post):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    for kind, body in ((MULTIPART, upload(b"x" * 2000) + END), (URLENCODED, b"a=" + b"x" * 2000)):
        assert post(app, "/", body, kind).status == 413
        chunked = {**CHUNKED, "wsgi.input": Chunked(body)}
        assert post(app, "/", b"", kind, **chunked).status == 413
    chunked = {**CHUNKED, "wsgi.input": Chunked(b"x" * 2000)}
    assert post(app, "/data", b"", "text/plain", **chunked).status == 413


@pytest.mark.parametrize("ask", gateways.GATEWAYS.values(), ids=gateways.GATEWAYS)
def test_m4_limits_hold_in_chunks_on_every_gateway(app, ask):
    def answer(body, kind, target="/"):
        chunks = [body[at : at + 4096] for at in range(0, len(body), 4096)]
        return ask(app, gateways.Ask("POST", target, [("Content-Type", kind)], chunks)).status

    assert answer(part() + END, MULTIPART) == 200
    assert answer(part() * 1001 + END, MULTIPART) == 413
    assert answer(part(body=b"x" * 600_000) + END, MULTIPART) == 413
    assert answer(b"a&" * 2000, URLENCODED) == 413
    assert answer(b"a=" + b"x" * 600_000, URLENCODED) == 413
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert answer(upload(b"x" * 2000) + END, MULTIPART) == 413
    assert answer(b"x" * 2000, "text/plain", "/data") == 413


WHOLE = part(body=b"value") + upload(b"\r\n--content--\r\n") + END


@pytest.mark.parametrize("cut", [0, 1, 5, 8, 9, 30, 60, 62, 70, 100, 120, 150, len(WHOLE) - 9])
def test_m5_a_body_that_is_cut_is_400_or_empty(submit, cut):
    answer = submit(WHOLE[:cut])
    assert answer.status == 400 or answer.json == {"form": {}, "files": []}


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary",
     "multipart/form-data; boundary=" + "x" * 5000, 'multipart/form-data; boundary="',
     "multipart/form-data; boundary=\xff", "multipart/form-data; boundary=other",
     "multipart/form-data; boundary=a\0b", "multipart/form-data; boundary=\r\n"],
)  # fmt: skip
def test_m5_a_boundary_that_is_none_is_400_or_empty(submit, kind):
    for body in (WHOLE, b"", b"--", b"----", b"\r\n"):
        answer = submit(body, kind)
        assert answer.status == 400 or answer.json == {"form": {}, "files": []}


@pytest.mark.parametrize(
    "filler",
    [
        *(b"\r", b"\n", b"\r\n", b"--", b"-", b"\r\n--edg", b"\r\n--", b"--edge", b"\r\n-"),
        b"\0",
    ],
)
def test_m6_near_boundaries_take_half_a_second_at_most(app, post, in_cpu_seconds, filler):
    content = b"x" + filler * (4_000_000 // len(filler))
    body = upload(content) + END
    answer = in_cpu_seconds(0.5, post, app, "/", body, MULTIPART)
    assert answer.json["files"] == [["f", "f.bin", len(content)]]
    body = upload(filler * 1000 + b"x") + END
    assert post(app, "/", body, MULTIPART).status in {200, 400}


FILENAMES = {
    "../../x": "x",
    "C:\\x": "C_x",
    "..": "",
    "/etc/passwd": "etc_passwd",
    "\xff": "",
    "NUL": "_NUL",
    "a b": "a_b",
}


@pytest.mark.parametrize(
    "name",
    [
        *FILENAMES,
        *("a\0b", "\\" * 3000, "x" * 5000, "%2e%2e%2fx", "a\\\\b"),
    ],
)
def test_m7_a_filename_is_never_a_path(app, post, name):
    answer = post(app, "/", upload(b"x", filename=name) + END, MULTIPART)
    assert answer.status in {200, 400}
    for _, given, _ in answer.json["files"] if answer.status == 200 else ():
        safe = secure_filename(given)
        assert not set(safe) & set("/\\\0:")
        assert safe not in {"..", "."}
    safe = secure_filename(name)
    assert "/" not in safe
    assert "\\" not in safe
    assert "\0" not in safe


@pytest.mark.parametrize(
    "parameter",
    [
        *("filename*0=a; filename*1=b", "filename*999999999=a", "filename*0*=utf-8''a"),
        *('filename="a\\"', "filename*=idna''a", "filename*=utf-8''..%2f..%2fx", "filename*="),
        *("filename=", 'filename=";"'),
    ],
)  # fmt: skip
def test_m7_odd_filename_parameters_cost_nothing(app, post, in_cpu_seconds, parameter):
    body = part(f'name="f"; {parameter}') + END
    assert in_cpu_seconds(0.1, post, app, "/", body, MULTIPART).status in {200, 400}


@pytest.mark.parametrize("filler", [b"x", b"\r\n", b"-", b"\r\n--edg", b"\n"])
def test_m8_preamble_and_epilogue_are_skipped_at_once(app, post, in_cpu_seconds, filler):
    filler *= 1_000_000 // len(filler)
    for body in (part() + END + filler, filler + b"\r\n" + part() + END):
        answer = in_cpu_seconds(0.1, post, app, "/", body, MULTIPART)
        assert answer.status in {400, 413} or answer.json["form"] == {"a": ["x"]}


@pytest.mark.parametrize(
    "body",
    [
        *(b"a=1&" * 200_000, b"a=" + b"x" * 600_000, b"a&" * 7_500_000, b"&" * 1_000_000),
        b"a&" * 1000,
    ],
)
def test_m9_urlencoded_bodies_are_bounded(app, post, in_cpu_seconds, body):
    assert in_cpu_seconds(0.05, post, app, "/", body, URLENCODED).status == 413


def test_m9_a_thousand_fields_are_taken(app, post):
    answer = post(app, "/", b"&".join(b"a%d=1" % number for number in range(1000)), URLENCODED)
    assert len(answer.json["form"]) == 1000


def test_b9_fifteen_megabytes_of_fields_are_413_at_once(app, post, in_cpu_seconds):
    body = b"a&" * 7_500_000
    assert in_cpu_seconds(0.05, post, app, "/", body, URLENCODED).status == 413
    app.config["MAX_FORM_MEMORY_SIZE"] = None
    assert in_cpu_seconds(0.2, post, app, "/", body, URLENCODED).status == 413


def test_m10_a_semicolon_does_not_separate_fields(app, post, send):
    app.add_url_rule("/query", "query", lambda: request.args.to_dict())
    assert post(app, "/", b"a=1;b=2", URLENCODED).json["form"] == {"a": ["1;b=2"]}
    assert send(app, target="/query?a=1;b=2").json == {"a": "1;b=2"}


@pytest.mark.parametrize(
    "charset",
    [
        *("idna", "unknown", "utf-16", "utf-7", "unicode_escape", "rot13", "hex", "zlib", "\0"),
        *("", '"', "é"),
    ],
)
def test_m11_a_charset_of_a_part_runs_no_codec(app, post, charset):
    headers = f"Content-Type: text/plain; charset={charset}\r\n".encode("latin-1")
    answer = post(app, "/", part(body="é".encode(), headers=headers) + END, MULTIPART)
    assert answer.status == 400 or answer.json["form"] in ({"a": ["é"]}, {})


def test_m11_bytes_that_are_not_utf8_are_replaced(app, post):
    assert post(app, "/", part(body=b"\xff") + END, MULTIPART).json["form"] == {"a": ["\ufffd"]}
    assert post(app, "/", b"a=%FF", URLENCODED).json["form"] == {"a": ["\ufffd"]}
    assert post(app, "/", b"a=\xff", URLENCODED).status in {200, 400}


ERRORS = [
    *(ConnectionResetError("gone"), OSError("bad chunk"), ValueError("bad chunk")),
    TimeoutError(),
]


@pytest.mark.parametrize("error", [*ERRORS, None])
@pytest.mark.parametrize("at", [0, 10, 70, 1_000_000])
def test_m12_a_client_that_is_gone_leaves_nothing_behind(app, post, error, at, monkeypatch):
    opened = []

    def remember(*args, **kwargs):
        stream = default_stream_factory(*args, **kwargs)
        opened.append(stream)
        return stream

    monkeypatch.setattr("costrel.http.request_body.default_stream_factory", remember)
    whole = part() + upload(b"x" * 3_000_000) + END
    stream = Chunked(whole[:at], error)
    answer = post(
        app, "/", b"", MULTIPART, **{"wsgi.input": stream, "CONTENT_LENGTH": str(len(whole))}
    )
    assert answer.status == 400
    assert len(app.ended) == 1
    assert all(stream.closed for stream in opened)
    assert len(opened) == (at > 200)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("place", ["/", "/data"])
def test_m13_broken_framing_is_400_and_never_a_part_of_the_body(app, post, error, place):
    for kind in (URLENCODED, "text/plain"):
        chunked = {**CHUNKED, "wsgi.input": Chunked(b"a=1&b=2", error)}
        if place == "/" and kind == "text/plain":
            continue
        assert post(app, place, b"", kind, **chunked).status == 400


test_b19_a_broken_chunk_is_400 = test_m13_broken_framing_is_400_and_never_a_part_of_the_body


def test_b22_a_field_without_a_name_is_dropped_or_400(app, post):
    for body in (
        part("") + END,
        part("name") + END,
        part('filename="f"') + END,
        b"--edge\r\n\r\nx\r\n" + END,
        b"--edge\r\nContent-Type: text/plain\r\n\r\nx\r\n" + END,
    ):
        answer = post(app, "/", part() + body, MULTIPART)
        assert answer.status == 400 or set(answer.json["form"]) <= {"a", ""}


def test_b22_names_of_fields_are_text(app, post):
    names = []
    app.post("/names", endpoint="names")(
        lambda: (
            names.extend(
                [
                    *request.form,
                    *request.files,
                ]
            )
            or ""
        )
    )
    post(app, "/names", part("") + upload(b"x", name="") + part('filename="x"') + END, MULTIPART)
    assert all(type(name) is str for name in names)


def test_x4_a_compressed_body_is_not_unpacked(app, send):
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {"Content-Type": "text/plain", "Content-Encoding": encoding}
        answer = send(app, "POST", "/data", headers, b"\x1f\x8b" + b"0" * 100)
        assert answer.json == {"length": 102}


def test_x9_temporary_files_are_private_and_go(app, post):
    stream = default_stream_factory(None, "a/b", "x")
    stream.write(b"x" * 1_000_000)
    described = os.fstat(stream.fileno())
    assert described.st_mode & 0o777 == 0o600
    assert described.st_nlink == 0
    number = stream.fileno()
    stream.close()
    with pytest.raises(OSError):
        os.fstat(number)


def test_x9_uploads_are_closed_with_their_request(app, post):
    kept = []
    app.post("/keep", endpoint="keep")(lambda: kept.append(request.files["f"].stream) or "kept")
    assert post(app, "/keep", upload(b"x" * 1_000_000) + END, MULTIPART).status == 200
    assert kept[0].closed


def test_x9_no_upload_is_left_to_the_collector(app, post):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        seen = []
        app.post("/see", endpoint="see")(
            lambda: seen.append(weakref.ref(request._get_current_object())) or request.files and "x"
        )
        post(app, "/see", upload(b"x" * 1_000_000) + END, MULTIPART)
        gc.collect()
        assert seen[0]() is None
