"""Threads and their members. Source: docs, resources/channel ("Start Thread …") and topics/threads."""

from typing import Any

from adapters.discord.simulated.changes import channels as changes
from adapters.discord.simulated.changes import messages as message_changes
from adapters.discord.simulated.changes.channels import ThreadPlan
from adapters.discord.simulated.payloads import channels as payloads
from adapters.discord.simulated.payloads import users as user_payloads
from adapters.discord.simulated.problems import (
    Problem,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    missing,
    not_one_of,
    refuse_if_any,
    unknown,
)
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.messages import message_of
from adapters.discord.simulated.rest.posting import refuse_if_archived, refuse_unknown_stickers
from adapters.discord.simulated.rest.queries import flag_of, limit_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.rest.seeing import as_seen
from adapters.discord.simulated.world.channels import THREADS, Channel, ChannelType
from adapters.discord.simulated.world.messages import MessageFlag, MessageType
from adapters.discord.simulated.world.permissions import Permission

LONGEST_NAME_CHARS = 100
MOST_TAGS = 5
SLOWEST_S = 21_600
ARCHIVE_DURATIONS_MIN = (60, 1440, 4320, 10_080)

IN_CHANNEL = "/channels/{channel_id}/threads"
MEMBERS = "/channels/{channel_id}/thread-members"
CHANGEABLE = frozenset({"name", "auto_archive_duration", "rate_limit_per_user"})
# Clients say `type` also where it means nothing (from a message, in a forum), and Discord passes over it.
PLAN = CHANGEABLE | {"type"}
WITHOUT_MESSAGE = PLAN | {"invitable"}
POST = PLAN | {"applied_tags", "message"}

routes = Routes()


@routes.post("/channels/{channel_id}/messages/{message_id}/threads")
def start_from_message(call: Call) -> Answer:
    parent = call.channel(Permission.CREATE_PUBLIC_THREADS)
    if parent.type not in {ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT}:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    message = message_of(call, parent)
    body = _checked(call, PLAN)
    if message.id in call.world.channels:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    kind = (
        ChannelType.ANNOUNCEMENT_THREAD if parent.type == ChannelType.GUILD_ANNOUNCEMENT else ChannelType.PUBLIC_THREAD
    )
    thread = changes.open_thread(call.world, parent, call.application.user.id, _plan(body, kind), id=message.id)
    message_changes.edit(call.world, message, is_by_author=False, flags=message.flags | MessageFlag.HAS_THREAD)
    return Answer(201, _shown(call, thread))


@routes.post(IN_CHANNEL, query=["use_nested_fields"])
def start(call: Call) -> Answer:
    parent = call.channel()
    if parent.is_forum:
        return _start_post(call, parent)
    if parent.type not in {ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT}:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    body = _checked(call, WITHOUT_MESSAGE)
    # Docs: without a type it is a private one, as it was when threads were new.
    kind = ChannelType(body.get("type") or ChannelType.PRIVATE_THREAD)
    is_private = kind == ChannelType.PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if is_private else Permission.CREATE_PUBLIC_THREADS
    if not call.may(needed, parent):
        raise errors.missing_permissions()
    thread = changes.open_thread(call.world, parent, call.application.user.id, _plan(body, kind))
    if not is_private:
        draft = message_changes.Draft(content=thread.name or "", type=MessageType.THREAD_CREATED)
        message_changes.post(call.world, parent, call.application.user, draft)
    return Answer(201, _shown(call, thread))


def _start_post(call: Call, forum: Channel) -> Answer:
    """A thread with its first message, whose ids are the same."""
    body = _checked(call, POST)
    refuse_if_any(missing("", body, "message"))
    first = forms.check(body["message"], call.uploads, fields=forms.FORUM_POST, path="message")
    if not call.may(Permission.SEND_MESSAGES, forum):
        raise errors.missing_permissions()
    draft = forms.draft(call.world, forum.id, first, call.uploads)
    refuse_unknown_stickers(call.world, draft.sticker_ids)
    forms.refuse_if_empty(draft)
    draft.may_mention_everyone = call.may(Permission.MENTION_EVERYONE, forum)
    thread = changes.open_thread(call.world, forum, call.application.user.id, _plan(body, ChannelType.PUBLIC_THREAD))
    message = message_changes.post(call.world, thread, call.application.user, draft, id=thread.id)
    return Answer(201, _shown(call, thread) | {"message": as_seen(call, message)})


