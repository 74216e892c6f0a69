"""Mutants of functions: one operator, constant, condition or argument changed at a time, in place and for a moment."""

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_OPERATOR: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAME = {"max": "min", "min": "max", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """`what` reads like `guards.not_expired: ev.at < s.expires_at → ev.at <= s.expires_at`."""

    what: str
    function: FunctionType
    code: CodeType

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Whoever holds the function calls the mutant: its code is exchanged, the object stays."""
        original = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = original


def functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """The functions a module defines, the methods and properties of its classes included."""
    short = module.__name__.rpartition(".")[2]
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            yield f"{short}.{name}", value
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for inner, attribute in vars(value).items():
                method = attribute.fget if isinstance(attribute, property) else attribute
                if isinstance(method, FunctionType) and method.__code__.co_filename == module.__file__:
                    yield f"{short}.{name}.{inner}", method


def mutants(name: str, function: FunctionType) -> Iterator[Mutant]:
    definition = _definition(function)
    for index in range(len(_changes(definition))):
        copy = deepcopy(definition)
        node, change = _changes(copy)[index]
        before = ast.unparse(node)
        node = change()
        yield Mutant(f"{name}: {before} → {ast.unparse(node)}", function, _compiled(copy, function))


def _definition(function: FunctionType) -> ast.FunctionDef:
    """The function's source without what is only evaluated where it is defined."""
    path, line = Path(function.__code__.co_filename), function.__code__.co_firstlineno
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and line in {node.lineno, *(d.lineno for d in node.decorator_list)}:
            node.decorator_list, node.returns = [], None
            node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
            for argument in (*node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
            return node
    raise LookupError(function.__qualname__)


def _compiled(definition: ast.FunctionDef, original: FunctionType) -> CodeType:
    module = ast.fix_missing_locations(ast.Module([definition], []))
    namespace: dict[str, object] = {}
    exec(compile(module, original.__code__.co_filename, "exec"), namespace)  # noqa: S102  # our own source, altered
    mutated = namespace[definition.name]
    if not isinstance(mutated, FunctionType):
        raise TypeError(definition.name)
    return mutated.__code__


type _Change = tuple[ast.AST, Callable[[], ast.AST]]


def _changes(definition: ast.FunctionDef) -> list[_Change]:
    """What can be changed, always in the same order: the node, and the act of changing it."""
    nodes = (node for statement in definition.body for node in ast.walk(statement))
    return [change for node in nodes for kind, of in _OF.items() if isinstance(node, kind) for change in of(node)]


def _put(node: ast.AST, field: str, value: object) -> _Change:
    def act() -> ast.AST:
        setattr(node, field, value)
        return node

    return node, act


def _swap(node: ast.AST, field: str, index: int, value: object) -> _Change:
    items = list(getattr(node, field))
    items[index] = value
    return _put(node, field, items)


def _of_compare(node: ast.Compare) -> Iterator[_Change]:
    for i, operator in enumerate(node.ops):
        if type(operator) in _OPERATOR:
            yield _swap(node, "ops", i, _OPERATOR[type(operator)]())


def _of_and_or(node: ast.BoolOp) -> Iterator[_Change]:
    yield _put(node, "op", _OPERATOR[type(node.op)]())
    for i in range(len(node.values)):
        yield _swap(node, "values", i, ast.Constant(isinstance(node.op, ast.And)))  # as if it were not there


def _of_arithmetic(node: ast.BinOp) -> Iterator[_Change]:
    if type(node.op) in _OPERATOR:
        yield _put(node, "op", _OPERATOR[type(node.op)]())


def _of_not(node: ast.UnaryOp) -> Iterator[_Change]:
    if isinstance(node.op, ast.Not):
        yield _put(node, "operand", ast.UnaryOp(ast.Not(), node.operand))


def _of_condition(node: ast.If | ast.IfExp) -> Iterator[_Change]:
    yield _put(node, "test", ast.Constant(True))
    yield _put(node, "test", ast.Constant(False))


def _of_constant(node: ast.Constant) -> Iterator[_Change]:
    if isinstance(node.value, bool):
        yield _put(node, "value", not node.value)
    elif isinstance(node.value, int):
        yield _put(node, "value", node.value + 1)


def _of_call(node: ast.Call) -> Iterator[_Change]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _NAME:
        yield _put(node, "func", ast.Name(_NAME[name], ast.Load()))
    if name == "replace":
        for i in range(len(node.keywords)):
            yield _put(node, "keywords", node.keywords[:i] + node.keywords[i + 1 :])


_OF: dict[type[ast.AST] | tuple[type[ast.AST], ...], Callable[[Any], Iterator[_Change]]] = {
    ast.Compare: _of_compare,
    ast.BoolOp: _of_and_or,
    ast.BinOp: _of_arithmetic,
    ast.UnaryOp: _of_not,
    (ast.If, ast.IfExp): _of_condition,
    ast.Constant: _of_constant,
    ast.Call: _of_call,
}
