"""Query parameters of lists: `limit`, `before`, `after`, `around`."""

from collections.abc import Mapping, Sequence

from adapters.discord.simulated.problems import Problem, refuse_if_any

MOST = 100
USUAL = 50
TRUE = frozenset({"true", "1"})


def limit_of(query: Mapping[str, str], *, usual: int = USUAL, most: int = MOST) -> int:
    told = query.get("limit", str(usual))
    if not told.isdecimal():
        refuse_if_any([Problem("limit", "NUMBER_TYPE_COERCE", f'Value "{told}" is not int.')])
    limit = int(told)
    if not 1 <= limit <= most:
        code, words = (
            ("NUMBER_TYPE_MAX", f"less than or equal to {most}")
            if limit > most
            else (
                "NUMBER_TYPE_MIN",
                "greater than or equal to 1",
            )
        )
        refuse_if_any([Problem("limit", code, f"int value should be {words}.")])
    return limit


def snowflake_of(query: Mapping[str, str], name: str) -> int | None:
    told = query.get(name)
    if told is None:
        return None
    if not told.isdecimal():
        refuse_if_any([Problem(name, "NUMBER_TYPE_COERCE", f'Value "{told}" is not snowflake.')])
    return int(told)


def flag_of(query: Mapping[str, str], name: str) -> bool:
    """Clients say true, True and 1."""
    return query.get(name, "false").lower() in TRUE


def page(ids: Sequence[int], query: Mapping[str, str]) -> list[int]:
    """Of ids in the order of time, those that a list of messages gives: newest first (docs, "Get Channel Messages")."""
    limit = limit_of(query)
    around, before, after = (snowflake_of(query, name) for name in ("around", "before", "after"))
    if around is not None:
        older = [each for each in ids if each < around][-(limit // 2) :] if limit > 1 else []
        newer = [each for each in ids if each >= around][: limit - len(older)]
        return sorted(older + newer, reverse=True)
    if after is not None:
        return sorted([each for each in ids if each > after][:limit], reverse=True)
    return sorted([each for each in ids if before is None or each < before][-limit:], reverse=True)
