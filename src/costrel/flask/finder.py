"""Answer imports of flask and werkzeug with costrel's objects, by table.

Law: installing inserts finders and does nothing else; no other room of costrel is imported
before a program asks for one of its names. (A program may still patch its standard library.)
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from opcode import opmap
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from costrel.flask.class_modules import KNOWN_IN, UNNAMED, name_classes
from costrel.flask.flask_names import FLASK
from costrel.flask.old_api.extension_modules import ExtensionFinder
from costrel.flask.old_api.old_names import GONE, OLD, STAND_INS
from costrel.flask.passing_names import PASSING
from costrel.flask.werkzeug_names import WERKZEUG
from costrel.http.known_as import MODULE_NAMES, VIEW_NAMES, Product

if TYPE_CHECKING:
    from importlib.metadata import Distribution, DistributionFinder

    from costrel.flask.package_files import PackageFiles

Table = dict[str, dict[str, str]]

# What an alias package has as its path. No directory: the real package's must not be searched.
PATH_PREFIX = "<costrel.flask>/"
MODULES = "import"  # The home of names that are modules themselves.
TABLE_FILES = {"flask": "flask_names.py", "werkzeug": "werkzeug_names.py"}
# Where the classes live that have old attributes beside today's, once a program asks for one.
HOMES_OF_CLASSES = {"costrel.app", "costrel.declare.blueprint"}
MAIN = "from flask.cli import main\n\nmain()\n"

# Every alias module that has already looked a target up, so that a patch reaches all of them.
HOLDERS: dict[str, list[tuple["AliasModule", str]]] = {}


def merge(*tables: Table) -> Table:
    """Join tables; rows of one module are joined as well."""
    merged: Table = {}
    for table in tables:
        for module, homes in table.items():
            rows = merged.setdefault(module, {})
            for home, names in homes.items():
                rows[home] = f"{rows[home]} {names}" if home in rows else names
    return merged


def targets_of(table: Table, module: str) -> dict[str, str]:
    """List a module's names, each with its target: `home:attribute`, or a module's name."""
    return {name: way[-1] for name, way in ways_of(table, module).items()}


def ways_of(table: Table, module: str) -> dict[str, list[str]]:
    """List a module's names, each with the alias modules it comes through and its target."""
    found: dict[str, list[str]] = {}
    for home, names in table[module].items():
        for entry in names.split():
            theirs, _, ours = entry.partition("=")
            found[theirs] = _way(table, home, ours or theirs)
    return found


def _way(table: Table, home: str, name: str) -> list[str]:
    if home == MODULES:
        return [name]
    # A name that comes from another alias module is looked up there: homes are written once.
    for real_home, names in table.get(home, {}).items():
        for entry in names.split():
            theirs, _, ours = entry.partition("=")
            if theirs == name:
                return [home, *_way(table, real_home, ours or theirs)]
    return [f"{home}:{name}"]


def children_of(table: Table, module: str) -> list[str]:
    """Name the modules directly inside an alias package."""
    start = f"{module}."
    inside = (name.removeprefix(start) for name in table if name.startswith(start))
    return sorted(name for name in inside if "." not in name)


