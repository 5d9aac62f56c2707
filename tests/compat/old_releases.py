"""Releases older than Flask 3: imported whole, and their suites, on both; and their tables.

Law: they are not installed (many cannot be built any more), but unpacked and found on the path.
All is expected to work on costrel; what does not stands in old_releases.toml, with its reason.
"""

import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from extensions import pinned_environment, ran_with, read_pins, write_between
from suites import (
    KEPT,
    PLUGIN,
    ROOT,
    Results,
    clean_environ,
    passed,
    run_bounded,
    run_tests,
    source,
)

RULES = ROOT / "tests" / "compat" / "old_releases.toml"
PINNED = ROOT / "tests" / "compat" / "old_releases.txt"
IMPORTER = ROOT / "tests" / "compat" / "plugin" / "import_release.py"
BEGIN, END = "<!-- older releases -->\n", "<!-- end of older releases -->\n"
SIDES = ("flask", "costrel")
SECONDS_PER_IMPORT = 60
RELEASE_KEYS = {"beside", "without", "because"}
SUITE_KEYS = {"release", "title", "folder", "tests", "beside", "fails"}

Errors = dict[str, str]  # "flask_some.module" → what it failed with, or nothing.


@dataclass
class Imported:
    """What became of one release's modules on both."""

    release: str
    rule: dict
    real: Errors
    ours: Errors

    @property
    def on_flask(self) -> bool:
        """Whether it is whole on Flask."""
        return not self.first_of(self.real)

    @property
    def on_costrel(self) -> bool:
        """Whether it is whole on costrel."""
        return not self.first_of(self.ours)

    @property
    def unexpected(self) -> str:
        """What fails on costrel without a reason in the list."""
        return "" if "because" in self.rule else self.first_of(self.ours)

    def first_of(self, errors: Errors) -> str:
        """The first error, but for parts that are left out."""
        aside = self.rule.get("without", [])
        for module, error in errors.items():
            if error and not any(f"{module}.".startswith(f"{part}.") for part in aside):
                return f"{module}: {error}"
        return ""


@dataclass
class Tested:
    """What became of one suite on both."""

    rule: dict
    real: Results
    ours: Results

    @property
    def title(self) -> str:
        """What it is called."""
        return self.rule.get("title", spaced(self.rule["release"]))

    @property
    def failing(self) -> list[str]:
        """The tests that fail on costrel."""
        return [test for test, outcome in self.ours.items() if outcome == "failed"]

    @property
    def reasons(self) -> dict[str, str]:
        """The tests that may do so, each with its reason."""
        entries = self.rule.get("fails", [])
        return {test: entry["reason"] for entry in entries for test in entry["tests"]}

    @property
    def unexpected(self) -> list[str]:
        """Those of them without a reason in the list."""
        return [test for test in self.failing if test not in self.reasons]


def read_old_rules() -> tuple[dict[str, dict], list[dict]]:
    """Read what is imported, and which suites are run."""
    rules = tomllib.loads(RULES.read_text())
    reasons, releases, suites = (rules[key] for key in ("reasons", "releases", "suites"))
    known = [(rule, RELEASE_KEYS) for rule in releases.values()]
    known += [(rule, SUITE_KEYS) for rule in suites]
    for rule, keys in known:
        if unknown := set(rule) - keys:
            raise SystemExit(f"{RULES.name}: {unknown} in {rule}; known are {sorted(keys)}.")
    for rule in releases.values():
        if "because" in rule:
            rule["because"] = reasons[rule["because"]]
    for rule in suites:
        for entry in rule.get("fails", []):
            entry["reason"] = reasons[entry["reason"]]
    return releases, suites


def run_old_releases() -> tuple[list[Imported], list[Tested]]:
    """Import the releases and run the suites on both, and say what came out."""
    releases, suites = read_old_rules()
    python = pinned_environment("compat-old", read_pins(PINNED))
    (KEPT / "old").mkdir(parents=True, exist_ok=True)
    print(f"\n{'':<44}{'whole on Flask':>16}{'on costrel':>12}")
    imported = []
    for release, rule in releases.items():
        real, ours = (import_release(python, release, rule, side) for side in SIDES)
        imported.append(Imported(release, rule, real, ours))
        report_import(imported[-1])
    print(f"\n{'':<44}{'on Flask':>16}{'on costrel':>12}{'failing':>9}")
    tested = []
    for rule in suites:
        tested.append(Tested(rule, *(run_suite(python, rule, side) for side in SIDES)))
        report_suite(tested[-1])
    return imported, tested


def unpacked(python: Path, release: str, side: str) -> Path:
    """Fetch and unpack a release."""
    name, _, version = release.partition("==")
    # pip asks a sdist for its name, which the setup.py of these can tell old setuptools only.
    return source(python, name, version, f"old-{side}", ["--no-build-isolation"])


def places(python: Path, rule: dict, side: str, *folders: Path) -> list[Path]:
    """The folders to import from: these, and those of the releases beside."""
    folders += tuple(unpacked(python, release, side) for release in rule.get("beside", []))
    return [home for folder in folders for home in (folder, folder / "src") if home.is_dir()]


def import_release(python: Path, release: str, rule: dict, side: str) -> Errors:
    """Import a release's modules in a process of its own."""
    folder = unpacked(python, release, side)
    environ = clean_environ(python)
    beside = [str(place) for place in places(python, rule, side)]
    environ["PYTHONPATH"] = os.pathsep.join([environ["PYTHONPATH"], *beside])
    label = f"{release}-on-{side}"
    notes = KEPT / "old" / f"{label}.jsonl"
    notes.unlink(missing_ok=True)
    alias = ["-m", "costrel.flask"] if side == "costrel" else []
    log = KEPT / "old" / f"{label}.log"
    command = [python, *alias, IMPORTER, folder, notes]
    run_bounded(command, folder, environ, log, SECONDS_PER_IMPORT)
    return read_errors(notes)


