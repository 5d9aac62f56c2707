"""A pytest plug-in: write down what became of each test, as soon as it is known.

Law: it imports nothing that a suite tests. What is written is there when the run is cut short, too.
"""

import json
from pathlib import Path


class Notes:
    """A line of JSON per outcome: the test's name and passed, failed or skipped."""

    def __init__(self, path, only):
        self.file = open(path, "w", buffering=1)
        self.only = json.loads(Path(only).read_text()) if only else None

    def pytest_collection_modifyitems(self, items):
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.only]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            self.write(report.nodeid, report.outcome)

    def pytest_collectreport(self, report):
        if not report.passed:
            self.write(report.nodeid, report.outcome)

    def write(self, test, outcome):
        self.file.write(json.dumps([test, outcome]) + "\n")


def pytest_addoption(parser):
    parser.addoption("--note-outcomes", help="the file that outcomes are written to")
    parser.addoption("--only-tests", help="a file with a JSON list of the tests to run")


def pytest_configure(config):
    notes = Notes(config.getoption("--note-outcomes"), config.getoption("--only-tests"))
    config.pluginmanager.register(notes)
