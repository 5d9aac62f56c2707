"""Find the application that a command works on: by name, in a module, or in the usual places."""

from __future__ import annotations

import ast
import os
import re
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

import click

from costrel.app import Flask
from costrel.parts.environment import get_debug_flag

# What is looked for where nothing is said, in this order.
APP_NAMES = ("app", "application")
FACTORY_NAMES = ("create_app", "make_app")
DEFAULT_FILES = ("wsgi.py", "app.py")
# The first colon that does not belong to a Windows drive.
_PATH_AND_NAME = re.compile(r"(.*?):(?![\\/])(.*)", re.DOTALL)


class NoAppException(click.UsageError):
    """No application was found; the text says what was searched, and for what."""


def find_best_app(module: Any) -> Flask:
    """Find the application in a module: by its usual names, by its kind, or by its factory.

    :raises NoAppException: there is none, or more than one.
    """
    for name in APP_NAMES:
        found = getattr(module, name, None)
        if isinstance(found, Flask):
            return found
    apps = {name: value for name, value in vars(module).items() if isinstance(value, Flask)}
    module_name = getattr(module, "__name__", "the module")
    if len(apps) == 1:
        return next(iter(apps.values()))
    if apps:
        raise NoAppException(
            f"{module_name!r} has several applications: {', '.join(sorted(apps))}. Say which, as "
            f"in --app {module_name}:{min(apps)}"
        )
    for name in FACTORY_NAMES:
        factory = getattr(module, name, None)
        if isinstance(factory, FunctionType):
            made = call_factory(factory, (), {}, f"{module_name}:{name}")
            if isinstance(made, Flask):
                return made
    raise NoAppException(
        f"{module_name!r} has no application. Searched were {_or(APP_NAMES)}, any costrel.Flask "
        f"object, and the factories {_or(FACTORY_NAMES)}. If it has another name, say so, as in "
        f"--app {module_name}:name{_hint_at_flask(module)}"
    )


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(repr(name) for name in names)


def _hint_at_flask(module: Any) -> str:
    """What to do with a module whose application is one of the real Flask."""
    for value in vars(module).values():
        if any(base.__module__.startswith("flask.") for base in type(value).__mro__):
            return (
                ". It does have an application of the package flask: run that on costrel with\n"
                "    python -m costrel.flask -m flask " + " ".join(sys.argv[1:])
            )
    return ""


def call_factory(
    factory: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str
) -> Any:
    """Call a factory.

    :param name: what to call it in an error.
    :raises NoAppException: it does not take these arguments.
    """
    try:
        return factory(*args, **kwargs)
    except TypeError as error:
        if not _called_with_wrong_args(factory):
            raise
        raise NoAppException(
            f"The factory {name} was called with other arguments than it takes ({error}). Give "
            f"them with its name, as in --app \"{name}('value')\""
        ) from error


def _called_with_wrong_args(function: Callable[..., Any]) -> bool:
    """Whether the TypeError being handled is about a call, and not from inside the function."""
    code = getattr(function, "__code__", None)
    steps = sys.exc_info()[2]
    while steps is not None:
        if steps.tb_frame.f_code is code:
            return False
        steps = steps.tb_next
    return True


def find_app_by_string(module: ModuleType, app_name: str) -> Flask:
    """Find the application by its name in a module, or by a factory's name and arguments.

    :param app_name: ``name`` or ``name(arguments)``; arguments are Python literals.
    :raises NoAppException: there is nothing of that name, or it is no application.
    """
    name, args, kwargs = parse_app_name(app_name)
    try:
        found = getattr(module, name)
    except AttributeError as error:
        raise NoAppException(f"{module.__name__!r} has nothing called {name!r}.") from error
    if isinstance(found, FunctionType) or args or kwargs:
        found = call_factory(found, args, kwargs, f"{module.__name__}:{name}")
    if isinstance(found, Flask):
        return found
    raise NoAppException(
        f"'{module.__name__}:{app_name}' is no application but {found!r}. It has to be a "
        f"costrel.Flask object, or a function that returns one.{_hint_at_flask(module)}"
    )


