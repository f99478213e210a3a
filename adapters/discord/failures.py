"""How errors are logged: what failed and where, and not in their own words, which may hold what somebody said. Pure."""


def in_short(error: BaseException) -> str:
    """Its kind, and the line where it arose."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    name = type(error).__name__
    return f"{name} at {where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else name
