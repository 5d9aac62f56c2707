"""Published extensions and applications: their suites on Flask and on costrel, and their table.

Law: both runs have one environment, the same files and the same options, but for the alias.
"""

import json
import platform
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from suites import KEPT, PLUGIN, ROOT, Results, environment, passed, run_tests, same_name, source

RULES = ROOT / "tests" / "compat" / "extensions.toml"
PINNED = ROOT / "tests" / "compat" / "extensions.txt"
PAGE = ROOT / "docs" / "extensions.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of the table -->"
# Warnings that a suite takes for errors come from versions that it does not know yet.
UNEDITED = ["-o", "addopts=", "-o", "filterwarnings="]
KEYS = {"application", "tests", "options", "pytest_flask", "exceptions", "remark"}


@dataclass
class Compared:
    """What became of one project's tests on both."""

    name: str
    version: str
    rule: dict
    real: Results
    ours: Results

    @property
    def on_costrel(self) -> list[str]:
        """The tests that pass on both."""
        return [test for test in passed(self.real) if self.ours.get(test) == "passed"]

    @property
    def failing(self) -> list[str]:
        """The tests that pass on Flask only."""
        return [test for test in passed(self.real) if self.ours.get(test) != "passed"]

    @property
    def reasons(self) -> dict[str, str]:
        """The tests that may do so, each with its reason."""
        return {entry["test"]: entry["reason"] for entry in self.rule.get("exceptions", [])}

    @property
    def unexpected(self) -> list[str]:
        """The tests that may not."""
        return [test for test in self.failing if test not in self.reasons]

    def settle(self, tests: list[str], real: Results, ours: Results) -> list[str]:
        """Take over what a second run says of some tests; return those that fail on Flask in it."""
        for test in tests:
            self.real[test] = real.get(test, "passed")
            self.ours[test] = ours.get(test, "failed")
        return [test for test in tests if self.real[test] != "passed"]


def read_rules() -> dict[str, dict]:
    """Read what each project needs."""
    rules = tomllib.loads(RULES.read_text())
    for name, rule in rules.items():
        if unknown := set(rule) - KEYS:
            raise SystemExit(f"{RULES.name}: [{name}] has {unknown}; known are {sorted(KEYS)}.")
    return rules


def read_pins(file: Path = PINNED) -> dict[str, str]:
    """Read which versions an environment has."""
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    pairs = [line.split("==") for line in lines if line]
    return {same_name(name): version for name, version in pairs}


def pinned_environment(name: str, pins: dict[str, str]) -> Path:
    """Make an environment of these versions and costrel, whatever they ask for themselves."""
    pinned = [f"{package}=={version}" for package, version in pins.items()]
    return environment(name, ["--no-deps", *pinned, "-e", str(ROOT)])


def run_extensions(names: list[str]) -> list[Compared]:
    """Run the suites of these projects on both, and say what came out."""
    rules, pins = read_rules(), read_pins()
    python = pinned_environment("compat-extensions", pins)
    print(f"\n{'':<44}{'on Flask':>16}{'of these on costrel':>22}")
    found = []
    for name in names:
        compared = compare(python, name, pins[name], rules[name])
        report(compared)
        found.append(compared)
    return found


def compare(python: Path, name: str, version: str, rule: dict) -> Compared:
    """Run a project's suite on both, and once more what passes on Flask only."""

    def run_both(label: str, options: list[str]) -> list[Results]:
        sides = (("flask", []), ("costrel", ["-p", PLUGIN]))
        found = []
        for side, plugin in sides:
            folder = source(python, name, version, side)
            words = [*options_of(name, rule, folder), *plugin, *options]
            found.append(run_tests(python, folder, f"{name}-on-{side}{label}", words))
        return found

    compared = Compared(name, version, rule, *run_both("", []))
    # A network, a clock or chance that a test hangs on is not costrel's: alone first, and a test
    # that fails so on Flask, too, after those that it may need.
    if again := compared.unexpected:
        only = KEPT / f"{name}-again.json"
        only.write_text(json.dumps(again))
        again = compared.settle(again, *run_both("-alone", [f"--only-tests={only}"]))
    if again:
        again = compared.settle(again, *run_both("-again", []))
    for test in again:
        print(f"  fails on Flask, too, when run once more: {test}")
    return compared


