"""The composition root: the one place that knows engine, adapters and projections."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("not built yet")
