"""The Jinja environment of an app: finds templates in the app and in its blueprints.

Law: this file is reached through doors only. Importing it imports Jinja, 30 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from jinja2 import BaseLoader, TemplateNotFound
from jinja2 import Environment as JinjaEnvironment

Source = tuple[str, str | None, Callable[[], bool] | None]

ESCAPED_ENDINGS = (".html", ".htm", ".xml", ".xhtml", ".svg")


class TemplateHolder(Protocol):
    """What may bring templates: an app or a blueprint."""

    name: str
    import_name: str

    @property
    def jinja_loader(self) -> BaseLoader | None:
        """Finds its templates; ``None`` if it has no folder for them."""


class TemplateApp(TemplateHolder, Protocol):
    """What the environment must know of an app."""

    json: Any
    jinja_options: dict[str, Any]
    jinja_environment: type[Any]

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings."""

    @property
    def debug(self) -> bool:
        """Whether it is in debug mode."""

    @property
    def logger(self) -> Any:
        """Where explanations go."""

    def iter_blueprints(self) -> Iterable[TemplateHolder]:
        """Its blueprints, as they were registered."""

    def create_global_jinja_loader(self) -> BaseLoader:
        """The loader for it and its blueprints."""

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Whether values are escaped in a template."""


class Environment(JinjaEnvironment):
    """Jinja's environment, looking for templates where the app says.

    :param app: the app it is for.
    :param options: as Jinja's; ``loader`` is the app's global loader unless given.
    """

    def __init__(self, app: TemplateApp, **options: Any) -> None:
        if "loader" not in options:
            options["loader"] = app.create_global_jinja_loader()
        super().__init__(**options)
        self.app = app


def _outside_of_requests() -> str | None:
    return None


class DispatchingJinjaLoader(BaseLoader):
    """Looks in the app's folder, then in each blueprint's.

    :param app: whose templates.
    :param current_blueprint: returns the name of the blueprint that serves the current request,
        for explanations.
    """

    def __init__(
        self,
        app: TemplateApp,
        current_blueprint: Callable[[], str | None] = _outside_of_requests,
    ) -> None:
        self.app = app
        self.current_blueprint = current_blueprint

    def get_source(self, environment: JinjaEnvironment, template: str) -> Source:
        """A template's source, from the first place that has it.

        :raises jinja2.TemplateNotFound: if none has.
        """
        if self.app.config["EXPLAIN_TEMPLATE_LOADING"]:
            return self._get_source_explained(environment, template)
        for _, loader in self._iter_loaders():
            try:
                return loader.get_source(environment, template)
            except TemplateNotFound:
                continue
        raise TemplateNotFound(template)

    def _get_source_explained(self, environment: JinjaEnvironment, template: str) -> Source:
        """The same, asking all places and logging what each of them said."""
        attempts: list[Attempt] = []
        for holder, loader in self._iter_loaders():
            try:
                found: Source | None = loader.get_source(environment, template)
            except TemplateNotFound:
                found = None
            attempts.append((loader, holder, found))
        blueprint = self.current_blueprint()
        explain_template_loading_attempts(self.app, template, attempts, blueprint)
        for _, _, source in attempts:
            if source is not None:
                return source
        raise TemplateNotFound(template)

    def _iter_loaders(self) -> Iterator[tuple[TemplateHolder, BaseLoader]]:
        """Every place with templates: the app first, so that it can override."""
        for holder in (self.app, *self.app.iter_blueprints()):
            loader = holder.jinja_loader
            if loader is not None:
                yield holder, loader

    def list_templates(self) -> list[str]:
        """The names of all templates, each once."""
        return list(
            {name: None for _, loader in self._iter_loaders() for name in loader.list_templates()}
        )


Attempt = tuple[BaseLoader, TemplateHolder, Source | None]


def _describe_holder(app: TemplateApp, holder: TemplateHolder) -> str:
    if holder is app:
        return f"application {holder.import_name!r}"
    return f"blueprint {holder.name!r} ({holder.import_name})"


def _describe_loader(loader: BaseLoader) -> Iterator[str]:
    """The loader's class and its plain settings, one line each."""
    kind = type(loader)
    yield f"       class: {kind.__module__}.{kind.__name__}"
    for name, value in sorted(vars(loader).items()):
        if name.startswith("_"):
            continue
        if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
            yield f"       {name}:"
            yield from (f"         - {part}" for part in value)
        elif isinstance(value, str | int | float):
            yield f"       {name}: {value!r}"


def explain_template_loading_attempts(
    app: TemplateApp, template: str, attempts: list[Attempt], blueprint: str | None = None
) -> None:
    """Tell the app's log where a template was looked for, and what came of it.

    :param attempts: each loader, whose it is, and the source it found or ``None``.
    :param blueprint: the name of the blueprint that serves the current request.
    """
    lines = [f"Locating template {template!r}:"]
    for number, (loader, holder, source) in enumerate(attempts, 1):
        lines.append(f"  {number:>3}: trying loader of {_describe_holder(app, holder)}")
        lines.extend(_describe_loader(loader))
        lines.append(f"       -> {'no match' if source is None else f'found ({source[1]!r})'}")
    found = sum(source is not None for _, _, source in attempts)
    if found == 0:
        lines.append("Error: the template could not be found.")
    elif found > 1:
        lines.append("Warning: more than one loader has this template; the first one is used.")
    if blueprint is not None and found != 1:
        lines += [
            f"  It was looked up from an endpoint that belongs to the blueprint {blueprint!r}.",
            "  Is the template in the folder you meant?",
            "  See https://flask.palletsprojects.com/blueprints/#templates",
        ]
    app.logger.info("\n".join(lines))


def select_jinja_autoescape(app: object, filename: str | None) -> bool:
    """Whether a template's values are escaped: by its ending, and always if it has no name."""
    return filename is None or filename.endswith(ESCAPED_ENDINGS)


def create_global_jinja_loader(
    app: TemplateApp, current_blueprint: Callable[[], str | None] = _outside_of_requests
) -> DispatchingJinjaLoader:
    """The loader for an app and its blueprints."""
    return DispatchingJinjaLoader(app, current_blueprint)


def make_environment(
    app: TemplateApp, globals: Mapping[str, Any] | None = None
) -> JinjaEnvironment:
    """An app's environment, of its ``jinja_environment`` class and by its ``jinja_options``.

    :param globals: names that every template knows, such as ``url_for``.
    """
    options = dict(app.jinja_options)
    options.setdefault("autoescape", app.select_jinja_autoescape)
    if "auto_reload" not in options:
        reload = app.config["TEMPLATES_AUTO_RELOAD"]
        options["auto_reload"] = app.debug if reload is None else reload
    environment: JinjaEnvironment = app.jinja_environment(app, **options)
    environment.globals.update(globals or {})

    def dumps(value: Any, **kwargs: Any) -> str:
        # The provider is looked up at each use: app.json may be replaced at any time.
        text: str = app.json.dumps(value, **kwargs)
        return text

    environment.policies["json.dumps_function"] = dumps
    return environment