@routes.get(IN_CHANNEL + "/archived/public", query=["before", "limit"])
def list_archived_public(call: Call) -> Answer:
    parent = call.channel(Permission.READ_MESSAGE_HISTORY)
    public = {ChannelType.PUBLIC_THREAD, ChannelType.ANNOUNCEMENT_THREAD}
    return _archived(call, [each for each in _threads_of(call, parent) if each.type in public])


@routes.get(IN_CHANNEL + "/archived/private", query=["before", "limit"])
def list_archived_private(call: Call) -> Answer:
    parent = call.channel(Permission.READ_MESSAGE_HISTORY, Permission.MANAGE_THREADS)
    return _archived(call, [each for each in _threads_of(call, parent) if each.is_private_thread])


@routes.get("/channels/{channel_id}/users/@me/threads/archived/private", query=["before", "limit"])
def list_joined_archived_private(call: Call) -> Answer:
    parent = call.channel(Permission.READ_MESSAGE_HISTORY)
    bot = call.application.user.id
    mine = [each for each in _threads_of(call, parent) if each.thread is not None and bot in each.thread.members]
    return _archived(call, [each for each in mine if each.is_private_thread])


@routes.get("/guilds/{guild_id}/threads/active")
def list_active(call: Call) -> Answer:
    guild = call.guild()
    found = [
        each
        for each in call.world.channels.values()
        if each.guild_id == guild.id
        and each.thread is not None
        and not each.thread.is_archived
        and call.may(Permission.VIEW_CHANNEL, each)
    ]
    return Answer(200, _listed(call, found) | {"has_more": False})


# Documented as PUT; clients of long standing say POST, and it is taken.
@routes.put(MEMBERS + "/@me")
@routes.post(MEMBERS + "/@me")
def join(call: Call) -> Answer:
    thread = _thread(call)
    refuse_if_archived(thread)
    changes.join_thread(call.world, thread, call.application.user.id)
    return Answer(204)


@routes.delete(MEMBERS + "/@me")
def leave(call: Call) -> Answer:
    thread = _thread(call)
    refuse_if_archived(thread)
    changes.leave_thread(call.world, thread, call.application.user.id)
    return Answer(204)


@routes.put(MEMBERS + "/{user_id}")
@routes.post(MEMBERS + "/{user_id}")
def add_member(call: Call) -> Answer:
    thread = _thread(call)
    refuse_if_archived(thread)
    user_id = call.id("user_id")
    guild = call.world.guilds[thread.guild_id or 0]
    if user_id not in guild.members:
        raise errors.unknown("Member")
    changes.join_thread(call.world, thread, user_id)
    return Answer(204)


@routes.delete(MEMBERS + "/{user_id}")
def remove_member(call: Call) -> Answer:
    thread = _thread(call)
    refuse_if_archived(thread)
    is_own = thread.is_private_thread and thread.owner_id == call.application.user.id
    if not is_own and not call.may(Permission.MANAGE_THREADS, thread):
        raise errors.missing_permissions()
    changes.leave_thread(call.world, thread, call.id("user_id"))
    return Answer(204)


@routes.get(MEMBERS + "/{user_id}", query=["with_member"])
def get_member(call: Call) -> Answer:
    thread = _thread(call)
    assert thread.thread is not None, "a thread"
    if call.id("user_id") not in thread.thread.members:
        raise errors.unknown("Member")
    return Answer(200, _member(call, thread, call.id("user_id")))


@routes.get(MEMBERS, query=["with_member", "after", "limit"])
def list_members(call: Call) -> Answer:
    thread = _thread(call)
    assert thread.thread is not None, "a thread"
    limit = limit_of(call.query, usual=100)
    return Answer(200, [_member(call, thread, each) for each in sorted(thread.thread.members)[:limit]])


