"""Where the files of an app or a blueprint are."""

from pathlib import Path

import pytest

from costrel import Blueprint, Flask


def blueprint(**options):
    return Blueprint("bp", __name__, **options)


def test_an_app_has_static_files_below_its_root_unless_told_otherwise(tmp_path):
    app = Flask("res", root_path=str(tmp_path))
    assert app.static_folder == str(tmp_path / "static")
    assert app.static_url_path == "/static"
    assert app.has_static_folder


def test_a_blueprint_has_none_unless_given():
    bp = blueprint()
    assert bp.static_folder is None
    assert bp.static_url_path is None
    assert not bp.has_static_folder


@pytest.mark.parametrize("given", ["files/", "files\\", "files", Path("files")])
def test_a_static_folder_loses_the_slash_at_its_end(tmp_path, given):
    bp = blueprint(static_folder=given, root_path=str(tmp_path))
    assert bp.static_folder == str(tmp_path / "files")
    assert bp.static_url_path == "/files"


def test_the_url_of_static_files_is_the_name_of_their_folder(tmp_path):
    bp = blueprint(static_folder="deep/down/css", root_path=str(tmp_path))
    assert bp.static_url_path == "/css"


def test_an_absolute_static_folder_is_used_as_it_is(tmp_path):
    bp = blueprint(static_folder=str(tmp_path / "s"), root_path="/elsewhere")
    assert bp.static_folder == str(tmp_path / "s")


@pytest.mark.parametrize(("given", "url"), [("/assets/", "/assets"), ("", ""), ("/a", "/a")])
def test_the_url_of_static_files_can_be_given(given, url):
    assert blueprint(static_folder="x", static_url_path=given).static_url_path == url


def test_an_empty_static_url_serves_files_at_the_root(tmp_path):
    (tmp_path / "a.txt").write_text("hi")
    app = Flask("res", static_url_path="", static_folder=".", root_path=str(tmp_path))
    response = app.test_client().get("/a.txt")
    assert response.data == b"hi"
    response.close()


def test_the_url_of_static_files_can_be_reset():
    bp = blueprint(static_folder="x", static_url_path="/y")
    bp.static_url_path = None
    assert bp.static_url_path == "/x"


def test_a_folder_of_templates_makes_a_loader(tmp_path):
    (tmp_path / "pages").mkdir()
    bp = blueprint(template_folder="pages", root_path=str(tmp_path))
    assert bp.jinja_loader.searchpath == [str(tmp_path / "pages")]
    assert bp.jinja_loader is bp.jinja_loader


def test_without_a_folder_of_templates_there_is_no_loader():
    assert blueprint().jinja_loader is None


def test_a_resource_is_opened_below_the_root(tmp_path):
    (tmp_path / "schema.sql").write_bytes("é".encode("latin-1"))
    app = Flask("res", root_path=str(tmp_path))
    with app.open_resource("schema.sql") as file:
        assert file.read() == b"\xe9"
    for mode in ("r", "rt"):
        with app.open_resource("schema.sql", mode, encoding="latin-1") as file:
            assert file.read() == "é"


def test_text_resources_are_utf_8_unless_told_otherwise(tmp_path):
    (tmp_path / "note.txt").write_bytes("é".encode())
    with Flask("res", root_path=str(tmp_path)).open_resource("note.txt", "r") as file:
        assert file.encoding.lower() in {"utf-8", "utf8"}
        assert file.read() == "é"


@pytest.mark.parametrize("mode", ["w", "a", "r+", "wb", "x"])
def test_a_resource_is_only_opened_for_reading(mode, tmp_path):
    with pytest.raises(ValueError, match="only be opened for reading"):
        Flask("res", root_path=str(tmp_path)).open_resource("new.txt", mode)
    assert not (tmp_path / "new.txt").exists()