def options_of(name: str, rule: dict, folder: Path) -> list[str]:
    """The options of a project's suite that are the same on both, and its files."""
    options = [*UNEDITED, *rule.get("options", [])]
    if not rule.get("pytest_flask"):
        # It would change what the apps of suites answer that do not ask for it.
        options += ["-p", "no:flask"]
    for pattern in rule.get("tests", ["tests"]):
        files = sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))
        if not files:
            raise SystemExit(f"{RULES.name}: [{name}] names {pattern}, which its source lacks.")
        options += files
    return options


def report(compared: Compared) -> None:
    """Print a project's line and what there is to say of it."""
    title = f"{compared.name} {compared.version}"
    cells = [len(passed(compared.real)), len(compared.on_costrel)]
    print(f"{title:<44}{cells[0]:>16}{cells[1]:>22}", flush=True)
    for file in sorted({*broken(compared.real), *broken(compared.ours)}):
        sides = [file in broken(compared.real), file in broken(compared.ours)]
        where = "either" if all(sides) else "Flask" if sides[0] else "costrel"
        print(f"  not collected on {where}: {file}")
    if not passed(compared.real):
        print("  no test passes on Flask, so that nothing is compared")
    for test in compared.unexpected:
        print(f"  fails on costrel: {test}")
    for test in set(compared.reasons).difference(compared.failing):
        print(f"  no exception needed any more: {test}")


def broken(results: Results) -> list[str]:
    """List the files that could not be collected."""
    return [test for test in results if results[test] == "failed" and "::" not in test]


def is_good(compared: Compared) -> bool:
    """Whether all that passes on Flask passes on costrel, or may fail."""
    return bool(passed(compared.real)) and not compared.unexpected


def write_table(found: list[Compared]) -> None:
    """Write what was found into the page."""
    write_between(BEGIN, END, draw(found))


def write_between(begin: str, end: str, text: str) -> None:
    """Write a text into the page, between two marks."""
    before, rest = PAGE.read_text().split(begin)
    _, after = rest.split(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def draw(found: list[Compared]) -> str:
    """The table as Markdown, and below it what passes on Flask only, with its reasons."""
    pins = read_pins()
    notes = list(dict.fromkeys((each.name, why) for each in found for why in known(each)))
    lines = [
        ran_with(pins, "pytest", "Flask", "Werkzeug"),
        "",
        "| project | version | on Flask | on costrel | fail on Flask too | remarks |",
        "|---|---|---:|---:|---:|---|",
        *(row(each, notes) for each in found),
    ]
    sums = [sum(len(passed(each.real)) for each in found)]
    sums += [sum(len(each.on_costrel) for each in found)]
    lines += [f"| **together** | | **{sums[0]}** | **{sums[1]}** | | |", ""]
    if notes:
        lines += ["What passes on Flask and not on costrel:", ""]
        lines += [f"{number}. {name}: {why}" for number, (name, why) in enumerate(notes, 1)]
    return "\n".join(lines) + "\n"


def ran_with(pins: dict[str, str], *names: str) -> str:
    """Say when the run was, and with which versions."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    versions = ", ".join(f"{name} {pins[same_name(name)]}" for name in names)
    return f"Run on {datetime.now(UTC):%Y-%m-%d}: {python}, {versions}."


def known(compared: Compared) -> list[str]:
    """The reasons of what fails on costrel only, as far as there are some."""
    return [compared.reasons[test] for test in compared.failing if test in compared.reasons]


def row(compared: Compared, notes: list[tuple[str, str]]) -> str:
    """A project's line of the table."""
    remarks = [compared.rule["remark"]] if "remark" in compared.rule else []
    numbers = dict.fromkeys(notes.index((compared.name, why)) + 1 for why in known(compared))
    remarks += [str(number) for number in numbers]
    if compared.unexpected:
        remarks.append(f"{len(compared.unexpected)} without a reason")
    name = f"*{compared.name}*" if compared.rule.get("application") else compared.name
    failed = list(compared.real.values()).count("failed") or ""
    cells = [len(passed(compared.real)), len(compared.on_costrel), failed, "; ".join(remarks)]
    return f"| {name} | {compared.version} | {' | '.join(map(str, cells))} |"
