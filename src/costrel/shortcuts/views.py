"""View and MethodView: classes as views.

They stand among the shortcuts because a method view finds out for itself which request it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from costrel.serve.drive import is_async
from costrel.shortcuts.globals import current_context

HTTP_METHODS = frozenset({"get", "post", "head", "options", "delete", "put", "trace", "patch"})


class View:
    """A class whose instances answer requests: subclass it and write :meth:`dispatch_request`.

    :cvar methods: the methods answered; GET unless given.
    :cvar provide_automatic_options: answer OPTIONS with the methods accepted.
    :cvar decorators: applied to the view function, in order.
    :cvar init_every_request: make an instance for each request, or one for all.
    """

    methods: ClassVar[Collection[str] | None] = None
    provide_automatic_options: ClassVar[bool | None] = None
    decorators: ClassVar[list[Callable[..., Any]]] = []
    init_every_request: ClassVar[bool] = True

    def dispatch_request(self) -> Any:
        """Answer the current request; called with the URL's values."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """Make the view function to register with ``add_url_rule``.

        :param name: the function's name, which becomes the endpoint.
        :param class_args: given to each instance, as ``class_kwargs`` are.
        """
        kept = None if cls.init_every_request else cls(*class_args, **class_kwargs)

        def view(**kwargs: Any) -> Any:
            holder = kept
            if holder is None:
                holder = view.view_class(*class_args, **class_kwargs)  # type: ignore[attr-defined]  # set below
            dispatch = holder.dispatch_request
            if cls.decorators:
                # A decorator expects what a view returns, not a coroutine of it.
                dispatch = current_context().app.ensure_sync(dispatch)
            return dispatch(**kwargs)

        described: Any = view
        described.__name__ = name
        described.__module__ = cls.__module__
        for decorator in cls.decorators:
            described = decorator(described)
        described.view_class = cls
        described.__name__ = name
        described.__doc__ = cls.__doc__
        described.__module__ = cls.__module__
        described.methods = cls.methods
        described.provide_automatic_options = cls.provide_automatic_options
        described.may_wait = not cls.decorators and cls._may_wait()
        view.view_class = cls  # type: ignore[attr-defined]  # read where the view is called
        return described  # type: ignore[no-any-return]  # a function

    @classmethod
    def _may_wait(cls) -> bool:
        """Whether answering may make a coroutine."""
        return is_async(cls.dispatch_request)


class MethodView(View):
    """A view with a method for each HTTP method: ``get``, ``post`` and so on."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" in vars(cls):
            return
        inherited = {
            method for base in cls.__bases__ for method in getattr(base, "methods", None) or ()
        }
        own = {name.upper() for name in HTTP_METHODS if hasattr(cls, name)}
        # Without a single method the class is one to inherit from, and says nothing.
        if inherited | own:
            cls.methods = inherited | own

    def dispatch_request(self, **kwargs: Any) -> Any:
        """Answer the current request by the method of its name; HEAD by ``get``."""
        request = current_context().request
        method = getattr(self, request.method.lower(), None)
        if method is None and request.method == "HEAD":
            method = getattr(self, "get", None)
        if method is None:
            raise AssertionError(
                f"{type(self).__name__} is registered for {request.method} but has no method "
                f"{request.method.lower()}()."
            )
        if self.decorators:
            method = current_context().app.ensure_sync(method)
        return method(**kwargs)

    @classmethod
    def _may_wait(cls) -> bool:
        return any(is_async(getattr(cls, name)) for name in HTTP_METHODS if hasattr(cls, name))