def read_errors(notes: Path) -> Errors:
    """Read what import_release has written."""
    lines = notes.read_text().splitlines() if notes.exists() else []
    errors = dict(map(json.loads, lines))
    if "" not in errors:
        return {**errors, "the process": "it ended before all modules were imported"}
    del errors[""]
    return errors or {"the release": "it names no modules"}


def run_suite(python: Path, rule: dict, side: str) -> Results:
    """Run a suite."""
    root = unpacked(python, rule["release"], side)
    folder = root / rule.get("folder", "")
    # Flask's own are to find the Flask of the environment.
    own = [] if rule["release"].startswith("flask==") else [folder, root]
    path = " ".join(f'"{place}"' for place in places(python, rule, side, *own))
    # Settings for pytest of before 4.0 end today's with an error.
    options = ["-c", str(KEPT / "pytest.ini"), "-o", f"pythonpath={path}"]
    options += rule["tests"]
    options += ["-p", PLUGIN] if side == "costrel" else []
    label = f"{rule['release']}-{Path(rule['tests'][0]).stem}-on-{side}"
    return run_tests(python, folder, f"old/{label}", options)


def report_import(imported: Imported) -> None:
    """Print a release's line and what there is to say of it."""
    cells = ["yes" if each else "no" for each in (imported.on_flask, imported.on_costrel)]
    print(f"{spaced(imported.release):<44}{cells[0]:>16}{cells[1]:>12}", flush=True)
    if not imported.on_flask:
        print(f"  on Flask: {imported.first_of(imported.real)}")
    if not imported.on_costrel:
        print(f"  on costrel: {imported.first_of(imported.ours)}")
    elif "because" in imported.rule:
        print("  no exception needed any more")


def report_suite(tested: Tested) -> None:
    """Print a suite's line and what there is to say of it."""
    cells = [len(passed(tested.real)), len(passed(tested.ours)), len(tested.failing)]
    print(f"{tested.title:<44}{cells[0]:>16}{cells[1]:>12}{cells[2]:>9}", flush=True)
    for test in tested.unexpected:
        print(f"  fails on costrel: {test}")
    for test in set(tested.reasons).difference(tested.failing):
        print(f"  no exception needed any more: {test}")


def are_good(imported: list[Imported], tested: list[Tested]) -> bool:
    """Whether all that is not excepted works on costrel."""
    whole = not any(each.unexpected for each in imported)
    return whole and all(passed(each.ours) and not each.unexpected for each in tested)


def write_old_table(imported: list[Imported], tested: list[Tested]) -> None:
    """Write what was found into the page."""
    write_between(BEGIN, END, draw(imported, tested))


def draw(imported: list[Imported], tested: list[Tested]) -> str:
    """The tables as Markdown, with reasons below each."""
    names = ("pytest", "Flask", "Werkzeug", "Jinja2", "SQLAlchemy", "WTForms", "PyJWT")
    notes = list(dict.fromkeys(why for each in tested for why in each.reasons.values()))
    lines = [
        ran_with(read_pins(PINNED), *names),
        "",
        "| can be imported | | releases |",
        "|---|---:|---|",
        *row("on costrel, not on Flask", imported, lambda it: it.on_costrel > it.on_flask),
        *row("on both", imported, lambda it: it.on_costrel and it.on_flask),
        *row("on Flask, not on costrel", imported, lambda it: it.on_costrel < it.on_flask),
        *row("on neither", imported, lambda it: not it.on_costrel and not it.on_flask),
        "",
        "Not on costrel, because",
        "",
        *left_out(imported),
        "",
        "| tests | pass on Flask | on costrel | fail there | because |",
        "|---|---:|---:|---:|---|",
        *(suite_row(each, notes) for each in tested),
        "",
        *(f"{number}. {why}" for number, why in enumerate(notes, 1)),
    ]
    return "\n".join(lines) + "\n"


def row(title: str, imported: list[Imported], suits: Callable[[Imported], bool]) -> list[str]:
    """A row with the releases that suit, if there are some."""
    releases = [each.release for each in imported if suits(each)]
    return [f"| {title} | {len(releases)} | {listed(releases)} |"] if releases else []


def left_out(imported: list[Imported]) -> list[str]:
    """A line for each reason that something does not work on costrel."""
    having: dict[str, list[str]] = {}
    for each in imported:
        if not each.on_costrel:
            why = each.rule.get("because") or each.unexpected
            having.setdefault(why, []).append(each.release)
    return [f"- {why}: {listed(releases)}" for why, releases in having.items()]


def suite_row(tested: Tested, notes: list[str]) -> str:
    """A suite's line of the table."""
    known = [tested.reasons[test] for test in tested.failing if test in tested.reasons]
    numbers = sorted({notes.index(why) + 1 for why in known})
    remarks = [", ".join(map(str, numbers))] if numbers else []
    if tested.unexpected:
        remarks.append(f"{len(tested.unexpected)} without a reason")
    cells = [len(passed(tested.real)), len(passed(tested.ours)), len(tested.failing) or ""]
    return f"| {tested.title} | {' | '.join(map(str, cells))} | {'; '.join(remarks)} |"


def listed(releases: list[str]) -> str:
    """Releases in a row, those of one name together."""
    versions: dict[str, list[str]] = {}
    for release in releases:
        name, _, version = release.partition("==")
        versions.setdefault(name, []).append(version)
    return "; ".join(f"{name} {', '.join(each)}" for name, each in versions.items())


def spaced(release: str) -> str:
    """A release's name as prose has it."""
    return release.replace("==", " ")
