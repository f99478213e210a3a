"""What may be sent as an API key.

A blank key must never be passed on: the client library would take the operator's in its place. One with a line break
or a letter outside ASCII would fail as if the network had.
"""

import re

from pydantic import SecretStr

_KEY = re.compile(r"[\x21-\x7e]+")


def usable_key(key: SecretStr) -> str | None:
    """The key without surrounding space, or None when no provider could have issued it."""
    stripped = key.get_secret_value().strip()
    return stripped if _KEY.fullmatch(stripped) else None