def parse_app_name(app_name: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Split ``name(arguments)`` into name, arguments and keyword arguments.

    :raises NoAppException: it is not written like that.
    """
    try:
        tree = ast.parse(app_name.strip(), mode="eval").body
        if isinstance(tree, ast.Name):
            return tree.id, (), {}
        if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
            raise ValueError("neither a name nor a call")  # noqa: TRY004  # of the text, not of a type
        if any(word.arg is None for word in tree.keywords):
            raise ValueError("a dictionary in place of arguments")
        args = tuple(ast.literal_eval(argument) for argument in tree.args)
        kwargs = {str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
    except (SyntaxError, ValueError) as error:
        raise NoAppException(
            f"{app_name!r} is neither a name nor a call with literal arguments, such as "
            "app or create_app('test', debug=True)."
        ) from error
    return tree.func.id, args, kwargs


def prepare_import(path: str) -> str:
    """Put the folder that a module is imported from on ``sys.path``.

    :param path: a file, a folder or a dotted name.
    :returns: the name to import.
    """
    path = os.path.realpath(path)
    root, ending = os.path.splitext(path)
    if ending == ".py":
        path = root
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)
    folder, name = os.path.split(path)
    names = [name]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.append(name)
    if sys.path[0] != folder:
        sys.path.insert(0, folder)
    return ".".join(reversed(names))


def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: bool = True
) -> Flask | None:
    """Import a module and find the application in it.

    :param app_name: its name or call, see :func:`find_app_by_string`; any unless given.
    :param raise_if_not_found: without it, a module that does not exist gives ``None``.
    :raises NoAppException: the module cannot be imported, or has no application.
    """
    try:
        module = import_module(module_name)
    except ImportError as error:
        if not _is_missing(module_name, error):
            raise NoAppException(
                f"While importing {module_name!r}, an ImportError was raised:\n\n"
                f"{''.join(traceback.format_exception(error))}"
            ) from error
        if raise_if_not_found:
            raise NoAppException(
                f"There is no module {module_name!r}: it was looked for in {sys.path[0]} and "
                "where packages are installed. Check the spelling and the current folder."
            ) from None
        return None
    return find_best_app(module) if app_name is None else find_app_by_string(module, app_name)


def _is_missing(module_name: str, error: ImportError) -> bool:
    """Whether the module itself does not exist, rather than something that it imports."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return False
    return module_name == error.name or module_name.startswith(f"{error.name}.")


class ScriptInfo:
    """What a command line knows of its application, which it loads when first asked.

    :param app_import_path: ``module``, ``path/to/file.py`` or either with ``:name(arguments)``.
    :param create_app: what makes the application, in place of a path.
    :param set_debug_flag: set the application's debug flag by the environment.
    :param load_dotenv_defaults: read ``.env`` and ``.flaskenv``.
    """

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: Callable[..., Flask] | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults = load_dotenv_defaults
        # For the commands of a program to leave things for each other.
        self.data: dict[Any, Any] = {}
        self._loaded_app: Flask | None = None

    def load_app(self) -> Flask:
        """Return the application, always the same one.

        :raises NoAppException: there is none.
        """
        if self._loaded_app is None:
            app = self._find_app()
            if self.set_debug_flag:
                app.debug = get_debug_flag()
            self._loaded_app = app
        return self._loaded_app

    def _find_app(self) -> Flask:
        if self.create_app is not None:
            return self.create_app()
        if self.app_import_path:
            split = _PATH_AND_NAME.fullmatch(self.app_import_path)
            path, name = split.groups() if split else (self.app_import_path, None)
            app = locate_app(prepare_import(path), name)
        else:
            found = (locate_app(prepare_import(file), None, False) for file in DEFAULT_FILES)
            app = next((app for app in found if app is not None), None)
        if app is None:
            raise NoAppException(
                f"No application was found: there is neither {' nor '.join(DEFAULT_FILES)} in "
                f"{os.getcwd()}, and nothing else was named. Name it with --app module:name, or "
                "with COSTREL_APP or FLASK_APP in the environment."
            )
        return app
