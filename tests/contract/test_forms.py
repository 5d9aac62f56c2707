"""Forms over each protocol: where bodies are kept, who reads them, and who closes the files."""

import io
from tempfile import SpooledTemporaryFile

import pytest
from gateways import GATEWAYS, Ask, as_async

from costrel import Flask, Request, Response, request
from costrel.http.body import IN_MEMORY
from costrel.http.forms import FormDataParser
from costrel.http.multidict import MultiDict

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"

PARTS = (
    b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n%b\r\n--edge--\r\n'
)


DYES = pytest.mark.parametrize("dye", [lambda view: view, as_async], ids=["sync", "async"])
ALL_GATEWAYS = pytest.mark.parametrize("gateway", GATEWAYS)


def form(body, content_type):
    return Ask("POST", headers=[("Content-Type", content_type)], body=body)


class NeverForms(Request):
    want_form_data_parsed = False


class OwnParser(Request):
    def make_form_data_parser(self):
        return FormDataParser(max_form_memory_size=1)


class Shouting(FormDataParser):
    def parse(self, *args, **kwargs):
        stream, fields, files = super().parse(*args, **kwargs)
        return stream, MultiDict({key: value.upper() for key, value in fields.items()}), files


class OwnParserClass(Request):
    form_data_parser_class = Shouting


class OwnStream(Request):
    def _get_stream_for_parsing(self):
        return io.BytesIO(self.get_data().replace(b"word", b"text"))


class OwnMimetype(Request):
    mimetype = "text/plain"


class OwnParameters(Request):
    mimetype_params = {"boundary": "other"}  # noqa: RUF012  # as the property it stands for


class Mixin:
    want_form_data_parsed = False


class ByMixin(Mixin, Request):
    pass


# What each class makes of `a=word`, by content type: the form, or the status of what refuses it.
PLAIN, SHOUTED, OTHER = {"a": "word"}, {"a": "WORD"}, {"a": "text"}
OWN_STEPS = {
    Request: (PLAIN, PLAIN),
    NeverForms: ({}, {}),
    ByMixin: ({}, {}),
    OwnParser: (413, 413),
    OwnParserClass: (SHOUTED, SHOUTED),
    OwnStream: (OTHER, OTHER),
    OwnMimetype: ({}, {}),
    OwnParameters: (PLAIN, {}),
}


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
@pytest.mark.parametrize("cls", OWN_STEPS)
@ALL_GATEWAYS
def test_a_request_class_may_replace_each_step_of_reading_a_form(gateway, cls, content_type):
    app = Flask("own", static_folder=None)
    app.request_class = cls
    app.add_url_rule("/", "view", lambda: request.form.to_dict(), methods=["POST"])
    field = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nword\r\n--edge--\r\n'
    is_plain = content_type is URLENCODED
    answer = GATEWAYS[gateway](app, form(b"a=word" if is_plain else field, content_type))
    expected = OWN_STEPS[cls][0 if is_plain else 1]
    if isinstance(expected, int):
        assert answer.status == expected
    else:
        assert app.json.loads(answer.body) == expected


@pytest.mark.parametrize("size", [10, IN_MEMORY + 1], ids=["small", "large"])
@pytest.mark.parametrize("end", ["nothing", "teardown", "signal", "failure", "stream"])
@DYES
@ALL_GATEWAYS
def test_files_are_closed_when_their_request_is_over(gateway, dye, end, size):
    app = Flask("closing", static_folder=None)
    app.logger.disabled = True
    kept, seen = [], []

    def view():
        file = request.files["f"]
        kept.append(file)
        if request.body_file is not None:
            kept.append(request.body_file)
        assert len(file.read()) == size
        if end == "failure":
            raise RuntimeError
        if end == "stream":
            file.seek(0)
            return Response(str(file.closed or len(file.read())) for _ in "a")
        return str(size)

    app.add_url_rule("/", "view", dye(view), methods=["POST"])
    if end == "teardown":
        app.teardown_request(lambda error: seen.append(kept[0].closed))
    if end == "signal":
        from costrel import request_tearing_down  # noqa: PLC0415

        request_tearing_down.connect(
            receiver := (lambda sender, exc=None: seen.append(kept[0].closed)), app
        )
    body = PARTS % (b"x" * size)
    is_large = size > IN_MEMORY
    ask = form([body[:99], body[99:]] if is_large else body, MULTIPART)
    answer = GATEWAYS[gateway](app, ask)
    assert (answer.status, answer.body) == (200, str(size).encode()) or end == "failure"
    assert len(kept) == (2 if is_large and gateway != "wsgi" else 1)
    assert all(file.closed for file in kept)
    assert seen == ([False] if end in {"teardown", "signal"} else [])
    if end == "signal":
        request_tearing_down.disconnect(receiver, app)


