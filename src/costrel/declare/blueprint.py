"""Blueprint: declarations kept for later, and how they are registered on an app.

Law: a blueprint knows no app until it is registered on one, and then only as an argument.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from costrel.declare.declared_at import declared_at
from costrel.declare.scaffold import FOR_FILES, Scaffold, _endpoint_from_view_func, setupmethod
from costrel.http.door import Door
from costrel.http.known_as import known_view

if TYPE_CHECKING:
    from costrel.shortcuts.sending import get_send_file_max_age, send_static_file

F = TypeVar("F", bound=Callable[..., Any])

# Where a blueprint's commands go: below a group of its own name, unless told otherwise.
OWN_GROUP: Any = object()


class BlueprintSetupState:
    """One registration of a blueprint: what its deferred functions are called with.

    :param blueprint: what is registered.
    :param app: what it is registered on.
    :param options: the options of ``register_blueprint``.
    :param first_registration: whether the blueprint was not registered on the app before.
    """

    def __init__(
        self, blueprint: Blueprint, app: Any, options: Any, first_registration: bool
    ) -> None:
        self.app = app
        self.blueprint = blueprint
        self.options = options
        self.first_registration = first_registration
        self.subdomain = _first(options.get("subdomain"), blueprint.subdomain)
        self.url_prefix = _first(options.get("url_prefix"), blueprint.url_prefix)
        self.name = options.get("name", blueprint.name)
        self.name_prefix = options.get("name_prefix", "")
        self.url_defaults = {**blueprint.url_values_defaults, **options.get("url_defaults", {})}

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        """Declare a URL on the app, below the prefix and with the endpoint of this registration."""
        if self.url_prefix is not None:
            rule = join_paths(self.url_prefix, rule) if rule else self.url_prefix
        options.setdefault("subdomain", self.subdomain)
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        self.app.add_url_rule(
            rule,
            f"{self.name_prefix}.{self.name}.{endpoint}".lstrip("."),
            view_func,
            defaults={**self.url_defaults, **(options.pop("defaults", None) or {})},
            **options,
        )


class Blueprint(Scaffold):
    """Views, hooks and files that are declared apart from an app and registered on it later.

    :param name: its name, the first part of its endpoints.
    :param import_name: the name of the module it is made in, usually ``__name__``.
    :param url_prefix: put before each of its URLs.
    :param subdomain: the subdomain of its URLs.
    :param url_defaults: default values of its URLs.
    :param cli_group: the group of its commands; ``None`` puts them beside the app's own.
    :raises ValueError: for an empty name or one with a dot.
    """

    if TYPE_CHECKING:
        send_static_file = send_static_file
        get_send_file_max_age = get_send_file_max_age
    else:
        send_static_file = Door("costrel.shortcuts.sending:send_static_file")
        get_send_file_max_age = Door("costrel.shortcuts.sending:get_send_file_max_age")

    _got_registered_once = False

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = OWN_GROUP,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if not name:
            raise ValueError("A blueprint needs a name: Blueprint('admin', __name__).")
        if "." in name:
            raise ValueError(
                f"A blueprint's name has no dot, and {name!r} has: "
                "dots set nested blueprints apart."
            )
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.deferred_functions: list[Callable[[BlueprintSetupState], None]] = []
        self.url_values_defaults = url_defaults or {}
        self.cli_group = cli_group
        self._blueprints: list[tuple[Blueprint, dict[str, Any]]] = []

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            raise AssertionError(
                f"The setup method {f_name!r} can no longer be called on the blueprint "
                f"{self.name!r}: it was registered already, and what is declared now would never "
                "take effect. Register the blueprint after its views, hooks and handlers."
            )

    # Deferred

    @setupmethod
    def record(self, func: Callable[[BlueprintSetupState], None]) -> None:
        """Call a function with the state of each registration."""
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: Callable[[BlueprintSetupState], None]) -> None:
        """Call a function with the state of the first registration on an app."""

        def call_if_first(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(call_if_first)

    def make_setup_state(
        self, app: Any, options: dict[str, Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """Make the state of a registration; override it to use a class of one's own."""
        return BlueprintSetupState(self, app, options, first_registration)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Nest another blueprint in this one.

        :raises ValueError: when it is nested in itself.
        """
        if blueprint is self:
            raise ValueError(f"The blueprint {self.name!r} cannot be nested in itself.")
        self._blueprints.append((blueprint, options))

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Declare a URL, to be added when the blueprint is registered.

        :raises ValueError: where the endpoint, or the view's name, has a dot.
        """
        for name in (endpoint, getattr(view_func, "__name__", None)):
            if name and "." in name:
                raise ValueError(f"An endpoint or view name has no dot, and {name!r} has.")
        options["provide_automatic_options"] = provide_automatic_options
        place = declared_at()

        def declare(state: BlueprintSetupState) -> None:
            known = len(state.app.url_map._rules)
            state.add_url_rule(rule, endpoint, view_func, **options)
            # By now the caller is the registration. Apps may replace add_url_rule, and take no more
            # options than Flask's, so the place is not one of them.
            for declared in state.app.url_map._rules[known:]:
                declared.declared_at = place

        self.record(declare)

    # For the whole app

    def _for_app(self, table: str, function: F) -> F:
        self.record_once(lambda state: getattr(state.app, table)[None].append(function))
        return function

    @setupmethod
    def before_app_request(self, f: F) -> F:
        """As ``before_request``, for every request of the app."""
        return self._for_app("before_request_funcs", f)

    @setupmethod
    def after_app_request(self, f: F) -> F:
        """As ``after_request``, for every request of the app."""
        return self._for_app("after_request_funcs", f)

    @setupmethod
    def teardown_app_request(self, f: F) -> F:
        """As ``teardown_request``, for every request of the app."""
        return self._for_app("teardown_request_funcs", f)

    @setupmethod
    def before_app_websocket(self, f: F) -> F:
        """As ``before_websocket``, for every WebSocket of the app."""
        return self._for_app("before_websocket_funcs", f)

    @setupmethod
    def after_app_websocket(self, f: F) -> F:
        """As ``after_websocket``, for every WebSocket of the app."""
        return self._for_app("after_websocket_funcs", f)

    @setupmethod
    def teardown_app_websocket(self, f: F) -> F:
        """As ``teardown_websocket``, for every WebSocket of the app."""
        return self._for_app("teardown_websocket_funcs", f)

    @setupmethod
    def app_context_processor(self, f: F) -> F:
        """As ``context_processor``, for every template of the app."""
        return self._for_app("template_context_processors", f)

    @setupmethod
    def app_url_value_preprocessor(self, f: F) -> F:
        """As ``url_value_preprocessor``, for every request of the app."""
        return self._for_app("url_value_preprocessors", f)

    @setupmethod
    def app_url_defaults(self, f: F) -> F:
        """As ``url_defaults``, for every URL of the app."""
        return self._for_app("url_default_functions", f)

    @setupmethod
    def app_errorhandler(self, code: type[Exception] | int) -> Callable[[F], F]:
        """As ``errorhandler``, for every request of the app."""

        def decorate(handler: F) -> F:
            self.record_once(lambda state: state.app.errorhandler(code)(handler))
            return handler

        return decorate

    # Templates of the whole app

    def _add_to_jinja(self, adder: str, function: Callable[..., Any], name: str | None) -> None:
        self.record_once(lambda state: getattr(state.app, adder)(function, name=name))

    def _jinja_decorator(self, adder: str, name: str | None) -> Callable[[F], F]:
        def decorate(function: F) -> F:
            self._add_to_jinja(adder, function, name)
            return function

        return decorate

    @setupmethod
    def app_template_filter(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a filter of the app's templates."""
        return self._jinja_decorator("add_template_filter", name)

    @setupmethod
    def add_app_template_filter(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Declare a function as a filter of the app's templates."""
        self._add_to_jinja("add_template_filter", f, name)

    @setupmethod
    def app_template_test(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a test of the app's templates."""
        return self._jinja_decorator("add_template_test", name)

    @setupmethod
    def add_app_template_test(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Declare a function as a test of the app's templates."""
        self._add_to_jinja("add_template_test", f, name)

    @setupmethod
    def app_template_global(self, name: str | None = None) -> Callable[[F], F]:
        """Declare the decorated function as a global of the app's templates."""
        return self._jinja_decorator("add_template_global", name)

    @setupmethod
    def add_app_template_global(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Declare a function as a global of the app's templates."""
        self._add_to_jinja("add_template_global", f, name)

    # Registration

    def register(self, app: Any, options: dict[str, Any]) -> None:
        """Write all that was declared into an app; called by ``app.register_blueprint``.

        :raises ValueError: where the name is taken.
        """
        name = f"{options.get('name_prefix', '')}.{options.get('name', self.name)}".lstrip(".")
        if name in app.blueprints:
            same = "this" if app.blueprints[name] is self else "another"
            raise ValueError(
                f"The name {name!r} is taken by {same} blueprint. "
                "Give each registration a name: register_blueprint(..., name='...')."
            )
        is_first = not any(known is self for known in app.blueprints.values())
        app.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, is_first)
        if self.has_static_folder:
            state.add_url_rule(
                f"{self.static_url_path}/<path:filename>",
                view_func=known_view(self.send_static_file),
                endpoint="static",
                inline=FOR_FILES,
            )
        self._merge_blueprint_funcs(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._register_commands(app, name, options)
        for nested, nested_options in self._blueprints:
            nested.register(app, _nest(state, nested, nested_options, name))

    def _merge_blueprint_funcs(self, app: Any, name: str) -> None:
        """Write hooks, handlers and views into the app's tables, under the registered name."""

        def key_of(key: str | None) -> str:
            return name if key is None else f"{name}.{key}"

        for key, by_code in self.error_handler_spec.items():
            for code, handlers in by_code.items():
                app.error_handler_spec[key_of(key)][code].update(handlers)
        for endpoint, view in self.view_functions.items():
            app.view_functions[endpoint] = view
        for table in HOOK_TABLES:
            for key, functions in getattr(self, table).items():
                getattr(app, table)[key_of(key)].extend(functions)

    def _register_commands(self, app: Any, name: str, options: dict[str, Any]) -> None:
        """Add the blueprint's commands, if it has any, to the app's."""
        if "cli" not in vars(self) or not self.cli.commands:
            return
        group = options.get("cli_group", self.cli_group)
        if group is None:
            app.cli.commands.update(self.cli.commands)
        else:
            self.cli.name = name if group is OWN_GROUP else group
            app.cli.add_command(self.cli)


HOOK_TABLES = (
    "url_value_preprocessors",
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "before_websocket_funcs",
    "after_websocket_funcs",
    "teardown_websocket_funcs",
    "url_default_functions",
    "template_context_processors",
)


def _nest(
    state: BlueprintSetupState, nested: Blueprint, options: dict[str, Any], name: str
) -> dict[str, Any]:
    """The options of a nested blueprint's registration, below those of the outer one."""
    prefix = _first(options.get("url_prefix"), nested.url_prefix)
    subdomain = _first(options.get("subdomain"), nested.subdomain)
    if state.url_prefix is not None and prefix is not None:
        prefix = join_paths(state.url_prefix, prefix)
    if state.subdomain is not None and subdomain is not None:
        subdomain = f"{subdomain}.{state.subdomain}"
    return {
        **options,
        "url_prefix": _first(prefix, state.url_prefix),
        "subdomain": _first(subdomain, state.subdomain),
        "name_prefix": name,
    }


def _first(*values: Any) -> Any:
    """The first value that is not ``None``."""
    return next((value for value in values if value is not None), None)


def join_paths(prefix: str, path: str) -> str:
    """Join two paths with one slash between them."""
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"
