from engine.characters import bundled_characters
from engine.domain.character import RESERVED_SLUGS, Character, CharacterFields
from engine.domain.ids import token

NOT_A_CARDS = {"preset", "system_prompt", "aliases", "avatar_url"}


def test_two_characters_come_with_it() -> None:
    assert len({character.token for character in bundled_characters()}) == 2
    assert len({character.slug for character in bundled_characters()}) == 2


def test_their_cards_are_whole_and_within_the_limits() -> None:
    for character in bundled_characters():
        assert Character.checked(character.fields, whole=True) == character.fields
        assert set(character.fields) == set(CharacterFields.model_fields) - NOT_A_CARDS


def test_everybody_may_talk_to_them() -> None:
    for character in bundled_characters():
        assert character.fields["is_public"] is True
        assert character.slug not in RESERVED_SLUGS
        assert token(character.token) == character.token
