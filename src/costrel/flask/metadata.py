"""What `importlib.metadata` says of flask and werkzeug where the real packages are absent."""

from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath
from importlib.metadata._meta import SimplePath
from pathlib import Path

from costrel.flask.flask_names import FLASK_VERSION
from costrel.flask.werkzeug_names import WERKZEUG_VERSION

SUMMARY = "Answered by costrel."
FLASK_REQUIRES = (
    "blinker>=1.9.0",
    "click>=8.1.3",
    "itsdangerous>=2.2.0",
    "jinja2>=3.1.2",
    "markupsafe>=2.1.1",
    "werkzeug>=3.1.0",
    'asgiref>=3.2; extra == "async"',
    'python-dotenv; extra == "dotenv"',
)
WERKZEUG_REQUIRES = ("markupsafe>=2.1.1", 'watchdog>=2.3; extra == "watchdog"')
FLASK_SCRIPT = "[console_scripts]\nflask = flask.cli:main\n"


class AliasDistribution(Distribution):
    """A distribution that is written down here instead of on disk."""

    def __init__(self, name: str, version: str, requires: tuple[str, ...], scripts: str) -> None:
        extras = [line.rpartition('extra == "')[2][:-1] for line in requires if "extra ==" in line]
        self._files = {
            "METADATA": "".join(
                (
                    f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                    f"Summary: {SUMMARY}\nRequires-Python: >=3.9\n",
                    *(f"Requires-Dist: {requirement}\n" for requirement in requires),
                    *(f"Provides-Extra: {extra}\n" for extra in extras),
                )
            ),
            "entry_points.txt": scripts,
        }

    def read_text(self, filename: str) -> str | None:
        """Read one of the metadata files, `None` if there is none of that name."""
        return self._files.get(filename)

    def locate_file(self, path: "str | PackagePath") -> SimplePath:  # type: ignore[override]  # typeshed's argument type differs between versions
        """Say where a file of the distribution would be."""
        return Path(__file__).parent / path


DISTRIBUTIONS = {
    "flask": AliasDistribution("Flask", FLASK_VERSION, FLASK_REQUIRES, FLASK_SCRIPT),
    "werkzeug": AliasDistribution("Werkzeug", WERKZEUG_VERSION, WERKZEUG_REQUIRES, ""),
}


def find(name: str | None) -> Iterator[AliasDistribution]:
    """Find the distribution of a name, or all of them for no name."""
    if name is None:
        yield from DISTRIBUTIONS.values()
    elif name.lower() in DISTRIBUTIONS:
        yield DISTRIBUTIONS[name.lower()]
