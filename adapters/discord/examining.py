"""Whether Discord is there and takes the token, for `doctor`: two questions to its API, and no connection."""

import asyncio

import nextcord
from nextcord.http import Route
from pydantic import SecretStr

from adapters.discord.hearing.surroundings import OUT_OF_REACH
from adapters.discord.requests import Requests, use_bases
from adapters.terminal.host import Check
from engine.errors import Misconfigured

TIMEOUT_S = 10.0
FEW_STARTS = 50
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""Flags of an application that may read messages: granted to it, or, below a hundred servers, switched on."""

NAME = "discord"


async def examine_discord(token: SecretStr, api_base: str, cdn_base: str) -> Check:
    """The verdict; the token is in no part of it."""
    use_bases(api_base, cdn_base)
    requests = Requests()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await requests.sign_in(token)
            application = await requests.request(Route("GET", "/applications/@me"))
            gateway = await requests.request(Route("GET", "/gateway/bot"))
    except Misconfigured as error:
        return Check(NAME, "failed", "Discord does not take the token", error.message)
    except nextcord.HTTPException as error:
        return Check(NAME, "warning", f"Discord answers with status {error.status}", "It is tried again by itself.")
    except OUT_OF_REACH as error:
        return Check(NAME, "warning", f"Discord cannot be reached ({type(error).__name__})", "Check the network.")
    finally:
        await requests.close()
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