def change(call: Call, thread: Channel) -> Answer:
    """PATCH of a thread: its owner renames and archives it; locking needs MANAGE_THREADS."""
    body = _checked(call, CHANGEABLE | {"archived", "locked", "invitable", "flags", "applied_tags"}, is_partial=True)
    state = thread.thread
    assert state is not None, "a thread"
    manages = call.may(Permission.MANAGE_THREADS, thread)
    is_own = thread.owner_id == call.application.user.id
    # Whoever may write there may wake an archived thread that is not locked.
    only_wakes = body.keys() <= {"archived"} and body.get("archived") is False and not state.is_locked
    if not (manages or only_wakes or (is_own and "locked" not in body and not state.is_locked)):
        raise errors.missing_permissions()
    if state.is_archived and body.get("archived") is not False and body.keys() - {"locked", "archived", "flags"}:
        raise Refusal(400, 50083, "Thread is archived")
    thread.name = body.get("name") or thread.name
    state.is_locked = bool(body.get("locked", state.is_locked))
    if "archived" in body and bool(body["archived"]) != state.is_archived:
        state.is_archived = bool(body["archived"])
        state.archive_timestamp = call.world.clock.now()
    state.is_invitable = bool(body.get("invitable", state.is_invitable))
    state.auto_archive_duration_min = body.get("auto_archive_duration") or state.auto_archive_duration_min
    thread.rate_limit_per_user_s = body.get("rate_limit_per_user") or thread.rate_limit_per_user_s
    if body.get("applied_tags") is not None:
        state.applied_tags = [int(each) for each in body["applied_tags"]]
    changes.updated(call.world, thread)
    return Answer(200, _shown(call, thread))


def _checked(call: Call, fields: frozenset[str], *, is_partial: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    problems: list[Problem] = [
        *unknown("", body, fields),
        *([] if is_partial else missing("", body, "name")),
        *bad_text("name", body.get("name"), 1, LONGEST_NAME_CHARS),
        *not_one_of("auto_archive_duration", body.get("auto_archive_duration"), ARCHIVE_DURATIONS_MIN),
        *bad_number("rate_limit_per_user", body.get("rate_limit_per_user"), 0, SLOWEST_S),
        *not_one_of("type", body.get("type"), [int(each) for each in sorted(THREADS)]),
        *bad_list("applied_tags", body.get("applied_tags"), 0, MOST_TAGS),
    ]
    for name in ("archived", "locked", "invitable"):
        problems += bad_flag(name, body.get(name))
    refuse_if_any(problems)
    return body


def _plan(body: dict[str, Any], kind: ChannelType) -> ThreadPlan:
    return ThreadPlan(
        name=body["name"],
        type=kind,
        auto_archive_duration_min=body.get("auto_archive_duration") or 1440,
        rate_limit_per_user_s=body.get("rate_limit_per_user") or 0,
        is_invitable=bool(body.get("invitable", True)),
        applied_tags=[int(each) for each in body.get("applied_tags") or ()],
    )


def _thread(call: Call) -> Channel:
    thread = call.channel()
    if not thread.is_thread:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    return thread


def _threads_of(call: Call, parent: Channel) -> list[Channel]:
    return [each for each in call.world.channels.values() if each.is_thread and each.parent_id == parent.id]


def _archived(call: Call, threads: list[Channel]) -> Answer:
    """Latest archived first."""
    found = [each for each in threads if each.thread is not None and each.thread.is_archived]
    found.sort(key=lambda each: each.thread.archive_timestamp if each.thread else call.world.clock.now(), reverse=True)
    limit = limit_of(call.query)
    return Answer(200, _listed(call, found[:limit]) | {"has_more": len(found) > limit})


def _listed(call: Call, threads: list[Channel]) -> dict[str, Any]:
    bot = call.application.user.id
    joined = [each for each in threads if each.thread is not None and bot in each.thread.members]
    return {
        "threads": [_shown(call, each) for each in threads],
        "members": [payloads.thread_member(each, bot) for each in joined],
    }


def _member(call: Call, thread: Channel, user_id: int) -> dict[str, Any]:
    payload = payloads.thread_member(thread, user_id)
    if flag_of(call.query, "with_member"):
        guild = call.world.guilds[thread.guild_id or 0]
        payload["member"] = user_payloads.member(guild.members[user_id], call.world.users[user_id])
    return payload


def _shown(call: Call, thread: Channel) -> dict[str, Any]:
    return payloads.thread(call.world, thread, seen_by=call.application.user.id)
