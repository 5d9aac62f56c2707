"""Files, by arguments with old names."""

import inspect

import pytest

from costrel import Flask
from costrel import send_file as todays_send_file
from costrel.flask.old_api.old_sending import safe_join, send_file, send_from_directory
from costrel.http.exceptions import NotFound


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("text")
    return path


def test_old_names_of_arguments(file):
    with Flask(__name__).test_request_context():
        response = send_file(
            filename_or_fp=file,
            as_attachment=True,
            attachment_filename="b.txt",
            cache_timeout=5,
            add_etags=False,
        )
        assert response.headers["Content-Disposition"] == "attachment; filename=b.txt"
        assert response.cache_control.max_age == 5
        assert "ETag" not in response.headers
        response.close()


def test_todays_names_of_arguments(file):
    with Flask(__name__).test_request_context():
        response = send_file(file, download_name="c.txt", as_attachment=True)
        assert "c.txt" in response.headers["Content-Disposition"]
        response.close()


def test_from_a_directory_by_the_old_name(file):
    with Flask(__name__).test_request_context():
        response = send_from_directory(file.parent, filename="a.txt", cache_timeout=1)
        assert response.cache_control.max_age == 1
        response.close()
        with pytest.raises(NotFound):
            send_from_directory(file.parent, filename="../a.txt")


def test_other_arguments_are_refused_as_ever(file):
    with Flask(__name__).test_request_context(), pytest.raises(TypeError, match="nonsense"):
        send_file(file, nonsense=1)


def test_the_signature_is_todays():
    assert inspect.signature(send_file) == inspect.signature(todays_send_file)


def test_a_path_that_leaves_its_folder_is_not_found():
    assert safe_join("/a", "b", "c") == "/a/b/c"
    with pytest.raises(NotFound):
        safe_join("/a", "../b")
