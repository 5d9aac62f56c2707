"""Local and LocalStack: values that each thread and task sees for itself.

Law: what a ContextVar holds is never changed, only replaced; a copied context would see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import update_wrapper
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from costrel.http.streams import ClosingIterator

from .proxy import LocalProxy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

T = TypeVar("T")


def release_local(local: Local | LocalStack[Any]) -> None:
    """Forget what a Local or a LocalStack holds in this context."""
    local.__release_local__()


class Local:
    """A namespace of attributes, seen by the current thread or task only.

    `context_var` (of a dict) holds them; give one when Locals are made and dropped at run time,
    because Python never frees a ContextVar.
    """

    __slots__ = ("_storage",)

    _storage: ContextVar[dict[str, Any]]

    def __init__(self, context_var: ContextVar[dict[str, Any]] | None = None) -> None:
        storage = ContextVar(f"costrel.Local<{id(self)}>") if context_var is None else context_var
        object.__setattr__(self, "_storage", storage)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._storage.get({}).items())

    def __call__(self, name: str, *, unbound_message: str | None = None) -> LocalProxy[Any]:
        """Make a proxy for the attribute `name`."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    def __release_local__(self) -> None:
        self._storage.set({})

    def __getattr__(self, name: str) -> Any:
        values = self._storage.get({})
        if name in values:
            return values[name]
        raise AttributeError(f"This Local holds no {name!r} in the current context.")

    def __setattr__(self, name: str, value: Any) -> None:
        self._storage.set({**self._storage.get({}), name: value})

    def __delattr__(self, name: str) -> None:
        values = dict(self._storage.get({}))
        if name not in values:
            raise AttributeError(f"This Local holds no {name!r} in the current context.")
        del values[name]
        self._storage.set(values)

    def _make_resolver(self, name: str | None, message: str) -> Callable[[], Any]:
        if not name:
            raise TypeError("A proxy of a Local needs the name of the attribute to stand for.")

        def resolve() -> Any:
            try:
                return getattr(self, name)
            except AttributeError:
                raise RuntimeError(message) from None

        return resolve


class LocalStack(Generic[T]):
    """A stack seen by the current thread or task only; `context_var` (of a list) as in Local."""

    __slots__ = ("_storage",)

    def __init__(self, context_var: ContextVar[list[T]] | None = None) -> None:
        self._storage: ContextVar[list[T]] = (
            ContextVar(f"costrel.LocalStack<{id(self)}>") if context_var is None else context_var
        )

    @property
    def top(self) -> T | None:
        """The item pushed last, or None."""
        stack = self._storage.get([])
        return stack[-1] if stack else None

    def push(self, obj: T) -> list[T]:
        """Put `obj` on top; returns the new stack."""
        stack = [*self._storage.get([]), obj]
        self._storage.set(stack)
        return stack

    def pop(self) -> T | None:
        """Take the top item off and return it, or None when there is none."""
        stack = self._storage.get([])
        if not stack:
            return None
        self._storage.set(stack[:-1])
        return stack[-1]

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """Make a proxy for the top item, or for its attribute `name`."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    def __release_local__(self) -> None:
        self._storage.set([])

    def _make_resolver(self, name: str | None, message: str) -> Callable[[], Any]:
        attribute = attrgetter(name) if name else None

        def resolve() -> Any:
            top = self.top
            if top is None:
                raise RuntimeError(message)
            return top if attribute is None else attribute(top)

        return resolve


class LocalManager:
    """Releases several Locals and LocalStacks together, by hand or after each WSGI request."""

    __slots__ = ("locals",)

    locals: list[Local | LocalStack[Any]]

    def __init__(
        self,
        locals: Local | LocalStack[Any] | Iterable[Local | LocalStack[Any]] | None = None,
    ) -> None:
        if locals is None:
            self.locals = []
        elif isinstance(locals, (Local, LocalStack)):
            self.locals = [locals]
        else:
            self.locals = list(locals)

    def cleanup(self) -> None:
        """Release them all in the current context."""
        for local in self.locals:
            release_local(local)

    def make_middleware(self, app: WSGIApplication) -> WSGIApplication:
        """Wrap a WSGI app so that they are released when its answer is closed."""

        def application(environ: WSGIEnvironment, start_response: StartResponse) -> ClosingIterator:
            return ClosingIterator(app(environ, start_response), self.cleanup)

        return application

    def middleware(self, func: WSGIApplication) -> WSGIApplication:
        """`make_middleware` as a decorator: keeps the function's name and docstring."""
        return update_wrapper(self.make_middleware(func), func)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} storages: {len(self.locals)}>"
