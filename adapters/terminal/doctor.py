"""`tzurot doctor`: what is there, how it is, and what to do about it. It calls no model and changes nothing."""

import stat
from collections.abc import Awaitable, Callable, Iterator

from adapters.terminal.host import Check, Host, Opened, Verdict
from engine.errors import TzurotError
from engine.settings import Settings

FULL_WARNING_SHARE = 0.8
LAG_WARNING_EVENTS = 1_000
PROJECTIONS_WAIT_S = 5.0
OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO


async def examine(host: Host, settings: Settings) -> list[Check]:
    """Every check in order; what cannot be opened is a failed check, and what depends on it is left out."""
    checks = [_check_model(settings), await _check_discord(settings)]
    try:
        async with host.opened(frozenset({"projections"})) as opened:
            checks += [_check_servers(settings), _check_key_ring(settings)]
            for check in _LIVE_CHECKS:
                checks.append(await check(opened))
            checks.append(Check("versions", "ok", ", ".join(f"{name} {of}" for name, of in opened.versions.items())))
    except* TzurotError as errors:
        for error in _each(errors):
            checks.append(Check("start", "failed", str(error), "Correct this first: the rest was not looked at."))
    return checks


def _each(group: BaseExceptionGroup[TzurotError]) -> Iterator[TzurotError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _each(error)
        else:
            yield error


def _check_model(settings: Settings) -> Check:
    if settings.is_offline:
        return Check(
            "model",
            "warning",
            "the offline model answers",
            "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server.",
        )
    named = settings.openai_model or "the built-in default"
    where = settings.openai_base_url or "OpenAI"
    return Check("model", "ok", f"{named} at {where}")


async def _check_discord(settings: Settings) -> Check:
    if settings.discord_token is None:
        return Check("discord", "ok", "not configured: set DISCORD_TOKEN to connect")
    from adapters.discord.examining import examine_discord  # noqa: PLC0415 - nextcord takes half a second to import

    return await examine_discord(settings.discord_token, settings.discord_api_base)


def _check_servers(settings: Settings) -> Check:
    if settings.nats_url is None:
        return Check("servers", "ok", f"nats-server embedded in {settings.data_dir}; it syncs every write")
    return Check(
        "servers",
        "warning",
        "nats-server as NATS_URL says; how it syncs cannot be seen from here",
        "Make sure that its configuration has `jetstream { sync_interval: always }`: the default loses events.",
    )


def _check_key_ring(settings: Settings) -> Check:
    path = settings.key_ring_path
    if path.stat().st_mode & OTHERS_MAY_READ:
        return Check("key ring", "failed", f"{path} can be read by others", f"Run: chmod 600 {path}")
    return Check("key ring", "ok", f"{path}, belongs to this log")


async def _check_log(opened: Opened) -> Check:
    state = await opened.engine.log.state()
    found = f"{state.events} events up to position {state.last_position}, {state.bytes / 1e6:.1f} MB"
    if state.max_bytes and state.bytes > FULL_WARNING_SHARE * state.max_bytes:
        return Check("log", "warning", f"{found} of {state.max_bytes / 1e6:.1f} MB", "Raise TZUROT_LOG_MAX_BYTES.")
    return Check("log", "ok", found)


async def _check_projections(opened: Opened) -> Check:
    last = await opened.engine.log.last_position()
    try:
        await opened.engine.read.wait_for(last, timeout_s=PROJECTIONS_WAIT_S)
    except TzurotError:
        positions = await opened.replay.positions()
        lag = last - min(positions.values(), default=0)
        verdict: Verdict = "failed" if lag > LAG_WARNING_EVENTS else "warning"
        return Check(
            "projections", verdict, f"{lag} events behind", "Wait, or look at the log of the process that projects."
        )
    return Check("projections", "ok", f"up to position {last}")


_LIVE_CHECKS: tuple[Callable[[Opened], Awaitable[Check]], ...] = (_check_log, _check_projections)