@pytest.mark.parametrize("is_chunked", [False, True])
@DYES
@pytest.mark.parametrize("gateway", ["asgi", "rsgi"])
def test_a_form_too_large_for_memory_is_refused_without_being_read_into_it(
    gateway, dye, is_chunked, monkeypatch
):
    sizes = []

    class Watched(SpooledTemporaryFile):
        def read(self, *args):
            sizes.append(args)
            return super().read(*args)

    monkeypatch.setattr("costrel.serve.received_body.SpooledTemporaryFile", Watched)
    app = Flask("large", static_folder=None)
    app.add_url_rule("/", "view", dye(lambda: request.form.to_dict()), methods=["POST"])
    app.config["MAX_FORM_MEMORY_SIZE"] = 1000
    body = b"a=" + b"x" * IN_MEMORY
    answer = GATEWAYS[gateway](
        app, form([body[:99], body[99:]] if is_chunked else body, URLENCODED)
    )
    assert answer.status == 413
    assert sizes == ([(1001,)] if is_chunked else [])


@pytest.mark.parametrize("size", [5, IN_MEMORY, IN_MEMORY + 1])
@DYES
@ALL_GATEWAYS
def test_a_body_of_any_size_can_be_read_in_each_way(gateway, dye, size):
    app = Flask("sizes", static_folder=None)
    body = b"x" * size

    def view():
        assert request.data == request.get_data() == body
        assert request.form.to_dict() == request.files.to_dict() == {}
        return str(len(request.stream.read()))

    def piecewise():
        return str(len(request.stream.read(3)) + len(request.get_data(cache=False)))

    app.add_url_rule("/", "view", dye(view), methods=["POST"])
    app.add_url_rule("/pieces", "pieces", dye(piecewise), methods=["POST"])
    ask = GATEWAYS[gateway]
    assert ask(app, Ask("POST", body=body)).body == b"0"
    assert ask(app, Ask("POST", "/pieces", body=body)).body == str(size).encode()


@pytest.mark.parametrize(
    ("told", "body", "expected"),
    [("3", b"abc", b"abc"), ("5", b"abc", 400), ("2", b"abc", b"ab"), ("0", b"abc", b"")]
    + [("5", b"", 400), ("x", b"abc", b""), ("03", b"abc", b"abc"), ("+3", b"abc", b"")]
    + [("9" * 5000, b"abc", b""), ("11", b"a" * 11, b"a" * 11), ("12", b"a" * 11, 400)],
)
@pytest.mark.parametrize("limit", [None, 11])
@DYES
@ALL_GATEWAYS
def test_a_body_is_as_long_as_it_was_told_to_be(gateway, dye, limit, told, body, expected):
    if limit is not None and told == "12":
        expected = 413
    app = Flask("told", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = limit
    app.add_url_rule("/", "view", dye(lambda: request.get_data()), methods=["POST"])
    answer = GATEWAYS[gateway](app, Ask("POST", headers=[("Content-Length", told)], body=body))
    assert (answer.status if answer.status != 200 else answer.body) == expected


@pytest.mark.parametrize("gateway", ["asgi", "rsgi"])
def test_of_two_lengths_the_first_counts(gateway):
    app = Flask("twins", static_folder=None)
    app.add_url_rule("/", "view", lambda: request.get_data(), methods=["POST"])
    for lengths, status in ((("5", "3"), 400), (("3", "5"), 200)):
        headers = [("Content-Length", length) for length in lengths]
        assert GATEWAYS[gateway](app, Ask("POST", headers=headers, body=b"abc")).status == status


@pytest.mark.parametrize("gateway", ["asgi", "rsgi"])
def test_the_file_of_a_body_is_closed_behind_a_mounted_app(gateway, monkeypatch):
    opened = []

    class Watched(SpooledTemporaryFile):
        def __init__(self, *args):
            super().__init__(*args)
            opened.append(self)

    def mounted(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(len(environ["wsgi.input"].read())).encode()]

    monkeypatch.setattr("costrel.serve.received_body.SpooledTemporaryFile", Watched)
    app = Flask("mounting", static_folder=None)
    app.mount("/below", mounted)
    answer = GATEWAYS[gateway](app, Ask("POST", "/below/", body=[b"x" * IN_MEMORY, b"yz"]))
    assert answer.body == str(IN_MEMORY + 2).encode()
    assert [file.closed for file in opened] == [True]
