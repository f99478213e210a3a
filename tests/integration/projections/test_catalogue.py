"""Characters and presets by name, things by id, and the trail."""

from collections.abc import Awaitable, Callable

from engine.domain.avatar import AvatarCleared, AvatarErased, AvatarSet
from engine.domain.character import CharacterCreated, CharacterDeleted, CharacterEdited, CharacterRestored
from engine.domain.ids import INSTANCE
from engine.domain.memory import MemoryForgotten
from engine.domain.person import PersonMet
from engine.domain.place import PlaceActivated, PlaceDeactivated
from engine.domain.preset import PresetCreated, PresetDeleted, PresetEdited
from engine.reading import AuditQuestion
from projections import Projections
from tests.fakes.conversations import Script

type Tell = Callable[..., Awaitable[int]]


async def test_people_see_their_own_and_public_characters(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        script.created(CharacterCreated, "character.c1", person="ben", name="Zoe", slug="zoe", is_public=True),
        script.created(CharacterCreated, "character.c2", person="ben", name="Hidden", slug="hidden"),
        script.created(CharacterCreated, "character.c3", name="Adam", slug="adam"),
        script.created(CharacterCreated, "character.c4", name="Gone", slug="gone"),
        script.event(CharacterDeleted, "character.c4"),
    )
    assert [each.fields["slug"] for each in await projections.reader.characters(person="ana")] == ["adam", "zoe"]
    assert await projections.reader.character_by_slug("hidden", person="ana") is None
    assert await projections.reader.character_by_slug("gone", person="ana") is None
    zoe = await projections.reader.character_by_slug("zoe", person="ana")
    assert zoe is not None
    assert (zoe.id, zoe.version, zoe.owner, zoe.is_deleted) == ("character.c1", 1, "ben", False)
    await told(script.event(CharacterRestored, "character.c4"))
    restored = await projections.reader.character_by_slug("gone", person="ana")
    assert restored is not None
    assert restored.version == 3


