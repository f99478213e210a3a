"""What people write, and where Discord's clients let them. Each function acts or refuses with a sentence."""

from collections.abc import Sequence
from datetime import timedelta

from adapters.discord.simulated.actors.files import File, refuse_files, uploaded
from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.changes import channels as channel_changes
from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.changes import threads
from adapters.discord.simulated.changes.mentions import ALL, AllowedMentions, mentioned
from adapters.discord.simulated.world.channels import WITH_MESSAGES, Channel
from adapters.discord.simulated.world.messages import (
    Message,
    MessageFlag,
    MessageType,
    Poll,
    Reaction,
    Reference,
    ReferenceType,
)
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World

LONGEST_MESSAGE_CHARS = 2000  # docs: resources/message, "Create Message"; of people without Nitro
LONGEST_THREAD_NAME_CHARS = 100
FREE_OF_SLOWMODE = Permission.BYPASS_SLOWMODE | Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS
# Messages that people (or bots) wrote, rather than Discord told.
WRITTEN = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND}
)


def say(
    world: World,
    user: User,
    channel: Channel,
    text: str,
    *,
    reply_to: Message | None = None,
    pings_author: bool = True,
    files: Sequence[File] = (),
    stickers: Sequence[int] = (),
) -> Message:
    text = text.strip()
    may_write(world, user, channel)
    _is_slow_enough(world, user, channel)
    _fits(text, is_empty_allowed=bool(files or stickers))
    _may_attach(world, user, channel, files)
    for sticker in stickers:
        if not any(sticker in guild.stickers for guild in world.guilds.values() if user.id in guild.members):
            raise ImpossibleAct(f"{user.username} has no such sticker.")
    reference = None if reply_to is None else _reply(world, user, channel, reply_to)
    is_voice = any(file.duration_s is not None for file in files)
    threads.wake(world, channel)
    return changes.post(
        world,
        channel,
        user,
        changes.Draft(
            content=text,
            attachments=[uploaded(world, channel.id, file) for file in files],
            sticker_ids=list(stickers),
            reference=reference,
            flags=MessageFlag.IS_VOICE_MESSAGE if is_voice else MessageFlag(0),
            allowed_mentions=AllowedMentions(ALL.parse, replied_user=pings_author),
            may_mention_everyone=world.may(user.id, Permission.MENTION_EVERYONE, channel),
        ),
    )


def post_in_forum(
    world: World, user: User, forum: Channel, title: str, *, text: str, files: Sequence[File] = ()
) -> tuple[Channel, Message]:
    """A forum post: a thread that begins with a message of the same id."""
    may_see(world, user, forum)
    if not forum.is_forum:
        raise ImpossibleAct(f"#{forum.name} is no forum: write into it instead.")
    if not world.may(user.id, Permission.SEND_MESSAGES, forum):
        raise ImpossibleAct(f"{user.username} may not create posts in #{forum.name}.")
    if not 1 <= len(title.strip()) <= LONGEST_THREAD_NAME_CHARS:
        raise ImpossibleAct(f"A post's title has 1 to {LONGEST_THREAD_NAME_CHARS} characters.")
    _fits(text.strip(), is_empty_allowed=bool(files))
    thread = channel_changes.open_thread(world, forum, user.id, channel_changes.ThreadPlan(title.strip()))
    attachments = [uploaded(world, thread.id, file) for file in files]
    may_ping = world.may(user.id, Permission.MENTION_EVERYONE, forum)
    draft = changes.Draft(content=text.strip(), attachments=attachments, may_mention_everyone=may_ping)
    return thread, changes.post(world, thread, user, draft, id=thread.id)


def edit(world: World, user: User, message: Message, text: str) -> None:
    if message.author is not user:
        raise ImpossibleAct(f"{user.username} cannot edit a message of somebody else.")
    still_there(world, user, message)
    if message.snapshots:
        raise ImpossibleAct("A forwarded message cannot be edited.")
    channel = world.channels[message.channel_id]
    if channel.is_thread and channel.thread is not None and (channel.thread.is_archived or channel.thread.is_locked):
        raise ImpossibleAct(f"{channel.name} is closed: nothing in it can be edited.")
    _fits(text.strip(), is_empty_allowed=bool(message.attachments))
    message.content = text.strip()
    may_ping = world.may(user.id, Permission.MENTION_EVERYONE, channel)
    now_mentioned = mentioned(world, message, ALL, may_mention_everyone=may_ping)
    changes.edit(world, message, content=message.content, mentions=now_mentioned)


def delete(world: World, user: User, message: Message) -> None:
    """One's own message, somebody's when one manages messages, or an answer that only oneself sees (dismissed)."""
    still_there(world, user, message)
    channel = world.channels[message.channel_id]
    is_own = message.author is user or message.only_for == user.id
    manages = channel.guild_id is not None and world.may(user.id, Permission.MANAGE_MESSAGES, channel)
    if not is_own and not manages:
        raise ImpossibleAct(f"{user.username} may not delete messages of others in {name_of(channel)}.")
    changes.delete(world, message)


def react(world: World, user: User, message: Message, emoji: str) -> None:
    still_there(world, user, message)
    channel = world.channels[message.channel_id]
    name, emoji_id = _emoji(world, user, emoji)
    if message.is_ephemeral:
        raise ImpossibleAct("Nobody can react to a message that only they see.")
    if not world.may(user.id, Permission.READ_MESSAGE_HISTORY, channel):
        raise ImpossibleAct(f"{user.username} may not read the history of {name_of(channel)}.")
    is_first = Reaction(name, emoji_id).key not in message.reactions
    if is_first and not world.may(user.id, Permission.ADD_REACTIONS, channel):
        raise ImpossibleAct(f"{user.username} may not add reactions in {name_of(channel)}.")
    changes.react(world, message, user.id, name, emoji_id)


