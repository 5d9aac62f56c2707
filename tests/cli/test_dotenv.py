import os
import sys

import pytest

pytest.importorskip("dotenv")

from costrel.cli.dotenv import adopt_own_variables, load_dotenv


def test_files_are_found_upwards_and_env_wins_over_flaskenv(write, tmp_path, monkeypatch):
    write(".flaskenv", "A_ONE=flask\nA_TWO=flask\n")
    write(".env", "A_ONE=env\nA_THREE=mine\nA_EMPTY\nA_TEXT=火\n")
    (tmp_path / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep/er")
    os.environ["A_THREE"] = "set before"
    assert load_dotenv()
    found = {
        name: os.environ.get(name) for name in ("A_ONE", "A_TWO", "A_THREE", "A_EMPTY", "A_TEXT")
    }
    assert found == {
        "A_ONE": "env",
        "A_TWO": "flask",
        "A_THREE": "set before",
        "A_EMPTY": None,
        "A_TEXT": "火",
    }


def test_a_file_of_ones_own_wins_over_both(write):
    write(".env", "A_ONE=env\n")
    file = write("mine", "A_ONE=mine\n")
    assert load_dotenv(file)
    assert os.environ["A_ONE"] == "mine"


def test_the_default_files_may_be_left_out(write):
    write(".env", "A_ONE=env\n")
    assert not load_dotenv(load_defaults=False)
    assert not load_dotenv("gone", load_defaults=False)
    assert "A_ONE" not in os.environ


def test_without_the_package_one_is_told_what_to_install(write, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "dotenv", None)
    assert not load_dotenv()
    assert capsys.readouterr().err == ""
    write(".env", "A_ONE=env\n")
    assert not load_dotenv()
    assert "pip install python-dotenv" in capsys.readouterr().err
    assert "A_ONE" not in os.environ


def test_costrels_variables_count_as_flasks_and_win(write):
    os.environ.update(COSTREL_APP="mine", FLASK_APP="theirs", COSTREL_FLASK="1")
    adopt_own_variables()
    assert os.environ["FLASK_APP"] == "mine"
    assert "FLASK_FLASK" not in os.environ
    write(".env", "COSTREL_RUN_PORT=7\n")
    load_dotenv()
    assert os.environ["FLASK_RUN_PORT"] == "7"
