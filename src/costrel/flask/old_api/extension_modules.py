"""`flask.ext.NAME` and `flaskext.NAME`, which are `flask_NAME`.

Law: the extension itself is imported, by its own name, and stands under the old one as well: there
is one of each of its modules.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType


class ExtensionFinder:
    """Finds extensions by the names that they had until Flask 1.0.

    Args:
        package: `flask.ext` or `flaskext`.

    """

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the package, which is empty, and for all that is below it."""
        if fullname == self.package:
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]  # typeshed wants the deprecated load_module
        return ModuleSpec(fullname, self) if fullname.startswith(f"{self.package}.") else None  # type: ignore[arg-type]  # as above

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system, which makes one that is put aside."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the extension in the module's place.

        Raises:
            ModuleNotFoundError: it is not installed.

        """
        if module.__name__ == self.package:
            return
        name = f"flask_{module.__name__.removeprefix(f'{self.package}.')}"
        root = name.partition(".")[0]
        try:
            sys.modules[module.__name__] = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != root:
                raise
            raise ModuleNotFoundError(
                f"{module.__name__} is the module {name} now, and that is not installed: "
                f"`pip install {root.replace('_', '-')}`.",
                name=name,
            ) from None
