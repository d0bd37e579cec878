"""Values of annotated parameters to what travels, and back.

What msgpack knows travels as it is. dataclass, datetime, date, time, timedelta, UUID, Decimal,
Enum, tuple and set travel as text, numbers, lists and maps, and become again what the annotation
says.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from taskbroker.counted import counted
from taskbroker.errors import ArgumentsError


class Parameters:
    """The parameters of one task function, as its annotations describe them."""

    def __init__(self, signature: inspect.Signature, hints: dict[str, Any]) -> None:
        self._signature = signature
        self._hints = hints
        self._positional = _positional(signature, hints)
        self._needed = sum(
            p.default is inspect.Parameter.empty for p in signature.parameters.values()
        )

    def to_wire(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Checks a call against the signature and converts its values.

        Raises :class:`ArgumentsError` for a wrong number of arguments, a name that is not there,
        or a value that is not of its annotation.
        """
        return self._convert(args, kwargs, to_wire)

    def from_wire(
        self, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Makes of what has travelled what the annotations say."""
        return self._convert(tuple(args), kwargs, from_wire)

    def _convert(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], one: Callable[[Any, Any, str], Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        plain = self._positional
        if plain is not None and not kwargs and self._needed <= len(args) <= len(plain):
            pairs = zip(args, plain, strict=False)
            return [one(value, hint, name) for value, (name, hint) in pairs], {}
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as e:
            raise ArgumentsError(str(e)) from None
        for name, value in bound.arguments.items():
            hint = self._hints.get(name, Any)
            match self._signature.parameters[name].kind:
                case inspect.Parameter.VAR_POSITIONAL:
                    converted: Any = tuple(
                        one(v, hint, f"{name}[{i}]") for i, v in enumerate(value)
                    )
                case inspect.Parameter.VAR_KEYWORD:
                    converted = {n: one(v, hint, n) for n, v in value.items()}
                case _:
                    converted = one(value, hint, name)
            bound.arguments[name] = converted
        return list(bound.args), dict(bound.kwargs)


def _positional(
    signature: inspect.Signature, hints: dict[str, Any]
) -> list[tuple[str, Any]] | None:
    """Names and annotations, if a call by position needs nothing more to be understood."""
    parameters = signature.parameters.values()
    if any(p.kind not in _BY_POSITION for p in parameters):
        return None
    return [(p.name, hints.get(p.name, Any)) for p in parameters]


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

_TEXT: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    dt.datetime: (dt.datetime.isoformat, dt.datetime.fromisoformat),
    dt.date: (dt.date.isoformat, dt.date.fromisoformat),
    dt.time: (dt.time.isoformat, dt.time.fromisoformat),
}

#: The same of types whose modules are loaded only by programs that use them.
_TEXT_BY_NAME = {("uuid", "UUID"), ("decimal", "Decimal")}

_PLAIN = (str, bytes, bool, int, float, type(None))


def objection(hint: Any) -> str | None:
    """Says why values of this annotation cannot travel; None if they can."""
    origin = typing.get_origin(hint)
    inner = typing.get_args(hint)
    if hint in (Any, inspect.Parameter.empty) or isinstance(hint, typing.TypeVar | str):
        return None
    if origin is typing.Literal:
        return None
    if origin in (typing.Union, types.UnionType):
        return next((o for o in map(objection, inner) if o), None)
    if origin is typing.Annotated:
        return objection(inner[0])
    kind = origin or hint
    if not isinstance(kind, type) or typing.is_typeddict(kind) or dataclasses.is_dataclass(kind):
        return None
    if issubclass(kind, dict):
        if inner and inner[0] not in (str, bytes, Any):
            return f"is a dict with keys of {_name(inner[0])}; workers read no keys but str"
        return objection(inner[1]) if len(inner) == 2 else None
    if issubclass(kind, list | tuple | set | frozenset):
        return next((o for o in map(objection, inner) if o), None)
    if issubclass(kind, enum.Enum) or kind in (*_PLAIN, dt.timedelta, object) or _texts(kind):
        return None
    return (
        f"is annotated with {_name(kind)}, whose values cannot be sent; take a dataclass, or what"
        " it is made of"
    )


def _texts(kind: type) -> tuple[Callable[[Any], str], Callable[[str], Any]] | None:
    """To text and back, for what travels as text."""
    if (kind.__module__, kind.__qualname__) in _TEXT_BY_NAME:
        return str, kind
    return _TEXT.get(kind)


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


def to_wire(value: Any, hint: Any, where: str) -> Any:
    """Converts one value; ``where`` names it in errors."""
    return _walk(value, hint, where, _leaf_to_wire)


def from_wire(value: Any, hint: Any, where: str) -> Any:
    """Converts one value back; ``where`` names it in errors."""
    return _walk(value, hint, where, _leaf_from_wire)


_Leaf = Callable[[Any, type, str], Any]


def _walk(value: Any, hint: Any, where: str, leaf: _Leaf) -> Any:
    if hint is Any or hint is inspect.Parameter.empty or isinstance(hint, typing.TypeVar):
        return value
    origin = typing.get_origin(hint)
    inner = typing.get_args(hint)
    if origin is typing.Annotated:
        return _walk(value, inner[0], where, leaf)
    if origin in (typing.Union, types.UnionType):
        return _union(value, inner, where, leaf)
    if origin is typing.Literal:
        return value if value in inner else _refuse(value, hint, where)
    kind = origin or hint
    if not isinstance(kind, type):
        return value
    if typing.is_typeddict(kind):
        return _fields(value, kind, where, leaf, typing.get_type_hints(kind))
    if dataclasses.is_dataclass(kind):
        return _dataclass(value, kind, where, leaf)
    if issubclass(kind, list | tuple | set | frozenset) and not issubclass(kind, str):
        return _items(value, kind, inner, where, leaf)
    if issubclass(kind, dict):
        if not isinstance(value, dict):
            return _refuse(value, hint, where)
        item = inner[1] if len(inner) == 2 else Any
        return {k: _walk(v, item, f"{where}[{k!r}]", leaf) for k, v in value.items()}
    return leaf(value, kind, where)


def _union(value: Any, members: tuple[Any, ...], where: str, leaf: _Leaf) -> Any:
    failures = []
    for member in members:
        try:
            return _walk(value, member, where, leaf)
        except ArgumentsError as e:
            failures.append(str(e))
    raise ArgumentsError(failures[0] if len(failures) == 1 else "; or ".join(failures))


def _items(value: Any, kind: type, inner: tuple[Any, ...], where: str, leaf: _Leaf) -> Any:
    wire = leaf is _leaf_to_wire
    expected: Any = kind if wire else (list, tuple, set, frozenset)
    if not isinstance(value, expected):
        return _refuse(value, kind, where)
    values: list[Any] = list(value)
    if issubclass(kind, tuple) and inner and inner[-1] is not Ellipsis:
        if len(values) != len(inner):
            wanted = counted(len(inner), "item")
            raise ArgumentsError(f"{where} must have {wanted}, has {len(values)}")
        hints = list(inner)
    else:
        hints = [inner[0] if inner else Any] * len(values)
    pairs = enumerate(zip(values, hints, strict=True))
    done = [_walk(v, h, f"{where}[{i}]", leaf) for i, (v, h) in pairs]
    return done if wire else kind(done)


def _dataclass(value: Any, kind: type, where: str, leaf: _Leaf) -> Any:
    hints = typing.get_type_hints(kind)
    if leaf is _leaf_to_wire:
        if not isinstance(value, kind):
            return _refuse(value, kind, where)
        names = [f.name for f in dataclasses.fields(typing.cast(Any, kind)) if f.init]
        return {n: _walk(getattr(value, n), hints.get(n, Any), f"{where}.{n}", leaf) for n in names}
    if isinstance(value, kind):
        return value
    made = _fields(value, kind, where, leaf, hints)
    try:
        return kind(**made)
    except (TypeError, ValueError) as e:
        raise ArgumentsError(f"{where} is no {kind.__name__}: {e}") from None


def _fields(
    value: Any, kind: type, where: str, leaf: _Leaf, hints: dict[str, Any]
) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(value, kind, where)
    return {n: _walk(v, hints.get(n, Any), f"{where}.{n}", leaf) for n, v in value.items()}


def _leaf_to_wire(value: Any, kind: type, where: str) -> Any:
    if issubclass(kind, enum.Enum):
        return value.value if isinstance(value, kind) else _refuse(value, kind, where)
    if kind is dt.timedelta:
        ok = isinstance(value, dt.timedelta)
        return value.total_seconds() if ok else _refuse(value, kind, where)
    texts = _texts(kind)
    if texts:
        return texts[0](value) if isinstance(value, kind) else _refuse(value, kind, where)
    return _plain(value, kind, where)


def _leaf_from_wire(value: Any, kind: type, where: str) -> Any:
    try:
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        if issubclass(kind, enum.Enum):
            return kind(value)
        if kind is dt.timedelta:
            return dt.timedelta(seconds=value)
        texts = _texts(kind)
        if texts:
            return texts[1](typing.cast(Any, value))
    except (TypeError, ValueError, ArithmeticError) as e:
        raise ArgumentsError(f"{where} is no {kind.__name__}: {e}") from None
    return _plain(value, kind, where)


def _plain(value: Any, kind: type, where: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (int, float) and isinstance(value, bool):
        return _refuse(value, kind, where)
    if kind in _PLAIN and not isinstance(value, kind):
        return _refuse(value, kind, where)
    return value


def _refuse(value: Any, kind: Any, where: str) -> Any:
    raise ArgumentsError(f"{where} must be {_name(kind)}, was {type(value).__name__} {value!r:.80}")
