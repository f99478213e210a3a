"""Options made from a schema of fields, so that every field of a character or preset can be set, with its limits in
the help.
"""

import inspect
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

import annotated_types
import typer
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from engine.domain.event import JSON
from engine.domain.settable import Fields
from engine.errors import Invalid

SET_HELP = "FIELD=VALUE, for any field; may be repeated."
CLEAR_HELP = "FIELD to make absent, so that it is inherited; may be repeated."

STORED_LIMIT = 2**53
"""From here on a limit is one of storage, of no interest to people."""

type Typed = Callable[..., Any]


def takes_fields(schema: type[Fields], *, clearable: bool) -> Callable[[Typed], Typed]:
    """Let a command take an option for each field; it is called with `changes`, those that were given.

    `clearable` adds `--clear`.
    """

    def decorate(command: Typed) -> Typed:
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "changes"]
        options = [_parameter(name, field) for name, field in schema.model_fields.items()]
        options.append(_repeated("set_", "--set", "FIELD=VALUE", SET_HELP))
        if clearable:
            options.append(_repeated("clear_", "--clear", "FIELD", CLEAR_HELP))

        def called(**given: Any) -> Any:
            values = {name: given.pop(_python_name(name)) for name in schema.model_fields}
            changes = changes_from(schema, values, given.pop("set_") or [], given.pop("clear_", None) or [])
            return command(**given, changes=changes)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*own, *options)]
        called.__doc__ = command.__doc__
        called.__name__ = command.__name__
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        return called

    return decorate


def changes_from(
    schema: type[Fields], values: Mapping[str, Any], assignments: list[str], cleared: list[str]
) -> dict[str, JSON]:
    """What was given, by field; None makes a field absent. Raises Invalid."""
    changes: dict[str, JSON] = {name: value for name, value in values.items() if value not in (None, [])}
    for assignment in assignments:
        name, is_assigned, value = assignment.partition("=")
        _check_known(schema, name)
        if not is_assigned:
            raise Invalid(f"--set takes FIELD=VALUE: {name} has no value.")
        changes[name] = [*value.split("\n")] if _is_list(schema.model_fields[name]) else value
    for name in cleared:
        _check_known(schema, name)
        changes[name] = None
    return changes


def limits_of(field: FieldInfo) -> str:
    """The limits of a field, in words; empty if it has none. A description is its limits in words already."""
    if field.description:
        return field.description
    said: list[str] = []
    for constraint in _constraints(field):
        match constraint:
            case StringConstraints() if constraint.max_length:
                said.append(f"at most {constraint.max_length:,} characters")
            case annotated_types.MaxLen():
                said.append(f"at most {constraint.max_length:,}")
            case annotated_types.Ge() if is_worth_saying(constraint.ge):
                said.append(f"from {constraint.ge:,}")
            case annotated_types.Gt():
                said.append(f"above {constraint.gt:,}")
            case annotated_types.Le() if is_worth_saying(constraint.le):
                said.append(f"to {constraint.le:,}")
            case _:
                pass
    choices = next((get_args(part) for part in _parts(field.annotation) if get_origin(part) is Literal), ())
    if choices:
        said.append(", ".join(map(str, choices)))
    return " ".join(said) if len(said) > 1 and said[0].startswith(("from", "above")) else "; ".join(said)


def is_worth_saying(limit: object) -> bool:
    """Whether a limit is more than that of the type that stores it."""
    return isinstance(limit, int | float) and abs(limit) < STORED_LIMIT


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    said = name.removeprefix("is_").replace("_", "-")
    limits = limits_of(field)
    help_text = f"{name.replace('_', ' ').capitalize()}{f': {limits}' if limits else ''}."
    annotation: Any
    if bool in _parts(field.annotation):
        annotation = Annotated[bool | None, typer.Option(f"--{said}/--no-{said}", help=help_text)]
    elif _is_list(field):
        help_text = f"{help_text.removesuffix('.')}; may be repeated."
        return _repeated(_python_name(name), f"--{said}", "TEXT", help_text)
    else:
        annotation = Annotated[str | None, typer.Option(f"--{said}", metavar=_metavar(field), help=help_text)]
    return inspect.Parameter(_python_name(name), inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _repeated(name: str, option: str, metavar: str, help_text: str) -> inspect.Parameter:
    annotation = Annotated[list[str] | None, typer.Option(option, metavar=metavar, help=help_text)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _python_name(field: str) -> str:
    return f"field_{field}"


def _metavar(field: FieldInfo) -> str:
    parts = _parts(field.annotation)
    return "NUMBER" if int in parts or float in parts else "TEXT"


def _is_list(field: FieldInfo) -> bool:
    return any(get_origin(part) is list for part in _parts(field.annotation))


def _parts(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, without what constrains them."""
    if isinstance(annotation, TypeAliasType):
        return _parts(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _parts(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [part for alternative in get_args(annotation) for part in _parts(alternative)]
    return [annotation]


def _constraints(field: FieldInfo) -> list[Any]:
    def of(annotation: Any) -> list[Any]:
        if isinstance(annotation, TypeAliasType):
            return of(annotation.__value__)
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *metadata = get_args(annotation)
            flat = [part for item in metadata for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
            return [*of(inner), *flat]
        if origin in (Union, types.UnionType):
            return [constraint for alternative in get_args(annotation) for constraint in of(alternative)]
        return []

    return [*of(field.annotation), *field.metadata]


def _check_known(schema: type[Fields], name: str) -> None:
    if name not in schema.model_fields:
        raise Invalid(f"There is no field {name!r}: there are {', '.join(schema.model_fields)}.")
