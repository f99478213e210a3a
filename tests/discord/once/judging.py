"""Whether exactly one reply stands for each character that was asked: as people see it, on the log, and in memory."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from adapters.discord.simulated.actors import Seen
from engine.domain import Message, Reply
from engine.domain.ids import memory_id
from engine.domain.reply import ReplyComposed, ReplyDelivered, ReplyFailed, ReplyPosted, ReplyStarted, ReplyState
from engine.event_log import LoggedEvent
from tests.discord.once.plan import Plan
from tests.discord.once.running import Run, Said

FOOTER = re.compile(r"^-# .*$", re.MULTILINE)
FENCE = re.compile(r"```(?:python)?")
BOLD_NAME = re.compile(r"^\*\*[^*]+:\*\*")
MOST_MEMORIES = 50


async def problems(run: Run, *, was_killed: bool) -> list[str]:
    """What is not as it should be, in sentences; nothing if all is well."""
    await run.scene.caught_up()
    found: list[str] = []
    standing: list[tuple[int, Reply]] = []
    started = 0
    for said in run.said:
        found += await _message_problems(run, said)
        position = await run.scene.engine.log.first_position(said.id)
        for subject in said.replies:
            events = await run.scene.engine.log.events_of(subject)
            reply = await run.scene.engine.log.find(Reply, subject)
            assert reply is not None, f"{subject} was there when it was waited for"
            found += _reply_problems(reply, events)
            started += sum(isinstance(logged.event, ReplyStarted) for logged in events)
            standing.append((position, reply))
    in_order = [reply for _, reply in sorted(standing, key=lambda each: each[0])]
    found += _what_people_see(run, in_order)
    if not await _was_original_heard(run):  # whose ReplyStarted are erased with it
        found += _calls(run, started, was_killed=was_killed)
    found += _failures(run.plan, in_order)
    found += await _memories(run, in_order)
    return found


async def _message_problems(run: Run, said: Said) -> list[str]:
    events = await run.scene.engine.log.events_of(said.id)
    types = [type(logged.event).__name__ for logged in events]
    found = [] if types == ["MessageHeard"] else [f"{said.id} is on the log as {types}"]
    if said.original is not None:
        original = Said(said.ask, said.author, said.original)
        heard = await run.scene.engine.log.find(Message, original.id)
        if heard is not None and not heard.is_gone:
            found.append(f"{original.id} was deleted by PluralKit, and still counts")
    return found


async def _was_original_heard(run: Run) -> bool:
    """Whether PluralKit deleted an original only when it had been heard: then it was taken back."""
    for said in run.said:
        if said.original is not None:
            original = Said(said.ask, said.author, said.original)
            if await run.scene.engine.log.find(Message, original.id) is not None:
                return True
    return False


def _reply_problems(reply: Reply, events: Sequence[LoggedEvent]) -> Iterator[str]:
    types = Counter(type(logged.event) for logged in events)
    chunks = [logged.event.chunk for logged in events if isinstance(logged.event, ReplyPosted)]
    of = {logged.event.chunks for logged in events if isinstance(logged.event, ReplyPosted)}
    if reply.state is ReplyState.DELIVERED:
        is_once = types[ReplyComposed] == types[ReplyDelivered] == 1
    else:
        permanent = [it for it in events if isinstance(it.event, ReplyFailed) and it.event.is_permanent]
        is_once = reply.has_failed_for_good and len(permanent) == 1 and not types[ReplyComposed]
    if not is_once:
        yield f"{reply.id} is {reply.state} by {[kind.__name__ for kind in types.elements()]}"
    if chunks != list(range(len(chunks))) or of != {len(chunks)} or len(reply.posts) != len(chunks):
        yield f"{reply.id} was posted as chunks {chunks} of {sorted(of)}"
    if types[ReplyStarted] < 1:
        yield f"{reply.id} has no ReplyStarted"


def _what_people_see(run: Run, in_order: Sequence[Reply]) -> Iterator[str]:
    seen = posts_seen(run)
    named = [post for reply in in_order for post in reply.posts]
    if named != [str(each.id) for each in seen]:
        yield f"people see the posts {[each.id for each in seen]}, and the log names {named}"
        return
    by_id = {str(each.id): each for each in seen}
    for reply in in_order:
        posts = [by_id[post] for post in reply.posts]
        shown = "".join(_read(each.content) for each in posts)
        if reply.failure is not None and reply.state is ReplyState.FAILED:
            if _squeezed(reply.failure.message) not in shown:
                yield f"the notice of {reply.id} says: {shown[:200]}"
        elif shown != _squeezed(FENCE.sub("", str(reply.text))):
            yield f"{reply.id} reads {shown[:100]!r}… and was composed as {str(reply.text)[:100]!r}…"


def posts_seen(run: Run) -> list[Seen]:
    """What stands in the place of the bot, as the first of the people sees it."""
    assert run.place is not None
    messages, bot = run.scene.discord.world.messages, run.scene.bot
    return [
        each
        for each in run.people[0].sees(run.place)
        if bot.id in (messages[each.id].application_id, messages[each.id].author.id)
    ]


def _read(content: str) -> str:
    squeezed = _squeezed(FENCE.sub("", FOOTER.sub("", content)))
    return BOLD_NAME.sub("", squeezed)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _calls(run: Run, started: int, *, was_killed: bool) -> Iterator[str]:
    """Every call to the model has its ReplyStarted."""
    calls = run.scene.model.behaviours[run.plan.name].calls.total()
    if calls > started or (calls < started and not was_killed):
        yield f"the model was called {calls} times, and {started} ReplyStarted say so"


def _failures(plan: Plan, replies: Sequence[Reply]) -> Iterator[str]:
    failed = sum(reply.state is ReplyState.FAILED for reply in replies)
    planned = 1 if plan.model == "refuses" else 0
    is_late = plan.where == "PluralKit" and plan.deletes == "late"  # then the original's reply may have failed
    if failed != planned and not (is_late and failed < planned):
        yield f"{failed} replies failed, where the model fails {planned}"


async def _memories(run: Run, replies: Sequence[Reply]) -> list[str]:
    wanted = sorted(memory_id(reply.id) for reply in replies if reply.state is ReplyState.DELIVERED)
    rows = [
        row.id
        for person, persona in {(reply.person, reply.persona) for reply in replies if reply.persona}
        for row in await run.scene.engine.read.memories(
            person=person, persona=persona, character=None, limit=MOST_MEMORIES
        )
    ]
    return [] if sorted(rows) == wanted else [f"the memories are {sorted(rows)} instead of {wanted}"]
