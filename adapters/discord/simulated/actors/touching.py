"""Pressing buttons, choosing from selects and sending off modals."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.discord.simulated.actors import speaking
from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.actors.modals import Modal, submitted
from adapters.discord.simulated.components.kinds import SELECTS, ButtonStyle, ComponentType
from adapters.discord.simulated.components.walking import walk
from adapters.discord.simulated.interactions.beginning import begin
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.interactions.resolving import Resolved
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.guilds import Role
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World

type Choice = str | User | Role | Channel
# What each select that is filled by Discord offers.
OFFERS: Mapping[ComponentType, tuple[type, ...]] = {
    ComponentType.USER_SELECT: (User,),
    ComponentType.ROLE_SELECT: (Role,),
    ComponentType.MENTIONABLE_SELECT: (User, Role),
    ComponentType.CHANNEL_SELECT: (Channel,),
}


def click(world: World, user: User, message: Message, name: str) -> Interaction:
    button = _component(world, user, message, name)
    if button["type"] != ComponentType.BUTTON:
        raise ImpossibleAct(f"{name!r} is a select: choose from it.")
    if button["style"] == ButtonStyle.LINK:
        raise ImpossibleAct(f"{name!r} opens {button['url']}: the application hears nothing of it.")
    data = {"custom_id": button["custom_id"], "component_type": int(ComponentType.BUTTON), "id": button["id"]}
    return _begin(world, user, message, data)


def select(world: World, user: User, message: Message, name: str, choices: Sequence[Choice]) -> Interaction:
    menu = _component(world, user, message, name)
    if menu["type"] not in SELECTS:
        raise ImpossibleAct(f"{name!r} is no select: click it.")
    if not menu["min_values"] <= len(choices) <= menu["max_values"]:
        raise ImpossibleAct(f"{name!r} takes {menu['min_values']} to {menu['max_values']} choices, not {len(choices)}.")
    channel = world.channels[message.channel_id]
    application_id = _application_of(world, message)
    assert application_id is not None, "looked up with the component"
    resolved = Resolved(world, application_id, user, channel)
    data = {
        "custom_id": menu["custom_id"],
        "component_type": int(menu["type"]),
        "id": menu["id"],
        "values": [_value(resolved, menu, name, choice) for choice in choices],
    }
    return _begin(world, user, message, data | ({"resolved": resolved.payload} if resolved.payload else {}))


def submit(world: World, user: User, modal: Modal, filled: Mapping[str, Any]) -> Interaction:
    opened = modal.interaction
    if opened.user_id != user.id:
        raise ImpossibleAct(f"The modal {modal.title!r} was not shown to {user.username}.")
    if opened.is_modal_submitted:
        raise ImpossibleAct(f"The modal {modal.title!r} has been sent off already.")
    data = {"custom_id": modal.custom_id, "components": submitted(modal, filled)}
    opened.is_modal_submitted = True
    return begin(
        world,
        InteractionType.MODAL_SUBMIT,
        application_id=opened.application_id,
        user=user,
        channel=world.channels[opened.channel_id],
        data=data,
        metadata={"triggering_interaction_metadata": opened.metadata},
        message_id=opened.message_id,
    )


def _component(world: World, user: User, message: Message, name: str) -> Mapping[str, Any]:
    """The component of that custom_id, or the one that reads so."""
    speaking.still_there(world, user, message)
    if _application_of(world, message) is None:
        raise ImpossibleAct("Nobody listens to the components of that message.")
    everything = [component for _, component in walk(message.components)]
    for field in ("custom_id", "label", "placeholder"):
        for component in everything:
            if component.get(field) == name and component["type"] in SELECTS | {ComponentType.BUTTON}:
                if component.get("disabled"):
                    raise ImpossibleAct(f"{name!r} is disabled.")
                return component
    raise ImpossibleAct(f"The message has no component {name!r}.")


def _application_of(world: World, message: Message) -> int | None:
    """Whose components they are: the answering application's, its webhook's, or the bot's who wrote the message."""
    if message.application_id is not None:
        return message.application_id
    return next((each.id for each in world.applications.values() if each.user.id == message.author.id), None)


def _value(resolved: Resolved, menu: Mapping[str, Any], name: str, choice: Choice) -> str:
    kind = ComponentType(menu["type"])
    if kind is ComponentType.STRING_SELECT:
        for option in menu["options"]:
            if choice in {option["value"], option["label"]}:
                return str(option["value"])
        raise ImpossibleAct(f"{choice!r} is not among the options of {name!r}.")
    if isinstance(choice, str) or not isinstance(choice, OFFERS[kind]):
        raise ImpossibleAct(f"{choice!r} is not among what {name!r} offers.")
    if isinstance(choice, User):
        return resolved.user(choice)
    if isinstance(choice, Role):
        return resolved.role(choice)
    speaking.may_see(resolved.world, resolved.asker, choice)
    if menu.get("channel_types") and choice.type not in menu["channel_types"]:
        raise ImpossibleAct(f"{name!r} does not offer {speaking.name_of(choice)}.")
    return resolved.other_channel(choice)


def _begin(world: World, user: User, message: Message, data: Mapping[str, Any]) -> Interaction:
    application_id = _application_of(world, message)
    assert application_id is not None, "looked up with the component"
    return begin(
        world,
        InteractionType.MESSAGE_COMPONENT,
        application_id=application_id,
        user=user,
        channel=world.channels[message.channel_id],
        data=data,
        metadata={"interacted_message_id": snowflake(message.id)},
        message_id=message.id,
    )
