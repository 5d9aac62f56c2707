"""The modules that error trackers and tracers know an app's class and the HTTP errors by.

Law: a class is given the module of its alias when a program asks the alias for something, and only
where the class is loaded by then. It can be imported from there, so that pickles load.
"""

import sys
from collections.abc import Callable

# Our module → the alias module that its public classes are known to be in.
KNOWN_IN = {
    "costrel.app": "flask.app",
    "costrel.http.exceptions": "werkzeug.exceptions",
    "costrel.routing.outcomes": "werkzeug.routing.exceptions",
}
# Those whose classes have the name of ours yet: filled when the alias is installed.
UNNAMED: dict[str, str] = {}


def name_classes(targets_of: Callable[[str], dict[str, str]]) -> None:
    """Give the classes of modules that are loaded by now the module that programs know them by.

    Args:
        targets_of: an alias module → its names, each with its target.

    """
    for ours, theirs in list(UNNAMED.items()):
        module = sys.modules.get(ours)
        if module is None:
            continue
        del UNNAMED[ours]
        for name, target in targets_of(theirs).items():
            kind = vars(module).get(name) if target == f"{ours}:{name}" else None
            if isinstance(kind, type):
                kind.__module__ = theirs
