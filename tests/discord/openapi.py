"""Discord's own description of its REST API, held against what clients ask and what the simulator answers.

The description (github.com/discord/discord-api-spec, MIT) is no part of the project: it is looked for where
DISCORD_OPENAPI points, then beside the checkout.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from adapters.discord.simulated.journal import Exchange

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "discord-openapi.json"
ABSENT = "Discord's API description is not here (set DISCORD_OPENAPI to the path of its openapi.json)"
URI = "urn:discord"
# Clients send bits as text where the description says a number, and the documentation a text.
BITS = frozenset({"default_member_permissions", "allow", "deny", "permissions"})
# Where the documentation says otherwise than the description, by the end of the path: forwards ("Message Reference
# Types"), and the codes in the tree of a bad form, which are words ("Error Messages").
AHEAD = (("message_reference", "type"), ("_errors", 0, "code"))
# What clients call and Discord takes, though it is nowhere described: joining a thread by POST.
TAKEN = (re.compile(r"POST /channels/\d+/thread-members/(@me|\d+)"),)
LARGEST_NUMBER = 1 << 40  # a larger whole number is a snowflake, which may come either way


def found() -> Path | None:
    told = os.environ.get("DISCORD_OPENAPI")
    path = Path(told) if told else BESIDE
    return path if path.exists() else None


class Description:
    def __init__(self, path: Path) -> None:
        whole = json.loads(path.read_text())
        self._paths: dict[str, Any] = whole["paths"]
        resource = Resource.from_contents(whole, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(URI, resource)
        self.checked: set[str] = set()  # operations, for saying how much was seen

    def problems(self, exchange: Exchange) -> Iterator[str]:
        """What contradicts the description; a request that was refused is not held to it."""
        if exchange.status is None or exchange.fault is not None:
            return
        if any(each.fullmatch(f"{exchange.method} {exchange.path}") for each in TAKEN):
            return
        path = self._path_of(exchange.method.lower(), exchange.path)
        if path is None:
            yield f"{exchange}: no such operation"
            return
        operation = self._paths[path][exchange.method.lower()]
        self.checked.add(f"{exchange.method} {path}")
        where = f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/{exchange.method.lower()}"
        is_ok = exchange.status < 300
        if is_ok and isinstance(exchange.body, dict) and "requestBody" in operation:
            schema = f"{where}/requestBody/content/application~1json/schema"
            yield from self._contradictions(exchange, "asked", schema, as_described(exchange.body))
        if exchange.answer is not None and exchange.status != 429:
            yield from self._answer(exchange, operation, where)

    def _answer(self, exchange: Exchange, operation: Mapping[str, Any], where: str) -> Iterator[str]:
        told = operation["responses"]
        answer = exchange.answer if (exchange.status or 0) < 400 else numbered(exchange.answer)
        key = str(exchange.status) if str(exchange.status) in told else f"{exchange.status // 100}XX"  # type: ignore[operator]
        if key not in told:
            yield f"{exchange}: status {exchange.status} is not described, only {sorted(told)}"
        elif "$ref" in told[key]:
            yield from self._contradictions(
                exchange, "answered", f"{told[key]['$ref']}/content/application~1json/schema", answer
            )
        else:
            schema = f"{where}/responses/{key}/content/application~1json/schema"
            yield from self._contradictions(exchange, "answered", schema, answer)

    def _contradictions(self, exchange: Exchange, what: str, pointer: str, instance: Any) -> Iterator[str]:
        error = best_match(self._validator(pointer).iter_errors(instance))
        if error is None:
            return
        deepest = _deepest(error)
        where = tuple(deepest.absolute_path)
        if not any(where[-len(end) :] == end for end in AHEAD):
            yield f"{exchange}: {what} {list(deepest.absolute_path)}: {deepest.message[:300]}"

    @cache  # noqa: B019  # one description per run
    def _validator(self, pointer: str) -> Draft202012Validator:
        escaped = pointer.replace("{", "%7B").replace("}", "%7D")
        return Draft202012Validator({"$ref": f"{URI}{escaped}"}, registry=self._registry)

    @cache  # noqa: B019  # the same
    def _path_of(self, method: str, path: str) -> str | None:
        """The described path with the fewest parameters that fits."""
        fitting = [
            each
            for each, operations in self._paths.items()
            if method in operations and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(each)), path)
        ]
        return min(fitting, key=lambda each: each.count("{"), default=None)


def as_described(value: Any, name: str = "") -> Any:
    """A request with its ids as texts and its bits as numbers, which clients send either way."""
    if isinstance(value, dict):
        described = {key: as_described(each, key) for key, each in value.items()}
        if name == "attachments" and isinstance(described.get("id"), int):
            described["id"] = str(described["id"])  # the number of a file stands in for a snowflake
        return described
    if isinstance(value, list):
        return [as_described(each, name) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > LARGEST_NUMBER:
        return str(value)
    if name in BITS and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def numbered(refusal: Any) -> Any:
    """A refusal with numbers for the codes in its tree, which the documentation and Discord give as names."""
    if isinstance(refusal, dict):
        return {name: 0 if name == "code" else numbered(each) for name, each in refusal.items()}
    return [numbered(each) for each in refusal] if isinstance(refusal, list) else refusal


def _deepest(error: ValidationError) -> ValidationError:
    """Of an anyOf or oneOf, the branch that came furthest."""
    while error.context:
        error = max(error.context, key=lambda each: (len(each.absolute_path), each.validator != "enum"))
    return error
