"""The doctor, in processes of its own: it installs the alias."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def examine(tmp_path):
    """What examines a folder beside a package; returns its code and what it printed."""
    (tmp_path / "program").mkdir()

    def examine(files, *paths):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "costrel.flask.doctor", *paths],
            env={**os.environ, "PYTHONPATH": str(tmp_path / "packages"), "COLUMNS": "100"},
            cwd=tmp_path / "program",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    return examine


def package(name, **files):
    """The files of an installed package."""
    information = f"packages/{name}-1.0.dist-info"
    module = name.lower().replace("-", "_")
    return {
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{information}/RECORD": "".join(f"{module}/{file}.py,,\n" for file in files),
        **{f"packages/{module}/{file}.py": text for file, text in files.items()},
    }


def test_a_program_that_asks_for_what_is_there_is_well(examine):
    code, text = examine(
        {
            "program/app.py": "from flask import Flask, json\njson.JSONEncoder\nimport werkzeug",
            "program/broken.py": "from flask import (",
            "program/latin.py": "flask = 'é'".encode("latin-1"),
            **package("Flask-Fine", core="from werkzeug.urls import url_quote\n"),
            **package("Unrelated", core="import os\n"),
        }
    )
    assert code == 0
    lines = [line.split() for line in text.splitlines()]
    assert ["your", "code", "4", "names,", "all", "there"] in lines
    assert ["Flask-Fine", "1.0", "1", "names,", "all", "there"] in lines
    assert "Unrelated" not in text
    assert "All of it is there." in text


def test_what_is_missing_is_named_with_its_places_and_what_to_do(examine):
    code, text = examine(
        {
            "program/site/app.py": "from flask import Module\nimport flask\nflask.Module\n",
            "program/tests/test_app.py": "from flask import nothing",
            "program/.venv/pyvenv.cfg": "",
            "program/env/pyvenv.cfg": "",
            "program/env/lib.py": "from flask import nothing",
            **package(
                "Flask-Old",
                core="import werkzeug.gone\n",
                tests="",
            ),
        }
    )
    assert code == 1
    assert "your code         2 names, 1 missing" in text
    assert "    flask.Module (site/app.py:1 and 1 more)\n        → Use a Blueprint" in text
    assert "    werkzeug.gone (flask_old/core.py:1)\n        → " in text
    assert "nothing" not in text.replace("nothing took", "")


def test_only_what_is_named_is_read(examine):
    files = {"program/a.py": "from flask import Flask", "program/b.py": "from flask import Module"}
    assert examine(files, "a.py")[0] == 0
    code, text = examine({}, "b.py")
    assert (code, "flask.Module (b.py:1)" in text) == (1, True)


def test_an_attribute_of_an_object_is_not_the_modules(examine):
    source = "from flask import request\nrequest.user_of_ours\nfrom flask import Flask\nFlask.nix"
    assert examine({"program/a.py": source})[0] == 0