async def test_ones_own_character_comes_before_a_public_one(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(
        script.created(CharacterCreated, "character.c1", person="ben", name="Zoe", slug="zoe", is_public=True),
        script.created(CharacterCreated, "character.c2", name="My Zoe", slug="zoe"),
    )
    for person, expected in (("ana", "character.c2"), ("ben", "character.c1"), ("cleo", "character.c1")):
        found = await projections.reader.character_by_slug("zoe", person=person)
        assert found is not None
        assert found.id == expected


async def test_an_edit_changes_just_its_fields_and_none_removes_one(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(
        script.created(CharacterCreated, "character.c1", name="Zoe", slug="zoe", tone="dry", likes="tea"),
        script.changed(CharacterEdited, "character.c1", tone="warm", likes=None),
        script.changed(CharacterEdited, "character.c1", slug="zoey"),
    )
    assert await projections.reader.character_by_slug("zoe", person="ana") is None
    found = await projections.reader.character_by_slug("zoey", person="ana")
    assert found is not None
    assert (found.version, dict(found.fields)) == (3, {"name": "Zoe", "slug": "zoey", "tone": "warm"})


async def test_presets_are_listed_by_name_and_found_by_id(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        script.created(PresetCreated, "preset.ana.b", name="Wild", temperature=1.5),
        script.created(PresetCreated, "preset.ana.a", name="Calm", stop=["\n", "a\x00b"]),
        script.created(PresetCreated, "preset.ben.a", person="ben", name="Ben's"),
        script.created(PresetCreated, "preset.ana.c", name="Gone"),
        script.event(PresetDeleted, "preset.ana.c"),
        script.changed(PresetEdited, "preset.ana.b", temperature=1.2),
        script.created(PersonMet, "person.ana", name="Ana"),
    )
    assert [each.fields["name"] for each in await projections.reader.presets(person="ana")] == ["Calm", "Wild"]
    found = await projections.reader.fields("preset.ana.b", "preset.ana.c", "person.ana", "person.nobody")
    assert {each.id: (each.version, each.is_deleted) for each in found.values()} == {
        "preset.ana.b": (2, False),
        "preset.ana.c": (2, True),
        "person.ana": (1, False),
    }
    assert found["preset.ana.b"].fields["temperature"] == 1.2


async def test_presets_of_the_instance_are_everybodys_and_come_after_ones_own(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(
        script.created(PresetCreated, "preset.instance.a", person=INSTANCE, name="Calm"),
        script.created(PresetCreated, "preset.ben.a", person="ben", name="Ben's"),
        script.created(PresetCreated, "preset.zoe.a", person="zoe", name="Calm"),
    )
    listed = {
        person: [each.id for each in await projections.reader.presets(person=person)] for person in ("zoe", "ana")
    }
    assert listed == {"zoe": ["preset.zoe.a", "preset.instance.a"], "ana": ["preset.instance.a"]}


async def test_the_trail_names_whom_each_event_concerns(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "a secret", "kept"))
    await told(script.touch(MemoryForgotten, "reply.terminal-1.1.lyra.1"), script.clear())
    entries = await projections.reader.entries(AuditQuestion())
    assert [entry.type for entry in entries] == [
        "MessageHeard",
        "ReplyStarted",
        "ReplyComposed",
        "ReplyPosted",
        "ReplyDelivered",
        "MemoryForgotten",
        "HistoryCleared",
    ]
    assert {entry.persons for entry in entries} == {("ana",)}
    assert [entry.place for entry in entries] == ["terminal-1"] * 6 + [None]
    assert [entry.character for entry in entries] == [None] + ["lyra"] * 6
    assert "secret" not in repr(entries)


async def test_the_trail_is_filtered_and_ends_with_the_newest(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "one", "two"), script.hear(2, "three", person="ben", place="terminal-2"))
    read = projections.reader.entries
    assert [entry.position for entry in await read(AuditQuestion(limit=2))] == [5, 6]
    assert [entry.position for entry in await read(AuditQuestion(after=4))] == [5, 6]
    assert [entry.position for entry in await read(AuditQuestion(person="ben"))] == [6]
    assert [entry.position for entry in await read(AuditQuestion(place="terminal-2"))] == [6]
    assert [entry.position for entry in await read(AuditQuestion(character="lyra", limit=1))] == [5]
    assert [entry.position for entry in await read(AuditQuestion(type="MessageHeard"))] == [1, 6]


async def test_a_tombstone_leaves_nothing_of_its_subject_on_the_trail(
    told: Tell, projections: Projections, script: Script
) -> None:
    reply = "reply.terminal-1.1.lyra.1"
    await told(*script.turn(1, "a secret", "kept"), script.touch(MemoryForgotten, reply))
    await told(script.erase("message.terminal-1.1"), script.erase_reply(reply))
    entries = await projections.reader.entries(AuditQuestion())
    assert [(entry.type, entry.persons) for entry in entries] == [
        ("MemoryForgotten", ()),
        ("MessageErased", ()),
        ("ReplyErased", ()),
    ]


async def test_the_trail_tells_of_pictures_until_they_are_erased(
    told: Tell, projections: Projections, script: Script
) -> None:
    image = {"media_type": "image/webp", "image": "UklGRg==", "sha256": "a4"}
    await told(
        script.event(AvatarSet, "avatar.c1", person="ana", **image),
        script.event(AvatarCleared, "avatar.c1", person="ana"),
    )
    entries = await projections.reader.entries(AuditQuestion(character="c1"))
    assert [(entry.type, entry.persons) for entry in entries] == [
        ("AvatarSet", ("ana",)),
        ("AvatarCleared", ("ana",)),
    ]
    await told(script.event(AvatarErased, "avatar.c1", receipt="r1"))
    [entry] = await projections.reader.entries(AuditQuestion(character="c1"))
    assert (entry.type, entry.persons) == ("AvatarErased", ())


async def test_the_trail_tells_of_places_and_quotes(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        script.event(PlaceActivated, "place.discord-1", character="lyra", person="ana", server="s1"),
        script.event(PlaceDeactivated, "place.discord-1", person="ben", server="s1"),
        script.quote(900, "a secret", place="discord-1"),
        script.quote(900, "another secret", place="discord-1"),
        script.quote(901, "a third secret", place="discord-1"),
        script.erase_quote("quote.discord-1.901"),
    )
    entries = await projections.reader.entries(AuditQuestion(place="discord-1"))

    assert [(entry.type, entry.subject, entry.persons) for entry in entries] == [
        ("PlaceActivated", "place.discord-1", ("ana",)),
        ("PlaceDeactivated", "place.discord-1", ("ben",)),
        ("MessageQuoted", "quote.discord-1.900", ("zoe",)),
        ("QuoteErased", "quote.discord-1.901", ()),
    ]
    assert [entry.character for entry in entries] == ["lyra", None, None, None]
    assert "secret" not in repr(entries)
    found = await projections.reader.fields("place.discord-1")
    assert found["place.discord-1"].fields == {"is_off": True, "server": "s1", "by": "ben"}
