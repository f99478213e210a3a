"""A message's body: what is refused, the draft that it makes, the changes that an edit makes.

Source: docs, resources/message ("Create Message", "Edit Message") and resources/webhook ("Execute Webhook"). Callbacks
and follow-ups of interactions read theirs here too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.changes.messages import Draft
from adapters.discord.simulated.components import layouts, sending
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.problems import (
    Problem,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    refuse_if_any,
    unknown,
)
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import attachments, embeds, mentions, polls
from adapters.discord.simulated.rest.routes import Upload
from adapters.discord.simulated.world.messages import Attachment, Message, MessageFlag
from adapters.discord.simulated.world.world import World

LONGEST_CONTENT_CHARS = 2000
LONGEST_NONCE_CHARS = 25
MOST_STICKERS = 3

SHARED = frozenset({"content", "embeds", "allowed_mentions", "components", "attachments", "flags"})
# Clients send these along also where they mean nothing, and Discord passes over them.
PASSED_OVER = frozenset({"tts", "enforce_nonce"})
NEW = SHARED | PASSED_OVER | {"poll"}
CREATE = NEW | {"nonce", "message_reference", "sticker_ids"}
FORUM_POST = SHARED | PASSED_OVER | {"sticker_ids"}
EDIT = SHARED | PASSED_OVER
BY_WEBHOOK = NEW | {"username", "avatar_url", "thread_name", "applied_tags"}
# The persona of the first time stays; some clients say it again.
BY_WEBHOOK_EDIT = SHARED | PASSED_OVER | {"poll", "username", "avatar_url"}

# What a message has to have one of, by the names of its fields.
SUBSTANCE = ("content", "embeds", "components", "attachments", "sticker_ids", "poll", "snapshots")

# Flags that a sender may set (docs, "Message Flags": the others are Discord's).
SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_VOICE_MESSAGE
    | MessageFlag.IS_COMPONENTS_V2
)


def check(
    body: object,
    uploads: Sequence[Upload],
    *,
    fields: frozenset[str],
    path: str = "",
    before: Message | None = None,
) -> dict[str, Any]:
    """The body, when nothing is wrong with it; `before` is the message that it edits, `path` where it lies."""
    if not isinstance(body, dict):
        body = {}
    refuse_if_any(_problems(body, uploads, fields, path, before))
    return body


def refuse_if_empty(draft: Draft) -> None:
    has_words = bool(draft.content.strip())
    if not (has_words or draft.embeds or draft.components or draft.attachments or draft.sticker_ids or draft.poll):
        raise Refusal(400, 50006, "Cannot send an empty message")


def draft(world: World, channel_id: int, body: Mapping[str, Any], uploads: Sequence[Upload]) -> Draft:
    """What a checked body makes; the reference and whose it is are the caller's to fill in."""
    files = attachments.stored(world, channel_id, uploads, body.get("attachments"))
    media = media_of(world, files)
    told_poll = body.get("poll")
    return Draft(
        content=str(body.get("content") or "").strip(),
        embeds=embeds.standing(body.get("embeds") or (), media),
        components=sending.as_sent(body.get("components") or (), media),
        attachments=files,
        sticker_ids=[int(each) for each in body.get("sticker_ids") or ()],
        flags=MessageFlag(body.get("flags") or 0) & SETTABLE,
        poll=None if told_poll is None else polls.begun(told_poll, world.clock.now()),
        allowed_mentions=mentions.allowed_mentions(body.get("allowed_mentions")),
        is_tts=bool(body.get("tts")),
        nonce=body.get("nonce"),
    )


def edits(world: World, message: Message, body: Mapping[str, Any], uploads: Sequence[Upload]) -> dict[str, Any]:
    """Which fields of a message a checked body sets: what is absent stays, null empties (docs, "Edit Message")."""
    changed: dict[str, Any] = {}
    told = body.get("attachments")
    kept_ids = {str(each["id"]) for each in told} if isinstance(told, list) else None
    kept = [each for each in message.attachments if kept_ids is None or str(each.id) in kept_ids]
    files = [*kept, *attachments.stored(world, message.channel_id, uploads, told)]
    if "attachments" in body or uploads:
        changed["attachments"] = files
    media = media_of(world, files)
    if "content" in body:
        changed["content"] = str(body["content"] or "").strip()
    if "embeds" in body:
        changed["embeds"] = embeds.standing(body["embeds"] or (), media)
    if "components" in body:
        changed["components"] = sending.as_sent(body["components"] or (), media)
    if body.get("flags") is not None:
        # Components cannot be taken back, and nothing else than these can be changed later.
        changeable = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2
        told_flags = MessageFlag(body["flags"]) & changeable
        changed["flags"] = message.flags & ~MessageFlag.SUPPRESS_EMBEDS | told_flags
    return changed


def media_of(world: World, files: Sequence[Attachment]) -> dict[str, dict[str, Any]]:
    """Attachments' payloads by file name, for `attachment://name`."""
    return {each.filename: payloads.attachment(world, each) for each in files}


def _problems(
    body: Mapping[str, Any], uploads: Sequence[Upload], fields: frozenset[str], path: str, before: Message | None
) -> Iterator[Problem]:
    prefix = f"{path}." if path else ""
    yield from unknown(path, body, fields)
    yield from bad_text(f"{prefix}content", body.get("content"), 0, LONGEST_CONTENT_CHARS)
    yield from bad_number(f"{prefix}flags", body.get("flags"), 0, 2**31 - 1)
    yield from bad_flag(f"{prefix}tts", body.get("tts"))
    yield from bad_list(f"{prefix}sticker_ids", body.get("sticker_ids"), 0, MOST_STICKERS)
    yield from _nonce(f"{prefix}nonce", body.get("nonce"))
    yield from embeds.embeds_problems(f"{prefix}embeds", body.get("embeds"))
    yield from attachments.attachments_problems(f"{prefix}attachments", body.get("attachments"), uploads)
    yield from mentions.allowed_mentions_problems(f"{prefix}allowed_mentions", body.get("allowed_mentions"))
    yield from polls.poll_problems(f"{prefix}poll", body.get("poll"))
    flags = MessageFlag(body["flags"]) if isinstance(body.get("flags"), int) else MessageFlag(0)
    is_v2 = MessageFlag.IS_COMPONENTS_V2 in (flags if before is None else flags | before.flags)
    if body.get("components") is not None:
        yield from layouts.message_problems(body["components"], is_v2=is_v2, path=f"{prefix}components")
    if is_v2:
        yield from layouts.legacy_problems(body)


def _nonce(path: str, nonce: object) -> Iterator[Problem]:
    if nonce is not None and not isinstance(nonce, int):
        yield from bad_text(path, nonce, 0, LONGEST_NONCE_CHARS)
