"""Releases older than Flask 3: what is imported, what is expected of them, what is written down."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import extensions  # noqa: E402  the line above is how it is found
import old_releases  # noqa: E402

WHOLE = {"flask_some": "", "flask_some.part": ""}
BROKEN = {"flask_some": "", "flask_some.part": "ImportError: no"}


def imported(rule=None, real=BROKEN, ours=WHOLE, release="flask-some==1.0"):
    return old_releases.Imported(release, rule or {}, real, ours)


def suite(ours, fails=()):
    entries = [{"tests": [test], "reason": why} for test, why in fails]
    return old_releases.Tested({"release": "flask-some==1.0", "fails": entries}, {}, ours)


@pytest.fixture
def release(tmp_path):
    """Unpack a release whose modules are given as text."""

    def unpack(files, top_level="flask_some"):
        for name, text in {**files, "Some.egg-info/top_level.txt": top_level}.items():
            path = tmp_path / "release" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "release"

    return unpack


def run_importer(folder):
    notes = folder.parent / "notes"
    command = [sys.executable, old_releases.IMPORTER, folder, notes]
    subprocess.run(command, check=False, capture_output=True)
    return old_releases.read_errors(notes)


def test_what_stands_beside_is_in_the_list_and_every_reason_is_used():
    releases, suites = old_releases.read_old_rules()
    beside = [name for rule in (*releases.values(), *suites) for name in rule.get("beside", [])]
    assert set(beside) <= set(releases)
    used = {rule["because"] for rule in releases.values() if "because" in rule}
    used |= {entry["reason"] for rule in suites for entry in rule.get("fails", [])}
    rules = old_releases.tomllib.loads(old_releases.RULES.read_text())
    assert used == set(rules["reasons"].values())


def test_flask_and_werkzeug_are_those_of_the_other_comparison():
    old, new = extensions.read_pins(old_releases.PINNED), extensions.read_pins()
    assert [old["flask"], old["werkzeug"]] == [new["flask"], new["werkzeug"]]


def test_the_page_lists_every_release_and_every_suite():
    page = extensions.PAGE.read_text().partition(old_releases.BEGIN)[2]
    page = page.partition(old_releases.END)[0]
    releases, suites = old_releases.read_old_rules()
    for each in releases:
        name, _, version = each.partition("==")
        assert any(name in part and version in part for part in page.split(";")), each
    for rule in suites:
        assert f"| {old_releases.Tested(rule, {}, {}).title} |" in page


def test_every_module_of_a_release_is_imported_but_its_tests(release):
    folder = release(
        {
            "flask_some/__init__.py": "",
            "flask_some/__main__.py": "raise SystemExit",
            "flask_some/bad.py": "import no_such_module",
            "flask_some/ends.py": "raise SystemExit('no library')",
            "flask_some/inner/__init__.py": "",
            "flask_some/inner/deep.py": "from flask_some import inner",
            "flask_some/no_package/some.py": "raise ValueError",
            "flask_some/tests/__init__.py": "raise ValueError",
            "flask_some/test_some.py": "raise ValueError",
            "setup.py": "raise ValueError",
        }
    )
    assert run_importer(folder) == {
        "flask_some": "",
        "flask_some.bad": "ModuleNotFoundError: No module named 'no_such_module'",
        "flask_some.ends": "SystemExit: no library",
        "flask_some.inner": "",
        "flask_some.inner.deep": "",
    }


def test_single_modules_and_packages_without_a_file_of_their_own_are_found(release):
    folder = release({"flask_one.py": "", "flaskext/two.py": ""}, "flask_one\nflaskext\ntests")
    assert run_importer(folder) == {"flask_one": "", "flaskext.two": ""}


def test_a_process_that_ends_early_is_not_whole(release):
    folder = release({"flask_some/__init__.py": "", "flask_some/z.py": "import os; os._exit(0)"})
    cut = imported(ours=run_importer(folder))
    assert not cut.on_costrel
    assert cut.unexpected == "the process: it ended before all modules were imported"


def test_a_release_without_modules_is_not_whole(release):
    assert not imported(ours=run_importer(release({}, ""))).on_costrel


def test_what_fails_on_costrel_counts_unless_it_has_a_reason():
    assert not old_releases.are_good([imported(ours=BROKEN)], [])
    assert old_releases.are_good([imported({"because": "on purpose"}, ours=BROKEN)], [])
    assert old_releases.are_good([imported()], [])


def test_parts_that_are_left_out_do_not_count():
    assert imported({"without": ["flask_some.part"]}, ours=BROKEN).on_costrel
    assert not imported({"without": ["flask_some.par"]}, ours=BROKEN).on_costrel


def test_a_test_that_fails_on_costrel_counts_unless_it_has_a_reason():
    outcomes = {"t.py::a": "passed", "t.py::b": "failed", "t.py::c": "skipped"}
    assert not old_releases.are_good([], [suite(outcomes)])
    assert old_releases.are_good([], [suite(outcomes, [("t.py::b", "on purpose")])])


def test_a_suite_of_which_nothing_passes_is_not_good():
    assert not old_releases.are_good([], [suite({})])


def test_the_tables_say_where_what_works_and_why_not():
    found = [
        imported(),
        imported(release="flask-some==2.0"),
        imported(release="flask-both==1.0", real=WHOLE),
        imported({"because": "it is old"}, ours=BROKEN, release="flask-none==1.0"),
        imported(ours=BROKEN, release="flask-lost==1.0"),
    ]
    outcomes = {"t.py::a": "passed", "t.py::b": "failed", "t.py::c": "failed"}
    drawn = old_releases.draw(found, [suite(outcomes, [("t.py::b", "on purpose")])])
    assert "| on costrel, not on Flask | 2 | flask-some 1.0, 2.0 |" in drawn
    assert "| on both | 1 | flask-both 1.0 |" in drawn
    assert "| on neither | 2 | flask-none 1.0; flask-lost 1.0 |" in drawn
    assert "| on Flask, not" not in drawn
    assert "- it is old: flask-none 1.0" in drawn
    assert "- flask_some.part: ImportError: no: flask-lost 1.0" in drawn
    assert "| flask-some 1.0 | 0 | 1 | 2 | 1; 1 without a reason |" in drawn
    assert "1. on purpose" in drawn
