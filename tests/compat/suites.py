"""What scripts/compat needs of any project's own tests: an environment, the source, a run, a count.

Law: a suite is run unedited, from a source that was unpacked for this run alone.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import venv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".artifacts" / "compat"
PLUGIN = "costrel.flask.pytest_plugin"
NOTES = Path(__file__).parent / "plugin"
SECONDS_PER_TEST = 60
SECONDS_PER_SUITE = 15 * 60

Results = dict[str, str]  # "tests/test_x.py::test_y" → passed, failed or skipped.


def environment(name: str, requirements: list[str]) -> Path:
    """Make an environment, or take the one that has these requirements already."""
    home = ROOT / ".venvs" / name
    stamp = home / "requirements"
    python = home / "bin" / "python"
    wanted = "\n".join([sys.version, *requirements])
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(home, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        subprocess.run([*pip, *requirements], check=True)
        stamp.write_text(wanted)
    return python


def same_name(name: str) -> str:
    """Spell a project's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def source(
    python: Path, name: str, version: str, label: str = "", options: Iterable[str] = ()
) -> Path:
    """Fetch a project's source, unless it is kept from before, and unpack it anew."""
    fetched = KEPT / "sources" / f"{same_name(name)}-{version}"
    if not list(fetched.glob("*.tar.gz")):
        pip = [python, "-m", "pip", "--disable-pip-version-check", "download", "-qq"]
        pip += ["--no-deps", "--no-binary", name, "--dest", fetched, *options, f"{name}=={version}"]
        subprocess.run(pip, check=True)
    unpacked = KEPT / "unpacked" / label / fetched.name
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(next(fetched.glob("*.tar.gz"))) as archive:
        archive.extractall(unpacked, filter="data")
    # A suite without settings of its own must not be given ours.
    (KEPT / "pytest.ini").touch()
    return next(path for path in unpacked.iterdir() if path.is_dir())


def run_tests(python: Path, folder: Path, label: str, options: Iterable[str]) -> Results:
    """Run a project's tests, and read what became of each."""
    notes = KEPT / f"{label}.jsonl"
    notes.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}"]
    command += ["-p", "note_outcomes", f"--note-outcomes={notes}"]
    command += [f"--timeout={SECONDS_PER_TEST}", "--continue-on-collection-errors", *options]
    log = KEPT / f"{label}.log"
    run_bounded(command, folder, clean_environ(python), log, SECONDS_PER_SUITE)
    if notes.exists():
        return read_notes(notes)
    print(f"scripts/compat: pytest broke off; see {log}")
    return {}


def run_bounded(
    command: list, folder: Path, environ: dict[str, str], log: Path, seconds: int
) -> None:
    """Run a program and write down what it prints; end it, and all it has started, in time."""
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f"scripts/compat: stopped after {seconds} s; see {log}")
        finally:
            # What its tests have started and not ended goes as well.
            end_group(process)


def clean_environ(python: Path) -> dict[str, str]:
    """The variables that suites run with: ours left out, and the environment's commands found."""
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COSTREL"))
    }
    clean["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    clean["PYTHONPATH"] = str(NOTES)
    return clean


def end_group(process: subprocess.Popen) -> None:
    """End a process and all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def read_notes(notes: Path) -> Results:
    """Read what note_outcomes has written."""
    results: Results = {}
    for line in notes.read_text().splitlines():
        test, outcome = json.loads(line)
        # A test that passed and whose fixture then failed is noted twice.
        if results.get(test) != "failed":
            results[test] = outcome
    return results


def is_among(test: str, patterns: Iterable[str]) -> bool:
    """Whether a test is named by a list of tests, files and folders."""
    return any(test == name or test.startswith((f"{name}::", f"{name}/")) for name in patterns)


def passed(results: Results) -> list[str]:
    """List the tests that passed."""
    return [test for test, outcome in results.items() if outcome == "passed"]


def count(results: Results, file: str = "") -> str:
    """Say how many tests passed and failed."""
    outcomes = Counter(
        outcome for test, outcome in results.items() if not file or is_among(test, [file])
    )
    failed = f", {outcomes['failed']} failed" if outcomes["failed"] else ""
    return f"{outcomes['passed']} passed{failed}"
