"""Whether Discord is there and takes the token, for `doctor`: two questions to its API, and no connection."""

import asyncio

from pydantic import SecretStr

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import UNAUTHORIZED, Denied, Unanswered
from adapters.discord.rest.rest import Rest
from adapters.discord.rest.signing_in import WRONG_TOKEN
from adapters.terminal.host import Check

TIMEOUT_S = 10.0
FEW_STARTS = 50
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""Flags of an application that may read messages: granted to it, or, below a hundred servers, switched on."""

NAME = "discord"


async def examine_discord(token: SecretStr, api_base: str) -> Check:
    """The verdict; the token is in no part of it."""
    try:
        async with asyncio.timeout(TIMEOUT_S), Rest(token, api_base=api_base) as rest:
            application = await rest.ask(Ask("GET", "/applications/@me", lane="application", may_repeat=False))
            gateway = await rest.ask(Ask("GET", "/gateway/bot", lane="gateway", may_repeat=False))
    except Denied as denied:
        if denied.status == UNAUTHORIZED:
            return Check(NAME, "failed", "Discord does not take the token", WRONG_TOKEN)
        return Check(NAME, "warning", f"Discord answers with {denied}", "It is tried again by itself.")
    except Unanswered as unanswered:
        return Check(NAME, "warning", f"Discord cannot be reached: {unanswered}", "Check the network.")
    except TimeoutError:
        return Check(NAME, "warning", "Discord cannot be reached in time", "Check the network.")
    return _verdict(application, gateway)


def _verdict(application: object, gateway: object) -> Check:
    app = application if isinstance(application, dict) else {}
    gate = gateway if isinstance(gateway, dict) else {}
    limit = gate.get("session_start_limit")
    left = limit.get("remaining") if isinstance(limit, dict) else None
    found = (
        f"{app.get('name', 'the bot')} may connect; shards: {gate.get('shards', 1)}; new sessions left today: {left}"
    )
    if not int(app.get("flags") or 0) & MESSAGE_CONTENT:
        return Check(
            NAME,
            "failed",
            f"{app.get('name', 'the bot')} may not read messages",
            "Switch on MESSAGE CONTENT INTENT in the Developer Portal (your application, Bot).",
        )
    if isinstance(left, int) and left < FEW_STARTS:
        return Check(NAME, "warning", found, "Something connects again and again: look at the logs.")
    return Check(NAME, "ok", found)
