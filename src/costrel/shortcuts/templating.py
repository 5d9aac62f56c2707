"""render_template and kin: templates of the current app, with what the current context adds.

Law: importing this file does not import Jinja (30 ms); the first template does.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from costrel.parts.signals import LIVE
from costrel.serve.current import CURRENT
from costrel.serve.template_values import default_template_values
from costrel.shortcuts.flashing import get_flashed_messages
from costrel.shortcuts.globals import current_context, g, request, session
from costrel.shortcuts.streaming import stream_with_context

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Template
    from jinja2 import Environment as JinjaEnvironment

# Where Jinja's own classes have their methods from.
JINJA = "jinja2.environment"
# How many templates made of strings are kept for each environment.
MOST_STRINGS = 256


def render_template(template_name_or_list: Any, **context: Any) -> str:
    """Render a template.

    :param template_name_or_list: its name or a Template; of a list, the first that exists.
    :param context: the values of its names.
    :raises jinja2.TemplateNotFound: where there is none of that name.
    """
    app = current_context().app
    template = app.jinja_env.get_or_select_template(template_name_or_list)
    return _render(app, template, context)


def render_template_string(source: str, **context: Any) -> str:
    """Render a template from its source; values in it are escaped.

    :param source: the template itself, never what a client sent.
    :param context: the values of its names.
    """
    app = current_context().app
    return _render(app, _compile(app.jinja_env, source), context)


def stream_template(template_name_or_list: Any, **context: Any) -> Iterator[str]:
    """Render a template piece by piece, for a view to return.

    :param template_name_or_list: its name or a Template; of a list, the first that exists.
    :param context: the values of its names.
    """
    app = current_context().app
    template = app.jinja_env.get_or_select_template(template_name_or_list)
    return _stream(app, template, context)


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """Render a template from its source piece by piece, for a view to return.

    :param source: the template itself, never what a client sent.
    :param context: the values of its names.
    """
    app = current_context().app
    return _stream(app, _compile(app.jinja_env, source), context)


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """Return a macro or variable that a template exports, to use it from Python.

    :raises AttributeError: where the template has none of that name.
    """
    template = current_context().app.jinja_env.get_template(template_name)
    return getattr(template.module, attribute)


def _compile(environment: JinjaEnvironment, source: str) -> Template:
    """Make a template of a source, or take the one that was made of it before.

    PERF: compiling takes 600 µs, even for one line; Jinja remembers files only.
    """
    if not _is_jinjas(type(environment).from_string):
        return environment.from_string(source)
    made: dict[Any, Template] = environment.__dict__.setdefault("_made_of_strings", {})
    key = (environment.autoescape, source)
    template = made.get(key)
    if template is None:
        if len(made) >= MOST_STRINGS:
            made.clear()
        template = made[key] = environment.from_string(source)
    return template


def _is_jinjas(method: Any) -> bool:
    """Whether a method is Jinja's own, which may be done without: one in its place wants the call.

    What a tracer puts there takes its ``__module__`` over, so that is no sign.
    """
    return type(method) is FunctionType and method.__globals__["__name__"] == JINJA


def _render(app: Any, template: Template, context: dict[str, Any]) -> str:
    app.update_template_context(context)
    if not LIVE:
        return _fill(template, context)
    _announce("before_render_template", app, template, context)
    text = _fill(template, context)
    _announce("template_rendered", app, template, context)
    return text


def _fill(template: Template, context: dict[str, Any]) -> str:
    """Do as ``template.render`` does.

    PERF: it joins the values with the environment's globals through a ChainMap, name by name.
    Here they are joined dict by dict (4.5 µs of 21 for a page of twelve rows).
    """
    environment = template.environment
    if not _is_jinjas(type(template).render) or environment.is_async:
        return template.render(context)
    values: dict[str, Any] = {}
    for known in reversed(getattr(template.globals, "maps", [template.globals])):
        values.update(known)
    values.update(context)
    try:
        rendered = template.root_render_func(template.new_context(values, shared=True))
        return environment.concat(rendered)
    except Exception:
        # It raises again, with the template's lines in the traceback.
        environment.handle_exception()


def _stream(app: Any, template: Template, context: dict[str, Any]) -> Iterator[str]:
    ctx = current_context()
    # Made now by a touch, because what is streamed may outlive the context.
    ctx.g  # noqa: B018
    app.update_template_context(context)
    if LIVE:
        _announce("before_render_template", app, template, context)

    def generate() -> Iterator[str]:
        yield from template.generate(context)
        if LIVE:
            _announce("template_rendered", app, template, context)

    # Outside of a request there is nothing to keep: what the template needs is in the context.
    if ctx.found_request is None:
        return generate()
    return stream_with_context(generate())  # type: ignore[no-any-return]  # an iterator in, one out


def _announce(name: str, app: Any, template: Template, context: dict[str, Any]) -> None:
    signal = LIVE[name]
    if signal.receivers:
        signal.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)


# What an app's doors lead to


def create_jinja_environment(app: Any) -> JinjaEnvironment:
    """Make an app's Jinja environment, with what every template knows."""
    # Jinja takes 30 ms to import, and an app without templates never gets here.
    from costrel.parts.jinja import make_environment  # noqa: PLC0415

    known = {
        "url_for": app.url_for,
        "get_flashed_messages": get_flashed_messages,
        "config": app.config,
        # Macros are imported without the values of a page, so these are known everywhere.
        "request": request,
        "session": session,
        "g": g,
    }
    return make_environment(app, known)


def create_global_jinja_loader(app: Any) -> BaseLoader:
    """Make the loader that looks in an app's folder of templates, then in its blueprints'."""
    # As above.
    from costrel.parts.jinja import DispatchingJinjaLoader  # noqa: PLC0415

    return DispatchingJinjaLoader(app, _current_blueprint)


def _current_blueprint() -> str | None:
    """The name of the blueprint that serves the current request."""
    ctx = CURRENT.get(None)
    found = None if ctx is None else ctx.found_request
    return None if found is None else found.request.blueprint


def update_template_context(app: Any, context: dict[str, Any]) -> None:
    """Add to a template's values what the app and its blueprints add; given values win.

    These are ``g``, in a request ``request``, and what the context processors return: the app's,
    then those of the request's blueprints from the outermost on.

    :param context: the values; changed in place.
    """
    added = _quick_values()
    processors = app.template_context_processors
    # PERF: an app without processors of its own pays for one comparison.
    if len(processors) > 1 or processors.get(None) != [default_template_values]:
        for processor in _context_processors(app):
            added.update(app.ensure_sync(processor)())
    for name, value in added.items():
        context.setdefault(name, value)


def _quick_values() -> dict[str, Any]:
    """What is added to every template's values, made only where a template asks for it."""
    ctx = CURRENT.get(None)
    if ctx is None:
        return {}
    found = ctx.found_request
    # PERF: g itself is made at first touch, which most templates never do (0.5 µs).
    own: dict[str, Any] = {"g": ctx.__dict__.get("g", g)}
    if found is not None:
        own["request"] = found.request
    return own


def _context_processors(app: Any) -> Iterator[Any]:
    """An app's own context processors, then those of its blueprints, outermost first."""
    ctx = CURRENT.get(None)
    found = None if ctx is None else ctx.found_request
    names = () if found is None else reversed(found.request.blueprints)
    for name in (None, *names):
        # A look-up with [] would make an entry.
        for processor in app.template_context_processors.get(name, ()):
            if processor is not default_template_values:
                yield processor