class AliasModule(ModuleType):
    """A module whose names live elsewhere: reading, patching and deleting go through."""

    _targets: dict[str, str]
    _through: dict[str, list[str]]
    _children: Sequence[str]

    def __getattr__(self, name: str) -> Any:
        if name in self._children:
            return import_module(f"{self.__name__}.{name}")
        target = self._targets.get(name)
        if target is None:
            raise _absence(self.__name__, name, None, sys._getframe(1))
        # Tools that wait for a module's import to patch it (tracers) wait for these.
        for passed in self._through[name]:
            import_module(passed)
        try:
            value = _read(target)
        except (AttributeError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and error.name != target.partition(":")[0]:
                raise
            raise _absence(self.__name__, name, target, sys._getframe(1)) from error
        if self._patched_target(name):
            vars(self)[name] = value
            HOLDERS.setdefault(target, []).append((self, name))
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        target = self._patched_target(name)
        home, _, attribute = target.partition(":")
        if attribute:
            setattr(import_module(home), attribute, value)
        for module, alias in HOLDERS.get(target, ()):
            vars(module)[alias] = value
        super().__setattr__(name, value)
        if attribute:
            HOLDERS.setdefault(target, []).append((self, name))

    def __delattr__(self, name: str) -> None:
        target = self._patched_target(name)
        home, _, attribute = target.partition(":")
        if not attribute:
            super().__delattr__(name)
            return
        delattr(import_module(home), attribute)
        for module, alias in HOLDERS.pop(target, ()):
            vars(module).pop(alias, None)

    def _patched_target(self, name: str) -> str:
        """The target of a name, where patching goes through to it.

        What a module has of the standard library is patched in it alone: who freezes the time
        here, as hiro does in every module, must not do so everywhere, nor leave it frozen here.
        """
        target = self._targets.get(name, "")
        library = target.partition(":")[0].partition(".")[0]
        return "" if library in sys.stdlib_module_names else target

    def __dir__(self) -> Iterable[str]:
        return sorted({*vars(self), *self._targets, *self._children})


def _read(target: str) -> Any:
    home, _, attribute = target.partition(":")
    module = import_module(home)
    if home in HOMES_OF_CLASSES:
        import_module("costrel.flask.old_api.classes").give_all()
    if UNNAMED:
        name_classes(lambda module: targets_of(ALIAS, module))
    return getattr(module, attribute) if attribute else module


def _absence(module: str, name: str, target: str | None, asker: FrameType) -> Exception:
    """Say that a name is not there, in the kind of error that the asker expects."""
    if name.startswith("__"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    text = f"costrel has no {module}.{name}. {_advice(f'{module}.{name}')}"
    if target:
        text = f"costrel has no {module}.{name} yet: it should be {target}."
        library = target.partition(":")[0].partition(".")[0]
        if find_spec(library) is None:
            text = f"{module}.{name} is {library}'s now, and that is not installed: "
            text += f"`pip install {library}`."
    # `from module import name` turns an AttributeError into a text of its own; an ImportError
    # passes as it is. Anyone else (hasattr, getattr) must get an AttributeError.
    if asker.f_code.co_code[asker.f_lasti] == opmap["IMPORT_FROM"]:
        return ImportError(text, name=module)
    return AttributeError(text, name=name)


def _advice(name: str) -> str:
    """What to do about a name or a module that is not there."""
    return GONE.get(name) or (
        "The alias answers for the public names of Flask 3.1 and Werkzeug 3.1, and for what took "
        "the place of older ones: use one of those, or run this program without costrel.flask."
    )


class AliasLoader:
    """Makes alias modules out of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the module; its names are looked up when they are asked for."""
        module = AliasModule(spec.name)
        ways = {} if _is_main(spec.name) else ways_of(self.table, spec.name)
        vars(module)["_targets"] = {name: way[-1] for name, way in ways.items()}
        vars(module)["_through"] = {name: way[:-1] for name, way in ways.items()}
        vars(module)["_children"] = children_of(self.table, spec.name)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Fill in what a module says about itself, or run `flask.__main__`."""
        name = module.__name__
        if _is_main(name):
            exec(self.get_code(name), vars(module))  # noqa: S102  # two lines of our own
            return
        vars(module)["__doc__"] = f"{name}, answered by costrel."
        vars(module)["__all__"] = [entry for entry in vars(module)["_targets"] if entry[0] != "_"]

    def is_package(self, fullname: str) -> bool:
        """Whether the module is a package."""
        return bool(children_of(self.table, fullname)) or "." not in fullname

    def get_source(self, fullname: str) -> str:
        """Write the module out as the imports it stands for."""
        if _is_main(fullname):
            return MAIN
        lines = [f'"""{fullname}, answered by costrel."""', ""]
        for name, target in sorted(targets_of(self.table, fullname).items()):
            home, _, attribute = target.partition(":")
            parent, _, child = home.rpartition(".") if not attribute else (home, "", attribute)
            lines.append(f"from {parent} import {child} as {name}" if parent else f"import {home}")
        return "\n".join(lines) + "\n"

    def get_code(self, fullname: str) -> CodeType:
        """Compile the module's source, for `python -m` and for tools."""
        return compile(self.get_source(fullname), f"<costrel.flask {fullname}>", "exec")

    def get_resource_reader(self, fullname: str) -> "PackageFiles":
        """Open the directory in which the alias lies: alias modules have no files of their own."""
        # importlib.resources is heavy, and only programs that read resources come here.
        from costrel.flask.package_files import PackageFiles  # noqa: PLC0415

        return PackageFiles(Path(__file__).parent)


def _is_main(name: str) -> bool:
    return name == "flask.__main__"


class AliasFinder:
    """Finds the modules of a table.

    Args:
        table: alias modules with their names' homes.
        is_last: whether other finders are asked first; such a finder only fills gaps.

    """

    def __init__(self, table: Table, *, is_last: bool = False) -> None:
        self.table = table
        self.roots = {name.partition(".")[0] for name in table}
        self.loader = AliasLoader(table)
        self.is_last = is_last

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Answer for every module below the table's roots, also with a refusal."""
        root, _, rest = fullname.partition(".")
        if root not in self.roots:
            return None
        if fullname in self.table or _is_main(fullname):
            return self._spec(fullname)
        if rest and f"{PATH_PREFIX}{fullname.rpartition('.')[0]}" not in (path or ()):
            return None  # Below a real package of that name; not ours.
        raise ModuleNotFoundError(
            f"costrel has no module {fullname}. {_advice(fullname)}", name=fullname
        )

    def _spec(self, fullname: str) -> ModuleSpec:
        is_package = not _is_main(fullname) and self.loader.is_package(fullname)
        spec = spec_from_loader(
            fullname,
            self.loader,  # type: ignore[arg-type]  # typeshed wants the deprecated load_module
            is_package=is_package,
        )
        assert spec is not None
        # The table stands in for a source file: programs ask modules for `__file__`.
        root = fullname.partition(".")[0]
        spec.origin = str(Path(__file__).parent / TABLE_FILES.get(root, "old_api/old_names.py"))
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [PATH_PREFIX + fullname]
        return spec

    def find_distributions(
        self, context: "DistributionFinder.Context | None" = None
    ) -> "Iterable[Distribution]":
        """Answer for flask's and werkzeug's metadata where no real package does."""
        if not self.is_last:
            return ()
        # importlib.metadata brings in the email package; who asks for it has it loaded already.
        from costrel.flask.metadata import find  # noqa: PLC0415

        return find(context.name if context else None)


class AliasEntry:
    """Lists an alias package's modules, for pkgutil."""

    def __init__(self, path: str) -> None:
        if not path.startswith(PATH_PREFIX):
            raise ImportError(f"{path!r} is no path of costrel.flask's.", path=path)
        self.package = path.removeprefix(PATH_PREFIX)

    def iter_modules(self, prefix: str = "") -> Iterator[tuple[str, bool]]:
        """Yield each module's name and whether it is a package."""
        # Their loader may be another's around ours, so that it is not asked.
        for name in sys.modules[self.package]._children:
            spec = find_spec(f"{self.package}.{name}")
            is_package = spec is not None and spec.submodule_search_locations is not None
            yield prefix + name, is_package

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> None:
        """Find nothing: the finder at the front has answered already."""


ALIAS = merge(FLASK, WERKZEUG, OLD, PASSING)


def install() -> None:
    """Let `flask`, `flask.*` and `werkzeug.*` mean costrel from here on.

    Raises:
        RuntimeError: one of the real packages is imported already.

    """
    if any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        return
    for root in ("flask", "werkzeug"):
        if root in sys.modules and not isinstance(sys.modules[root], AliasModule):
            raise RuntimeError(_too_late(root))
    sys.meta_path[:0] = [ExtensionFinder("flask.ext"), AliasFinder(ALIAS)]
    sys.meta_path += [AliasFinder(STAND_INS, is_last=True), ExtensionFinder("flaskext")]
    sys.path_hooks.append(AliasEntry)
    # What programs written for Flask know the app's module, our views and the test client by.
    MODULE_NAMES["costrel.app"] = "flask.app"
    UNNAMED.update(KNOWN_IN)
    VIEW_NAMES["costrel.app.static"] = "flask.app:Flask.__init__.<locals>.<lambda>"
    VIEW_NAMES["costrel.shortcuts.sending.send_static_file"] = (
        "flask.blueprints:Blueprint.send_static_file"
    )
    Product.name, Product.distribution = "Werkzeug", "werkzeug"


def _too_late(root: str) -> str:
    users = ", ".join(_users_of(root)) or "a module that no longer refers to it"
    return (
        f"The real {root} is already imported, by {users}. Two Flasks in one process would not "
        "know each other's classes. Call costrel.flask.install() before anything imports flask "
        "or werkzeug, or start the program with `python -m costrel.flask program.py`."
    )


def _users_of(root: str) -> list[str]:
    """Name up to three modules that refer to a package, the earliest imported first."""
    users: list[str] = []
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in {"flask", "werkzeug", "costrel"}:
            continue
        if any(
            _comes_from(root, value) for value in list(getattr(module, "__dict__", {}).values())
        ):
            file = getattr(module, "__file__", None)
            users.append(f"{name} ({file})" if file else name)
    return users[:3]


def _comes_from(root: str, value: object) -> bool:
    # The type is asked, not the value: a proxy would run code to answer `isinstance`.
    attribute = {ModuleType: "__name__", FunctionType: "__module__"}.get(type(value))
    if attribute is None and issubclass(type(value), type):
        attribute = "__module__"
    name = getattr(value, attribute, None) if attribute else None
    return isinstance(name, str) and name.partition(".")[0] == root