def unreact(world: World, user: User, message: Message, emoji: str) -> None:
    still_there(world, user, message)
    key = Reaction(*_emoji(world, user, emoji)).key
    if key not in message.reactions or user.id not in message.reactions[key].user_ids:
        raise ImpossibleAct(f"{user.username} has not reacted with {emoji}.")
    changes.unreact(world, message, user.id, key)


def forward(world: World, user: User, message: Message, channel: Channel) -> Message:
    still_there(world, user, message)
    may_write(world, user, channel)
    _is_slow_enough(world, user, channel)
    if message.is_ephemeral or message.type not in WRITTEN or message.poll is not None:
        raise ImpossibleAct("Such a message cannot be forwarded.")
    threads.wake(world, channel)
    reference = Reference(ReferenceType.FORWARD, message.channel_id, message.id, message.guild_id)
    return changes.post(world, channel, user, changes.Draft(reference=reference))


def ask(world: World, user: User, channel: Channel, poll: Poll) -> Message:
    """Put a question to the vote."""
    may_write(world, user, channel)
    _is_slow_enough(world, user, channel)
    if not world.may(user.id, Permission.SEND_POLLS, channel):
        raise ImpossibleAct(f"{user.username} may not ask polls in {name_of(channel)}.")
    threads.wake(world, channel)
    return changes.post(world, channel, user, changes.Draft(poll=poll))


def type_in(world: World, user: User, channel: Channel) -> None:
    may_write(world, user, channel)
    changes.type_in(world, channel, user.id)


def may_see(world: World, user: User, channel: Channel) -> None:
    if not world.may(user.id, Permission.VIEW_CHANNEL, channel):
        raise ImpossibleAct(f"{user.username} does not see {name_of(channel)}.")


def may_write(world: World, user: User, channel: Channel) -> None:
    may_see(world, user, channel)
    if channel.type not in WITH_MESSAGES:
        raise ImpossibleAct(f"Nothing can be written into {name_of(channel)}: a forum has posts.")
    held = world.permissions_in(user.id, channel)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if needed not in held:
        raise ImpossibleAct(f"{user.username} may not write in {name_of(channel)}.")
    if channel.thread is not None and channel.thread.is_locked and Permission.MANAGE_THREADS not in held:
        raise ImpossibleAct(f"{name_of(channel)} is locked.")


def still_there(world: World, user: User, message: Message) -> None:
    may_see(world, user, world.channels[message.channel_id])
    if message.id not in world.messages:
        raise ImpossibleAct("That message has been deleted.")
    if message.only_for not in {None, user.id}:
        raise ImpossibleAct(f"{user.username} does not see that message: only somebody else does.")


def name_of(channel: Channel) -> str:
    return "the DM" if channel.is_private else f"#{channel.name}"


def _is_slow_enough(world: World, user: User, channel: Channel) -> None:
    if world.permissions_in(user.id, channel) & FREE_OF_SLOWMODE:
        return
    pause = timedelta(seconds=channel.rate_limit_per_user_s)
    own = [each for each in map(world.messages.__getitem__, channel.message_ids) if each.author is user]
    if pause and own and world.clock.now() - own[-1].timestamp < pause:
        raise ImpossibleAct(f"{name_of(channel)} is in slow mode: {user.username} has to wait before writing again.")


def _fits(text: str, *, is_empty_allowed: bool) -> None:
    if len(text) > LONGEST_MESSAGE_CHARS:
        raise ImpossibleAct(f"A message has up to {LONGEST_MESSAGE_CHARS} characters, and these are {len(text)}.")
    if not text and not is_empty_allowed:
        raise ImpossibleAct("An empty message cannot be sent.")


def _may_attach(world: World, user: User, channel: Channel, files: Sequence[File]) -> None:
    refuse_files(files)
    if files and not world.may(user.id, Permission.ATTACH_FILES, channel):
        raise ImpossibleAct(f"{user.username} may not attach files in {name_of(channel)}.")


def _reply(world: World, user: User, channel: Channel, message: Message) -> Reference:
    still_there(world, user, message)
    if message.channel_id != channel.id:
        raise ImpossibleAct("A reply stands in the same channel as what it answers: forward the message instead.")
    if message.is_ephemeral or message.type not in WRITTEN:
        raise ImpossibleAct("Such a message cannot be replied to.")
    if not world.may(user.id, Permission.READ_MESSAGE_HISTORY, channel):
        raise ImpossibleAct(f"{user.username} may not read the history of {name_of(channel)}, so cannot reply.")
    return Reference(ReferenceType.REPLY, channel.id, message.id, channel.guild_id)


def _emoji(world: World, user: User, emoji: str) -> tuple[str, int | None]:
    """A guild's own emoji is written `:name:`; any other text is the emoji itself."""
    if not (emoji.startswith(":") and emoji.endswith(":")):
        return emoji, None
    for guild in world.guilds.values():
        for own in guild.emojis.values() if user.id in guild.members else ():
            if own.name == emoji.strip(":"):
                return own.name, own.id
    raise ImpossibleAct(f"{user.username} has no emoji {emoji}.")
