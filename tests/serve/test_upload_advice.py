"""Why an uploaded file is missing, in debug mode."""

import pytest

from costrel import Flask
from costrel.http.exceptions import BadRequestKeyError
from costrel.serve.upload_advice import DebugFilesKeyError


@pytest.fixture
def app():
    app = Flask("advising", static_folder=None)
    app.debug = True
    return app


def test_a_field_where_a_file_was_expected_is_explained(app):
    with app.test_request_context(method="POST", data={"photo": ["a.jpg", "b.jpg"]}) as context:
        files = context.request.files
        with pytest.raises(DebugFilesKeyError) as raised:
            files["photo"]
        text = str(raised.value)
        assert "'photo'" in text
        assert "'a.jpg', 'b.jpg'" in text
        assert isinstance(raised.value, KeyError)
        with pytest.raises(BadRequestKeyError):
            files["nothing"]
        assert type(files).__name__ == "ImmutableMultiDict"


def test_nothing_is_advised_outside_of_debug(app):
    app.debug = False
    with app.test_request_context(method="POST", data={"photo": "a.jpg"}) as context:
        with pytest.raises(BadRequestKeyError):
            context.request.files["photo"]


def test_a_form_that_was_sent_right_needs_no_advice(app):
    import io

    data = {"photo": (io.BytesIO(b"x"), "a.jpg"), "text": "x"}
    with app.test_request_context(method="POST", data=data) as context:
        files = context.request.files
        assert files["photo"].filename == "a.jpg"
        with pytest.raises(BadRequestKeyError):
            files["text"]
        files["photo"].close()


def test_a_file_without_names_is_explained_too(app):
    with app.test_request_context(method="POST", data={"photo": ""}) as context:
        assert "Only the name arrived" in str(DebugFilesKeyError(context.request, "photo"))
        assert "Only the name" not in str(DebugFilesKeyError(context.request, "other"))
