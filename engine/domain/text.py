"""Text as it can be recorded: every platform sends what neither UTF-8 nor Postgres takes."""

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def recordable(text: str) -> str:
    """The text without NUL and without halves of surrogate pairs; most text is returned as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", REPLACEMENT)


def folded(name: str) -> str:
    """A name as names are compared: without regard to case, width and the white space between its words."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
