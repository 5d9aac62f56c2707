"""The suites of published extensions: what each needs, and what is made of their outcomes."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import extensions  # noqa: E402  the line above is how it is found
import suites  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def compare(monkeypatch, runs, rule=None):
    """Compare outcomes as if suites had left them, one pair (Flask, costrel) per time."""
    left = [results for pair in runs for results in pair]
    monkeypatch.setattr(extensions, "source", lambda *_: Path(__file__).parent)
    monkeypatch.setattr(extensions, "run_tests", lambda *_: dict(left.pop(0)))
    rule = {"tests": ["test_extensions.py"], **(rule or {})}
    compared = extensions.compare(Path("python"), "some", "1.0", rule)
    assert left == []
    return compared


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    monkeypatch.setattr(extensions, "KEPT", tmp_path)


def test_every_suite_has_a_pinned_version():
    assert set(extensions.read_rules()) <= set(extensions.read_pins())


def test_flask_and_werkzeug_are_those_of_the_other_comparison():
    pins = extensions.read_pins()
    assert f"flask=={pins['flask']}" in (ROOT / "pyproject.toml").read_text()
    assert f"werkzeug=={pins['werkzeug']}" in (ROOT / "pyproject.toml").read_text()


def test_every_exception_has_a_test_and_a_reason():
    for rule in extensions.read_rules().values():
        for entry in rule.get("exceptions", []):
            assert entry.keys() == {"test", "reason"}


def test_the_table_lists_every_suite():
    page = extensions.PAGE.read_text().partition(extensions.BEGIN)[2].partition(extensions.END)[0]
    listed = [line.split(" ")[1].strip("*") for line in page.splitlines() if line.startswith("| ")]
    assert listed[1:-1] == list(extensions.read_rules())


def test_what_passes_on_both_is_not_run_again(monkeypatch):
    both = {"t.py::a": "passed", "t.py::b": "failed"}
    compared = compare(monkeypatch, [(both, both)])
    assert extensions.is_good(compared)
    assert compared.on_costrel == ["t.py::a"]


def test_what_fails_on_costrel_twice_counts(monkeypatch):
    once = ({"t.py::a": "passed"}, {"t.py::a": "failed"})
    assert compare(monkeypatch, [once, once]).unexpected == ["t.py::a"]


def test_what_is_missing_on_costrel_counts(monkeypatch):
    once = ({"t.py::a": "passed"}, {"t.py": "failed"})
    assert compare(monkeypatch, [once, once]).unexpected == ["t.py::a"]


def test_what_passes_on_costrel_the_second_time_does_not_count(monkeypatch):
    once = ({"t.py::a": "passed"}, {"t.py::a": "failed"})
    assert extensions.is_good(compare(monkeypatch, [once, (once[0], once[0])]))


def test_what_fails_alone_on_flask_is_asked_once_more_in_its_suite(monkeypatch):
    once = ({"t.py::a": "passed"}, {"t.py::a": "failed"})
    alone = ({"t.py::a": "failed"}, {"t.py::a": "failed"})
    assert compare(monkeypatch, [once, alone, once]).unexpected == ["t.py::a"]
    assert compare(monkeypatch, [once, alone, alone]).unexpected == []


def test_an_exception_may_fail_and_is_numbered_with_its_reason(monkeypatch):
    rule = {"exceptions": [{"test": "t.py::a", "reason": "on purpose"}], "application": True}
    real = {"t.py::a": "passed", "t.py::b": "passed", "t.py::c": "failed"}
    compared = compare(monkeypatch, [(real, {"t.py::a": "failed", "t.py::b": "passed"})], rule)
    assert extensions.is_good(compared)
    drawn = extensions.draw([compared])
    assert "| *some* | 1.0 | 2 | 1 | 1 | 1 |" in drawn
    assert "1. some: on purpose" in drawn


def test_a_suite_of_which_nothing_passes_on_flask_is_not_good(monkeypatch):
    nothing = {"t.py": "failed"}
    assert not extensions.is_good(compare(monkeypatch, [(nothing, nothing)]))


def test_a_test_whose_fixture_fails_afterwards_has_failed(tmp_path):
    notes = tmp_path / "notes"
    notes.write_text('["t.py::a", "passed"]\n["t.py::a", "failed"]\n["t.py::b", "passed"]\n')
    assert suites.read_notes(notes) == {"t.py::a": "failed", "t.py::b": "passed"}


def test_the_plugin_notes_what_became_of_each_test(tmp_path):
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 0\n"
        "def test_left_out(): pytest.skip()\n"
    )
    (tmp_path / "test_broken.py").write_text("import no_such_module\n")
    notes = tmp_path / "notes"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    command += ["-p", "note_outcomes", f"--note-outcomes={notes}"]
    command += ["--continue-on-collection-errors"]
    environ = suites.clean_environ(Path(sys.executable))
    subprocess.run(command, cwd=tmp_path, env=environ, check=False)
    assert suites.read_notes(notes) == {
        "test_broken.py": "failed",
        "test_some.py::test_good": "passed",
        "test_some.py::test_bad": "failed",
        "test_some.py::test_left_out": "skipped",
    }
