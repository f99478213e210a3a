"""`allowed_mentions`: what is refused, and what it says. Source: docs, resources/message, "Allowed Mentions Object"."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.simulated.changes.mentions import ALL, AllowedMentions
from adapters.discord.simulated.problems import Problem, at, bad_flag, bad_list, unknown

MOST_USERS = 100
MOST_ROLES = 100
KINDS = ("roles", "users", "everyone")
FIELDS = frozenset({"parse", "roles", "users", "replied_user"})


def allowed_mentions_problems(path: str, told: object) -> Iterator[Problem]:
    if told is None:
        return
    if not isinstance(told, Mapping):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    yield from unknown(path, told, FIELDS)
    yield from bad_list(at(path, "parse"), told.get("parse"), 0, len(KINDS))
    yield from bad_list(at(path, "users"), told.get("users"), 0, MOST_USERS)
    yield from bad_list(at(path, "roles"), told.get("roles"), 0, MOST_ROLES)
    yield from bad_flag(at(path, "replied_user"), told.get("replied_user"))
    parse = told.get("parse") or []
    for position, kind in enumerate(parse):
        if kind not in KINDS:
            where = at(at(path, "parse"), position)
            yield Problem(where, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(repr, KINDS))}}}.")
    for kind in ("users", "roles"):
        if kind in parse and told.get(kind):
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Problem(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def allowed_mentions(told: Mapping[str, Any] | None) -> AllowedMentions:
    if told is None:
        return ALL
    return AllowedMentions(
        parse=frozenset(told.get("parse") or ()),
        users=frozenset(int(each) for each in told.get("users") or ()),
        roles=frozenset(int(each) for each in told.get("roles") or ()),
        replied_user=bool(told.get("replied_user")),
    )
