"""Pins. Source: docs, resources/message ("Get Channel Pins", "Pin Message"); the older paths do the same."""

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.payloads.scalars import snowflake_or_none, timestamp
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.messages import message_of
from adapters.discord.simulated.rest.queries import limit_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.rest.seeing import as_seen
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission

MOST_PINS = 250  # docs, "Pin Message"; error 30003 still says 50
MOST_A_PAGE = 50

PINS = "/channels/{channel_id}/messages/pins"
OLD_PINS = "/channels/{channel_id}/pins"

routes = Routes()


@routes.get(PINS, query=["before", "limit"])
def list_pins(call: Call) -> Answer:
    channel = _readable(call)
    limit = limit_of(call.query, most=MOST_A_PAGE)
    before = call.query.get("before")
    pinned = [each for each in _pinned(call, channel) if before is None or timestamp(each.timestamp) < before]
    items = [{"pinned_at": timestamp(each.timestamp), "message": as_seen(call, each)} for each in pinned[:limit]]
    return Answer(200, {"items": items, "has_more": len(pinned) > limit})


@routes.get(OLD_PINS)
def list_pins_at_once(call: Call) -> Answer:
    channel = _readable(call)
    return Answer(200, [as_seen(call, each) for each in _pinned(call, channel)])


@routes.put(PINS + "/{message_id}")
@routes.put(OLD_PINS + "/{message_id}")
def pin(call: Call) -> Answer:
    channel = call.channel()
    _refuse_unless_may_pin(call, channel)
    message = message_of(call, channel)
    if not message.is_pinned:
        if len(_pinned(call, channel)) >= MOST_PINS:
            raise Refusal(400, 30003, f"Maximum number of pins reached for the channel ({MOST_PINS})")
        _set(call, channel, message, is_pinned=True)
        changes.tell_of_pin(call.world, channel, call.application.user, message)
    return Answer(204)


@routes.delete(PINS + "/{message_id}")
@routes.delete(OLD_PINS + "/{message_id}")
def unpin(call: Call) -> Answer:
    channel = call.channel()
    _refuse_unless_may_pin(call, channel)
    _set(call, channel, message_of(call, channel), is_pinned=False)
    return Answer(204)


def _set(call: Call, channel: Channel, message: Message, *, is_pinned: bool) -> None:
    changes.edit(call.world, message, is_by_author=False, is_pinned=is_pinned)
    channel.last_pin_timestamp = call.world.clock.now()
    payload = {
        "guild_id": snowflake_or_none(channel.guild_id),
        "channel_id": str(channel.id),
        "last_pin_timestamp": timestamp(channel.last_pin_timestamp),
    }
    told = {key: value for key, value in payload.items() if value is not None}
    call.world.publish("CHANNEL_PINS_UPDATE", told, channel=channel)


def _pinned(call: Call, channel: Channel) -> list[Message]:
    found = [call.world.messages[each] for each in reversed(channel.message_ids)]
    return [each for each in found if each.is_pinned]


def _readable(call: Call) -> Channel:
    channel = call.channel()
    if not call.may(Permission.READ_MESSAGE_HISTORY, channel):
        raise errors.missing_permissions()
    return channel


def _refuse_unless_may_pin(call: Call, channel: Channel) -> None:
    """PIN_MESSAGES stands on its own since 2026; MANAGE_MESSAGES went before it."""
    if not (call.may(Permission.PIN_MESSAGES, channel) or call.may(Permission.MANAGE_MESSAGES, channel)):
        raise errors.missing_permissions()
