"""The names of flask and werkzeug that a Python file asks for, read without running it.

Law: what stands where it may fail is left out: in a `try` that catches it, behind a question for a
version or an attribute, in code for type checkers. So is what a name of the file's own hides.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

ROOTS = ("flask", "werkzeug")
CAUGHT = {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"}
# What a condition asks that stands before names of some versions only.
ASKED = ("version", "TYPE_CHECKING", "PY2", "PY3", "hasattr", "find_spec")


class Use(NamedTuple):
    """A place that asks for a name.

    Attributes:
        line: where.
        module: the module that is asked.
        path: what it is asked for, which may go on below it: `a.b.c`; empty for the module alone.

    """

    line: int
    module: str
    path: str


def used_names(source: str | bytes) -> list[Use]:
    """List the places of a file that ask for names of flask or werkzeug.

    Args:
        source: the file's text.

    Raises:
        SyntaxError: it is no Python of this version.
        ValueError: it has null characters.

    """
    reader = _Reader()
    reader.visit(ast.parse(source))
    return sorted(reader.found())


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ROOTS


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


class _Reader(ast.NodeVisitor):
    """Walks a file once; what its names stand for is known at the end."""

    def __init__(self) -> None:
        self._imported: list[Use] = []
        self._read: list[tuple[int, str]] = []
        self._bound: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._may_fail = False

    def found(self) -> Iterator[Use]:
        """Yield what is imported, and what is read from an imported name."""
        yield from self._imported
        for line, text in self._read:
            name, _, path = text.partition(".")
            if name in self._bound and name not in self._hidden:
                yield Use(line, self._bound[name], path)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if not _is_ours(root):
                self._hidden.add(alias.asname or root)
                continue
            self._bound[alias.asname or root] = alias.name if alias.asname else root
            self._note(node.lineno, alias.name, "")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            name = alias.asname or alias.name
            if node.level or not _is_ours(module):
                self._hidden.add(name)
            elif alias.name == "*":
                self._note(node.lineno, module, "")
            else:
                self._bound[name] = f"{module}.{alias.name}"
                self._note(node.lineno, module, alias.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        text = _dotted(node)
        if not text:
            self.generic_visit(node)
        elif isinstance(node.ctx, ast.Load) and not self._may_fail:
            self._read.append((node.lineno, text))

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._hidden.add(node.id)

    def visit_arg(self, node: ast.arg) -> None:
        self._hidden.add(node.arg)
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        caught = {
            _dotted(each).rpartition(".")[2]
            for handler in node.handlers
            for each in ast.walk(handler.type or ast.Name("Exception"))
            if isinstance(each, (ast.Name, ast.Attribute))
        }
        self._visit_within(node, may_fail=bool(caught & CAUGHT))

    def visit_If(self, node: ast.If) -> None:
        asked = ast.unparse(node.test)
        self._visit_within(node, may_fail=any(word in asked for word in ASKED))

    def visit_With(self, node: ast.With) -> None:
        asked = " ".join(ast.unparse(item.context_expr) for item in node.items)
        may_fail = "suppress" in asked and any(name in asked for name in CAUGHT)
        self._visit_within(node, may_fail=may_fail)

    def _visit_within(self, node: ast.AST, *, may_fail: bool) -> None:
        before = self._may_fail
        self._may_fail = before or may_fail
        self.generic_visit(node)
        self._may_fail = before

    def _note(self, line: int, module: str, path: str) -> None:
        if not self._may_fail:
            self._imported.append(Use(line, module, path))
