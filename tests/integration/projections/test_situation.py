"""Who is asked where: names, places and posts, and never a character that is somebody else's secret."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest

from engine.domain.character import CharacterCreated, CharacterDeleted, CharacterEdited, CharacterRestored
from engine.domain.ids import place_subject, reply_id
from engine.domain.person import ChoiceMade, PersonEdited
from engine.domain.place import PlaceActivated, PlaceDeactivated
from engine.domain.reply import ReplyPosted
from engine.reading import Answered, FieldsAt, Overheard, Situation
from projections import Projections
from projections.situation import SQL
from tests.fakes.conversations import Script

type Tell = Callable[..., Awaitable[int]]

PLACE, THREAD = "discord-1", "discord-2"


def character(script: Script, token: str, name: str, *, owner: str = "ana", **fields: Any) -> CharacterCreated:
    fields = {"slug": token, "is_public": True} | fields
    return script.created(CharacterCreated, f"character.{token}", person=owner, name=name, **fields)


def activated(script: Script, place: str, token: str) -> PlaceActivated:
    return script.event(PlaceActivated, place_subject(place), character=token, person="ana", server="s1")


def deactivated(script: Script, place: str, **fields: Any) -> PlaceDeactivated:
    return script.event(PlaceDeactivated, place_subject(place), person="ana", server="s1", **fields)


async def ask(projections: Projections, *names: str, person: str = "ana", **asked: Any) -> Situation:
    question = Overheard(**{"place": PLACE, "parent": None, "person": person, "names": names} | asked)
    return await projections.reader.situation(question)


async def meant(projections: Projections, *names: str, person: str = "ana") -> dict[str, str]:
    named = (await ask(projections, *names, person=person)).named
    return {name: found.id.removeprefix("character.") for name, found in named.items()}


async def test_where_nothing_is_known_there_is_nothing(projections: Projections, told: Tell, script: Script) -> None:
    await told(script.hear(1, "hello"))

    assert await ask(projections, "lyra", parent=THREAD, post="p1") == Situation(
        place=FieldsAt("place.discord-1", 0),
        parent=FieldsAt("place.discord-2", 0),
        person=FieldsAt("person.ana", 0),
        named={},
        active=None,
        is_active_hidden=False,
        replied_to=None,
    )


async def test_a_character_is_found_by_name_slug_and_alias_whatever_the_case(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(character(script, "lyra", "Lyra of  the Straße", aliases=["The Keeper"]))

    assert await meant(projections, "LYRA OF THE STRASSE", "lyra", "the keeper", "keeper") == {
        "LYRA OF THE STRASSE": "lyra",
        "lyra": "lyra",
        "the keeper": "lyra",
    }


async def test_names_come_before_slugs_and_slugs_before_aliases(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(
        character(script, "x1", "One", aliases=["moon"]),
        character(script, "moon", "Two", aliases=["sun"]),
        character(script, "x3", "Sun"),
    )

    assert await meant(projections, "moon", "sun") == {"moon": "moon", "sun": "x3"}


async def test_ones_own_character_comes_before_a_public_one_and_the_oldest_wins(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(
        character(script, "l1", "Lyra", owner="ben"),
        character(script, "l2", "Lyra", owner="ana", is_public=False),
        character(script, "l3", "Lyra", owner="ana"),
        script.event(CharacterEdited, "character.l2", person="ana", changes={"tone": "dry"}),
    )

    assert await meant(projections, "lyra", person="ana") == {"lyra": "l2"}
    assert await meant(projections, "lyra", person="ben") == {"lyra": "l1"}
    assert await meant(projections, "lyra", person="cleo") == {"lyra": "l1"}


async def test_a_private_character_of_somebody_else_is_not_there(
    projections: Projections, told: Tell, script: Script
) -> None:
    heard = script.hear(1, "hello", person="ben", place=PLACE)
    started, composed, _, _ = script.answer(heard, "hi")
    reply = started.originator_id
    posted = script.event(ReplyPosted, reply, chunk=0, chunks=1, post="77")
    await told(
        character(script, "lyra", "Lyra", owner="ben", is_public=False, aliases=["keeper"]),
        script.event(ChoiceMade, "choice.ana.lyra", person="ana", changes={"aliases": ["mine"]}),
        activated(script, PLACE, "lyra"),
        heard,
        started,
        composed,
        posted,
    )
    situation = await ask(projections, "lyra", "keeper", "mine", post="77")

    assert "Lyra" not in repr(situation)
    assert (situation.named, situation.active, situation.is_active_hidden) == ({}, None, True)
    assert situation.replied_to == Answered(reply, None)
    to_ben = await ask(projections, "lyra", person="ben", post="77")
    assert to_ben.active == to_ben.named["lyra"]
    assert to_ben.replied_to == Answered(reply, to_ben.active)
    assert not to_ben.is_active_hidden


async def test_what_a_person_calls_a_character_is_theirs_alone_and_comes_first(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(
        character(script, "lyra", "Lyra"),
        character(script, "finn", "Finn"),
        script.event(ChoiceMade, "choice.ana.finn", person="ana", changes={"aliases": ["Lyra", "buddy"]}),
    )

    assert await meant(projections, "lyra", "buddy") == {"lyra": "finn", "buddy": "finn"}
    assert await meant(projections, "lyra", "buddy", person="ben") == {"lyra": "lyra"}
    await told(script.event(ChoiceMade, "choice.ana.finn", person="ana", changes={"aliases": None}))
    assert await meant(projections, "lyra", "buddy") == {"lyra": "lyra"}


async def test_names_are_those_of_now(projections: Projections, told: Tell, script: Script) -> None:
    await told(
        character(script, "lyra", "Lyra", aliases=["keeper", "KEEPER"]),
        script.event(CharacterEdited, "character.lyra", person="ana", changes={"name": "Vega", "aliases": None}),
    )
    assert await meant(projections, "lyra", "vega", "keeper") == {"lyra": "lyra", "vega": "lyra"}  # the slug stays

    await told(script.event(CharacterDeleted, "character.lyra"))
    assert await meant(projections, "lyra", "vega") == {}
    await told(script.event(CharacterRestored, "character.lyra"))
    assert await meant(projections, "vega") == {"vega": "lyra"}


async def test_a_place_has_the_character_that_was_activated_last(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(
        character(script, "lyra", "Lyra"),
        character(script, "finn", "Finn"),
        activated(script, PLACE, "lyra"),
        activated(script, PLACE, "finn"),
    )
    situation = await ask(projections)

    assert situation.active is not None
    assert situation.active.id == "character.finn"
    assert situation.place.fields == {"character": "finn", "server": "s1", "by": "ana"}
    await told(deactivated(script, PLACE))
    assert (await ask(projections)).active is None


async def test_a_thread_has_its_channels_character_unless_it_has_its_own_or_none(
    projections: Projections, told: Tell, script: Script
) -> None:
    async def in_thread() -> str | None:
        active = (await ask(projections, place=THREAD, parent=PLACE)).active
        return active.id if active else None

    await told(character(script, "lyra", "Lyra"), character(script, "finn", "Finn"), activated(script, PLACE, "lyra"))
    assert await in_thread() == "character.lyra"
    await told(activated(script, THREAD, "finn"))
    assert await in_thread() == "character.finn"
    await told(deactivated(script, THREAD))
    assert await in_thread() is None
    situation = await ask(projections, place=THREAD, parent=PLACE)
    assert situation.place.fields["is_off"] is True
    assert situation.parent is not None
    assert situation.parent.fields["character"] == "lyra"
    await told(deactivated(script, THREAD, inherits=True))
    assert await in_thread() == "character.lyra"


async def test_a_deleted_character_is_active_nowhere(projections: Projections, told: Tell, script: Script) -> None:
    await told(
        character(script, "lyra", "Lyra"),
        activated(script, PLACE, "lyra"),
        script.event(CharacterDeleted, "character.lyra"),
    )
    situation = await ask(projections)

    assert (situation.active, situation.is_active_hidden) == (None, False)


async def test_the_person_is_told_with_what_they_asked_for(
    projections: Projections, told: Tell, script: Script
) -> None:
    await told(script.event(PersonEdited, "person.ana", person="ana", changes={"is_not_recorded": True}))

    assert (await ask(projections)).person.fields == {"is_not_recorded": True}


async def test_the_places_of_a_server_are_listed(projections: Projections, told: Tell, script: Script) -> None:
    await told(
        character(script, "lyra", "Lyra"),
        activated(script, PLACE, "lyra"),
        activated(script, THREAD, "lyra"),
        deactivated(script, THREAD),
        script.event(PlaceActivated, place_subject("discord-9"), character="lyra", person="ana", server="s2"),
    )

    assert [place.id for place in await projections.reader.active_places(server="s1")] == ["place.discord-1"]
    assert [place.id for place in await projections.reader.active_places()] == ["place.discord-1", "place.discord-9"]


async def test_posts_are_known_until_their_reply_is_erased(
    projections: Projections, told: Tell, script: Script
) -> None:
    heard = script.hear(1, "hello", place=PLACE)
    reply = reply_id(heard.originator_id, "lyra")
    started, composed, _, _ = script.answer(heard, "hi")
    posts = [script.event(ReplyPosted, reply, chunk=n, chunks=2, post=f"7{n}") for n in range(2)]
    await told(heard, started, composed, *posts)

    assert await projections.reader.claimed(PLACE, "70", "71", "72") == {"70", "71"}
    assert await projections.reader.replies_of(PLACE, "71") == {"71": reply}
    assert await projections.reader.claimed(THREAD, "70") == frozenset()
    assert (await ask(projections, post="71")).replied_to == Answered(reply, None)
    await told(script.erase_reply(reply))
    assert await projections.reader.claimed(PLACE, "70", "71") == frozenset()


@pytest.mark.parametrize("name", ["", " ", "%", "'; drop table characters", "a" * 500])
async def test_any_text_may_be_asked_for_as_a_name(
    projections: Projections, told: Tell, script: Script, name: str
) -> None:
    await told(character(script, "lyra", "Lyra"))

    assert await meant(projections, name, "lyra") == {"lyra": "lyra"}


async def test_among_many_everything_is_found_by_an_index(
    projections: Projections, told: Tell, script: Script, database: str
) -> None:
    many = [character(script, f"c{number}", f"Name {number}", aliases=[f"a{number}"]) for number in range(2_000)]
    choices = [
        script.event(ChoiceMade, f"choice.p{n}.c{n}", person=f"p{n}", changes={"aliases": ["Buddy"]})
        for n in range(2_000)
    ]
    places = [activated(script, f"discord-{number}", "c7") for number in range(2_000)]
    posts = [script.event(ReplyPosted, f"reply.{PLACE}.{n}.c7.1", chunk=0, chunks=1, post=str(n)) for n in range(2_000)]
    await told(*many, *choices, *places, *posts)
    parameters = {
        "place": "place.discord-1",
        "places": ["place.discord-1", "place.discord-2"],
        "channel": PLACE,
        "person": "p7",
        "names": [f"name {number}" for number in range(63)] + ["buddy"],
        "post": "7",
    }
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        schemas = await (
            await connection.execute("select schema from tzurot.generation where state = 'live'")
        ).fetchall()
        await connection.execute("select set_config('search_path', %s, false)", [",".join(name for (name,) in schemas)])
        await connection.execute("analyze")
        for name, statement in SQL.items():
            plan = await (await connection.execute(b"explain " + statement, parameters)).fetchall()
            assert not [line for (line,) in plan if "Seq Scan" in line], (name, plan)
    named = (await ask(projections, *parameters["names"], person="p7")).named
    assert len(named) == 64
    assert named["buddy"].id == "character.c7"
