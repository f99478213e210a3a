"""Webhooks' names: what is refused. Source: docs, resources/webhook ("Create Webhook") and resources/user (names)."""

from collections.abc import Iterator

from adapters.discord.simulated.problems import Problem, bad_text

LONGEST_NAME_CHARS = 80
FORBIDDEN = ("clyde", "discord")  # in any case
FORBIDDEN_WHOLE = ("everyone", "here")


def name_problems(path: str, name: object) -> Iterator[Problem]:
    """Of a webhook's name or of the one that a message overrides it with; whitespace around it does not count."""
    if name is None:
        return
    bare = name.strip() if isinstance(name, str) else name
    yield from bad_text(path, bare, 1, LONGEST_NAME_CHARS)
    if not isinstance(bare, str):
        return
    for word in FORBIDDEN:
        if word in bare.lower():
            yield Problem(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    if bare.lower() in FORBIDDEN_WHOLE:
        yield Problem(path, "USERNAME_INVALID_EQUALS", f'Username cannot be "{bare}"')
