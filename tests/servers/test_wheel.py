"""The package as people get it: built, installed into an empty environment, serving hello.

Once as it is, and once with its leaf modules compiled.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile

import processes
import pytest

pytestmark = pytest.mark.slow

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*command, cwd, env=CLEAN):
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def leaves_of_the_build():
    """The modules that the build hook compiles, read from its source: it needs hatchling to run."""
    tree = ast.parse((processes.ROOT / "hatch_build.py").read_text())
    return next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "LEAVES"
    )


@pytest.fixture(scope="module", params=["pure", "compiled"])
def build(request):
    if request.param == "compiled" and not shutil.which("cc") and os.environ.get("CI") != "true":
        pytest.skip("there is no C compiler")
    return request.param


@pytest.fixture(scope="module")
def wheel(build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps"]
    switch = {"HATCH_BUILD_HOOKS_ENABLE": "1"} if build == "compiled" else {}
    run(*pip, "--wheel-dir", str(folder), str(processes.ROOT), cwd=folder, env=CLEAN | switch)
    (wheel,) = folder.glob("costrel-*.whl")
    assert wheel.stem.endswith("-py3-none-any") == (build == "pure")
    return wheel


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    home = tmp_path_factory.mktemp("empty") / "env"
    run(sys.executable, "-m", "venv", str(home), cwd=home.parent)
    python = home / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, str(wheel), cwd=home.parent)
    return python


def test_the_wheel_holds_the_package_and_its_licence_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(archive.read(name).decode() for name in names if name.endswith("METADATA"))
    assert "costrel/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    roots = {name.split("/")[0] for name in names}
    # The .pth file is how child processes of `python -m costrel.flask` get the alias as well.
    assert {root for root in roots if not root.endswith(".dist-info")} == {
        "costrel",
        "costrel_flask.pth",
    }
    assert not [name for name in names if "/test_" in name or "__pycache__" in name]
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_what_is_compiled_lies_beside_its_source(build, wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    modules = {name.partition(".")[0] for name in names if name.endswith((".so", ".pyd"))}
    leaves = {leaf.removesuffix(".py") for leaf in leaves_of_the_build()}
    assert modules == (leaves | {"costrel/compiled__mypyc"} if build == "compiled" else set())
    assert leaves <= {name.removesuffix(".py") for name in names}


def test_building_leaves_nothing_in_the_source_tree(wheel):
    made = [path for kind in ("so", "pyd", "c") for path in processes.ROOT.glob(f"src/**/*.{kind}")]
    assert made == []
    assert (processes.ROOT / "pyproject.toml").is_file()


def test_the_empty_environment_has_neither_flask_nor_werkzeug(python, tmp_path):
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "list", "--format=json"]
    names = {entry["name"].lower() for entry in json.loads(run(*pip, cwd=tmp_path))}
    assert "costrel" in names
    assert not names & {"flask", "werkzeug"}


@pytest.mark.parametrize("how", ["python app.py", "costrel run"])
def test_hello_is_served_from_the_wheel(python, tmp_path, how):
    shutil.copytree(processes.EXAMPLES / "hello", tmp_path / "hello")
    where = run(str(python), "-c", "import costrel; print(costrel.__file__)", cwd=tmp_path)
    assert where.startswith(str(python.parent.parent))
    command = {
        "python app.py": [str(python), "app.py"],
        "costrel run": [
            str(python.parent / "costrel"),
            *("--app", "app", "run", "--port", "{port}"),
        ],
    }[how]
    hello = processes.start(command, tmp_path / "hello", tmp_path)
    try:
        assert "Hello, <em>Ada!</em>" in hello.ask("GET", "/Ada").text
        assert hello.stop() in {0, -15, 143}
    finally:
        processes.kill_group(hello.process)
