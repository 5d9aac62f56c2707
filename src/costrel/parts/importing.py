"""Import by name; find the folders of a module or package."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class ImportStringError(ImportError):
    """A dotted name could not be imported.

    :param import_name: the name as it was asked for.
    :param exception: what went wrong.
    """

    def __init__(self, import_name: str, exception: BaseException) -> None:
        super().__init__(import_name, exception)
        self.import_name = import_name
        self.exception = exception

    def __str__(self) -> str:
        found, missing = self._split_at_failure()
        where = f"{found!r} can be imported" if found else "no part of it can be imported"
        return (
            f"Could not import {self.import_name!r}: {where}, then {missing!r} failed with "
            f"{type(self.exception).__name__}: {self.exception}. Check the spelling, that each "
            "folder has an __init__.py, that the project is on sys.path, and that no file of "
            "yours hides a package of the same name."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.import_name!r}, {self.exception!r})>"

    def _split_at_failure(self) -> tuple[str, str]:
        """The longest beginning of the name that was imported, and the part after it."""
        found: list[str] = []
        for part in self.import_name.replace(":", ".").split("."):
            name = ".".join([*found, part])
            if name not in sys.modules:
                return ".".join(found), part
            found.append(part)
        return ".".join(found[:-1]), found[-1]


def import_string(import_name: str, silent: bool = False) -> Any:
    """Import a module, or an object inside one, by its dotted name.

    :param import_name: ``package.module``, ``package.module.object`` or ``package.module:object``.
    :param silent: return ``None`` where nothing of that name can be imported.
    :raises ImportStringError: if it cannot be imported and ``silent`` is not set.
    """
    name = import_name.replace(":", ".")
    try:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            # The last part may be an object, unless what is missing is something else's import.
            if "." not in name or error.name is None or not name.startswith(error.name):
                raise
        module_name, _, attribute = name.rpartition(".")
        module = import_module(module_name)
        try:
            return getattr(module, attribute)
        except AttributeError as error:
            raise ImportError(error) from None
    except ImportError as error:
        if silent:
            return None
        raise ImportStringError(import_name, error).with_traceback(error.__traceback__) from None


def find_modules(
    import_path: str, include_packages: bool = False, recursive: bool = False
) -> Iterator[str]:
    """The dotted names of all modules in a package; they are not imported.

    :param include_packages: name sub-packages too.
    :param recursive: go into sub-packages, which imports them.
    :raises ValueError: if the path is not that of a package.
    """
    from pkgutil import iter_modules  # noqa: PLC0415  # 5 ms, and few programs ask

    package = import_module(import_path)
    folders = getattr(package, "__path__", None)
    if folders is None:
        raise ValueError(f"{import_path!r} is not a package, so it has no modules to find.")
    for module in iter_modules(folders, f"{package.__name__}."):
        if include_packages or not module.ispkg:
            yield module.name
        if recursive and module.ispkg:
            yield from find_modules(module.name, include_packages, recursive=True)


def _find_spec(import_name: str) -> ModuleSpec | None:
    """How a module would be imported; ``None`` if it cannot be."""
    from importlib.util import find_spec  # noqa: PLC0415  # only where sys.modules has no answer

    try:
        return find_spec(import_name)
    except (ImportError, ValueError):  # ValueError: `__main__` in a console has no spec
        return None


def get_root_path(import_name: str) -> str:
    """The folder that a module's file, or a package's ``__init__.py``, is in.

    The current directory for what has no file, such as a console's ``__main__``.

    :raises RuntimeError: for a namespace package, which has no single folder.
    """
    file = getattr(sys.modules.get(import_name), "__file__", None)
    if file is None:
        spec = _find_spec(import_name)
        if spec is None:
            return os.getcwd()
        file = _file_of(spec)
    if file is None:
        raise RuntimeError(
            f"No root path can be found for {import_name!r}: it is a namespace package, or its "
            "loader does not tell where its file is. Pass root_path explicitly."
        )
    # os.path.abspath and not Path.resolve: links in the path stay as the user wrote them.
    return os.path.dirname(os.path.abspath(file))


def _file_of(spec: ModuleSpec) -> str | None:
    """A module's file: its loader's word, else that of the module once it is imported."""
    get_filename = getattr(spec.loader, "get_filename", None)
    if get_filename is not None:
        return str(get_filename(spec.name))
    return getattr(import_module(spec.name), "__file__", None)


def _find_package_path(import_name: str) -> str:
    """The folder on ``sys.path`` that the name's first part was, or would be, imported from."""
    spec = _find_spec(import_name.partition(".")[0])
    if spec is None:
        return os.getcwd()
    places = list(spec.submodule_search_locations or ())
    if spec.has_location:
        folder = os.path.dirname(str(spec.origin))
        return os.path.dirname(folder) if places else folder
    if not places:
        return os.getcwd()
    return os.path.dirname(_namespace_portion(import_name, places))


def _namespace_portion(import_name: str, portions: list[str]) -> str:
    """Of a namespace package's folders, the one that holds the named package."""
    spec = _find_spec(import_name)
    for inside in (spec and spec.submodule_search_locations) or ():
        for portion in portions:
            if _is_within(inside, portion):
                return portion
    return portions[0]


def _is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder's or that of something inside it, as both are spelled."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))


def find_package(import_name: str) -> tuple[str | None, str]:
    """Where a package is installed.

    :returns: the prefix it is installed under (``None`` if it is not installed), and the folder
        that holds it.
    """
    folder = os.path.abspath(_find_package_path(import_name))
    prefix = os.path.abspath(sys.prefix)  # links stay as they are
    if _is_within(folder, prefix):
        return prefix, folder
    library, name = os.path.split(folder)
    if name.lower() != "site-packages":
        return None, folder
    above, name = os.path.split(library)
    if name.lower() == "lib":  # Windows: prefix\Lib\site-packages
        return above, folder
    higher, name = os.path.split(above)
    if name.lower() == "lib":  # elsewhere: prefix/lib/pythonX.Y/site-packages
        return higher, folder
    return library, folder


def find_instance_path(import_name: str, name: str) -> str:
    """The folder for an app's own files: beside an uninstalled app, else in its prefix's ``var``.

    :param name: the app's name.
    """
    prefix, folder = find_package(import_name)
    if prefix is None:
        return os.path.join(folder, "instance")
    return os.path.join(prefix, "var", f"{name}-instance")
