"""Text as it can be recorded: every platform sends what neither UTF-8 nor Postgres takes."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def recordable(text: str) -> str:
    """The text without NUL and without halves of surrogate pairs; most text is returned as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", REPLACEMENT)
