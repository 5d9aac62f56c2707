"""Config: a dictionary that loads itself from files, objects and the environment.

Law: only names in capitals are settings, and printing a config never shows its secrets. What others
make of settings is dropped when one of them changes.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from costrel.http.callback_dict import UpdateDictMixin
from costrel.http.late_pattern import late_pattern
from costrel.parts.importing import import_string

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")

MASK = "********"
_SECRET_NAME = late_pattern(
    r"(?:^|_)(?:SECRETS?|(?:API|ACCESS|PRIVATE)?KEYS?|PASS(?:WORD|WD|PHRASE)?|PWD|(?:AUTH)?TOKENS?"
    r"|CREDENTIALS?|SALT|PEPPER|PIN)(?:_|$)",
    re.IGNORECASE,
)
# scheme://user:password@host, as in a database's address.
_URL_PASSWORD = late_pattern(r"(?<=://)([^/@:\s]*):[^/@\s]+(?=@)")
# No file there, or a folder in its place, or a file in a folder's place.
_ABSENT = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR})


class Configured(Protocol):
    """What has a config."""

    @property
    def config(self) -> Config:
        """The settings."""


class ConfigAttribute(Generic[T]):
    """An attribute of the app that lives in its config.

    :param name: the key in the config.
    :param get_converter: applied to the value whenever it is read.
    """

    def __init__(self, name: str, get_converter: Callable[[Any], T] | None = None) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: Configured, owner: type) -> T: ...
    def __get__(self, obj: Configured | None, owner: type | None = None) -> T | Self:
        if obj is None:
            return self
        value: T = obj.config[self.__name__]
        return value if self.get_converter is None else self.get_converter(value)

    def __set__(self, obj: Configured, value: Any) -> None:
        obj.config[self.__name__] = value


def _mask(name: object, value: Any) -> Any:
    """What may be shown of a setting's value."""
    if not value or isinstance(value, bool):
        # That a secret is missing is worth seeing and tells nothing.
        return value
    if isinstance(name, str) and _SECRET_NAME.search(name):
        return MASK
    if isinstance(value, str):
        return _URL_PASSWORD.sub(rf"\1:{MASK}", value)
    if type(value) is dict:
        return {key: _mask(key, inner) for key, inner in value.items()}
    if type(value) in {list, tuple, set, frozenset}:
        return type(value)(_mask(None, inner) for inner in value)
    return value


class Derived(dict[str, Any]):
    """What was made of settings, by name; a copy begins empty, as its settings may be changed."""

    def __reduce__(self) -> tuple[type[Derived], tuple[()]]:
        return Derived, ()


def _drop_derived(config: Config) -> None:
    # Another one, so that what a thread makes of the old settings is not kept beside the new ones.
    config.derived = Derived()


class Config(UpdateDictMixin[str, Any]):
    """Settings by name.

    :param root_path: the folder that file names are relative to.
    :param defaults: settings to begin with.
    :ivar derived: what was made of the settings. Whoever keeps something here takes this
        dictionary first and reads the settings then.
    """

    on_update = staticmethod(_drop_derived)

    def __init__(
        self, root_path: str | os.PathLike[str], defaults: dict[str, Any] | None = None
    ) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path
        self.derived = Derived()

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Load the Python file that an environment variable names.

        :param silent: do not complain if the variable or the file is missing.
        :returns: whether a file was loaded.
        :raises RuntimeError: if the variable is not set or empty.
        """
        filename = os.environ.get(variable_name)
        if filename:
            return self.from_pyfile(filename, silent=silent)
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set, so there is no configuration "
            "to load. Set it to the path of a configuration file."
        )

    def from_prefixed_env(
        self, prefix: str = "FLASK", *, loads: Callable[[str], Any] = json.loads
    ) -> bool:
        """Load every environment variable whose name begins with a prefix and ``_``.

        Values are read as JSON where they are JSON, else as text. Two underscores go one level
        down: ``FLASK_DB__PORT`` sets ``config["DB"]["PORT"]``.

        :param loads: reads a value; raises where it cannot.
        """
        start = f"{prefix}_"
        for variable in sorted(os.environ):
            if not variable.startswith(start):
                continue
            text = os.environ[variable]
            try:
                value = loads(text)
            except Exception:  # whatever a reader of the user's raises: then it is plain text
                value = text
            *path, last = variable.removeprefix(start).split("__")
            place: dict[str, Any] = self
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
        return True

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file and take the names in capitals that it leaves behind.

        :param filename: relative to ``root_path``.
        :param silent: do not complain if there is no such file.
        :returns: whether the file was loaded.
        """
        path = self._find_file(filename)
        source = self._read(path, bytes_from, silent)
        if source is None:
            return False
        module = ModuleType("config")
        module.__file__ = path
        exec(compile(source, path, "exec"), vars(module))  # noqa: S102  # that is what it is for
        self.from_object(module)
        return True

    def from_object(self, obj: object | str) -> None:
        """Take every attribute in capitals of an object, often a module or a class.

        :param obj: the object, or the dotted name to import it by.
        """
        if isinstance(obj, str):
            obj = import_string(obj)
        for name in dir(obj):
            if name.isupper():
                self[name] = getattr(obj, name)

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[IO[Any]], Mapping[str, Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Load a file with a reader such as ``json.load`` or ``tomllib.load``.

        :param filename: relative to ``root_path``.
        :param load: reads an open file and returns a mapping.
        :param silent: do not complain if there is no such file.
        :param text: open the file for text and not for bytes.
        :returns: whether the file was loaded.
        """
        mode = "r" if text else "rb"

        def read(path: str) -> Mapping[str, Any]:
            with open(path, mode, encoding=None if mode == "rb" else "utf-8") as file:
                return load(file)

        settings = self._read(self._find_file(filename), read, silent)
        return settings is not None and self.from_mapping(settings)

    def from_mapping(
        self, mapping: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None, **kwargs: Any
    ) -> bool:
        """Take the items in capitals of a mapping and of the keyword arguments; return ``True``."""
        settings = dict(mapping or (), **kwargs)
        self.update({name: value for name, value in settings.items() if name.isupper()})
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, Any]:
        """The settings whose names begin alike, for instance as keyword arguments.

        :param namespace: the beginning, such as ``"MAIL_"``.
        :param lowercase: return names in lower case.
        :param trim_namespace: return names without the beginning.
        """
        found = {}
        for name, value in self.items():
            if name.startswith(namespace):
                short = name.removeprefix(namespace) if trim_namespace else name
                found[short.lower() if lowercase else short] = value
        return found

    def _find_file(self, filename: str | os.PathLike[str]) -> str:
        return os.path.join(self.root_path, filename)

    def _read(self, path: str, read: Callable[[str], T], silent: bool) -> T | None:
        """Read a file; ``None`` if it is absent and that is no matter."""
        try:
            return read(path)
        except OSError as error:
            if silent and error.errno in _ABSENT:
                return None
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise

    def __repr__(self) -> str:
        shown = {name: _mask(name, value) for name, value in self.items()}
        return f"<{type(self).__name__} {shown!r}>"


def bytes_from(path: str) -> bytes:
    """A file's contents; the compiler reads the encoding out of them."""
    with open(path, "rb") as file:
        return file.read()
