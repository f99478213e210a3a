"""Discord's numbers, each refused one beyond with its code, and its rate limits with their headers."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.clock import VirtualClock
from adapters.discord.simulated.simulated import SimulatedDiscord

SENDING = "POST /channels/{channel_id}/messages"


class Rest:
    """Asks as a bot, and gives status, body and headers."""

    def __init__(self, discord: SimulatedDiscord, token: str, session: aiohttp.ClientSession) -> None:
        self.discord = discord
        self.token = token
        self._session = session

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any, Any]:
        headers = {"Authorization": f"Bot {self.token}"}
        url = self.discord.api_base + path
        async with self._session.request(method, url, json=body, headers=headers, **options) as response:
            is_json = response.headers.get("Content-Type") == "application/json"
            return response.status, await response.json() if is_json else await response.text(), response.headers


@pytest.fixture
async def rest(scene: Any) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(scene.discord, scene.application.token, session)


def nested(tree: Any, path: str) -> str:
    for step in path.split("."):
        tree = tree[step]
    return str(tree["_errors"][0]["code"])


FIELD = {"name": "n", "value": "v"}


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
        ({"content": "x", "colour": 1}, "colour", "UNKNOWN_FIELD"),
        ({"sticker_ids": ["1", "2", "3", "4"]}, "sticker_ids", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"fields": [FIELD] * 26}]}, "embeds.0.fields", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"fields": [FIELD | {"name": "x" * 257}]}]}, "embeds.0.fields.0.name", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [{"fields": [FIELD | {"value": "x" * 1025}]}]}, "embeds.0.fields.0.value", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [{"color": 1 << 24}]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
        (
            {"content": "x", "allowed_mentions": {"users": ["1"] * 101}},
            "allowed_mentions.users",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "1"}},
            "message_reference",
            "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
        ),
        ({"poll": {"question": {"text": "x" * 301}, "answers": []}}, "poll.question.text", "BASE_TYPE_BAD_LENGTH"),
    ],
)
async def test_what_is_too_much_is_refused_where_it_is(
    scene: Any, rest: Rest, body: dict[str, Any], path: str, code: str
) -> None:
    status, answer, _ = await rest.ask("POST", f"/channels/{scene.tavern.id}/messages", body)

    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert nested(answer["errors"], path) == code
    assert scene.tavern.messages == []


async def test_just_what_fits_is_taken(scene: Any, rest: Rest) -> None:
    body = {
        "content": "x" * 2000,
        "nonce": "n" * 25,
        "embeds": [{"title": "x" * 256, "description": "x" * 4096, "fields": [FIELD] * 25}],
    }

    status, answer, _ = await rest.ask("POST", f"/channels/{scene.tavern.id}/messages", body)

    assert (status, answer["nonce"]) == (200, "n" * 25)


@pytest.mark.parametrize("body", [{}, {"content": "  "}, {"embeds": []}])
async def test_an_empty_message_is_refused(scene: Any, rest: Rest, body: dict[str, Any]) -> None:
    status, answer, _ = await rest.ask("POST", f"/channels/{scene.tavern.id}/messages", body)

    assert (status, answer["code"]) == (400, 50006)


async def test_a_file_above_10_mib_is_refused(scene: Any, rest: Rest) -> None:
    form = aiohttp.FormData()
    form.add_field("files[0]", io.BytesIO(bytes(10 * 1024 * 1024 + 1)), filename="large.bin")

    status, answer, _ = await rest.ask("POST", f"/channels/{scene.tavern.id}/messages", data=form)

    assert (status, answer["code"]) == (413, 40005)


async def test_the_same_nonce_makes_one_message_when_that_is_enforced(scene: Any, rest: Rest) -> None:
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    path = f"/channels/{scene.tavern.id}/messages"

    answers = [(await rest.ask("POST", path, body))[1]["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(scene.tavern.messages) == 1

    await rest.ask("POST", path, body | {"enforce_nonce": False})
    assert len(scene.tavern.messages) == 2


async def test_unknown_parameters_are_refused(scene: Any, rest: Rest) -> None:
    status, answer, _ = await rest.ask("GET", f"/channels/{scene.tavern.id}/messages?colour=1")

    assert (status, nested(answer["errors"], "colour")) == (400, "UNKNOWN_FIELD")
    assert scene.discord.journal.unknown_fields


@pytest.mark.parametrize("limit", ["0", "101", "many"])
async def test_a_page_has_1_to_100_messages(scene: Any, rest: Rest, limit: str) -> None:
    status, answer, _ = await rest.ask("GET", f"/channels/{scene.tavern.id}/messages?limit={limit}")

    assert (status, answer["code"]) == (400, 50035)


async def test_bulk_deletion_takes_2_to_100_and_nothing_old(scene: Any, rest: Rest) -> None:
    path = f"/channels/{scene.tavern.id}/messages/bulk-delete"
    old = [
        changes.post(scene.discord.world, scene.tavern.state, scene.application.user, changes.Draft(content="x"))
        for _ in range(2)
    ]
    old[0].timestamp -= timedelta(days=14, seconds=1)
    ids = [str(each.id) for each in old]

    assert (await rest.ask("POST", path, {"messages": ids[:1]}))[1]["code"] == 50016
    assert (await rest.ask("POST", path, {"messages": ["1"] * 101}))[1]["code"] == 50016
    assert (await rest.ask("POST", path, {"messages": ids}))[1]["code"] == 50034


async def test_the_21st_emoji_on_a_message_is_refused(scene: Any, rest: Rest) -> None:
    scene.discord.rate_limits.is_on = False
    message = changes.post(scene.discord.world, scene.tavern.state, scene.application.user, changes.Draft(content="x"))
    path = f"/channels/{scene.tavern.id}/messages/{message.id}/reactions"

    statuses = [(await rest.ask("PUT", f"{path}/{chr(0x1F600 + number)}/@me"))[0] for number in range(21)]

    assert statuses == [204] * 20 + [400]


async def test_an_unknown_route_and_a_wrong_method_are_told_and_kept(rest: Rest) -> None:
    assert (await rest.ask("GET", "/nowhere"))[0] == 404
    assert (await rest.ask("PATCH", "/gateway"))[0] == 405
    assert [each.path for each in rest.discord.journal.unrouted] == ["/nowhere", "/gateway"]
    rest.discord.journal.exchanges.clear()


async def test_without_a_token_nobody_gets_in(scene: Any, rest: Rest) -> None:
    rest.token = "wrong"

    assert (await rest.ask("GET", "/users/@me"))[:2] == (401, {"message": "401: Unauthorized", "code": 0})
    assert scene.discord.rate_limits.invalid_count == 1


async def test_json_is_answered_as_exactly_that(rest: Rest) -> None:
    _, _, headers = await rest.ask("GET", "/users/@me")

    assert headers["Content-Type"] == "application/json"


async def test_the_sixth_send_in_five_seconds_is_refused_and_says_for_how_long(scene: Any, rest: Rest) -> None:
    path = f"/channels/{scene.tavern.id}/messages"
    remaining = [(await rest.ask("POST", path, {"content": "x"}))[2]["X-RateLimit-Remaining"] for _ in range(5)]
    assert remaining == ["4", "3", "2", "1", "0"]

    status, answer, headers = await rest.ask("POST", path, {"content": "x"})

    assert (status, answer["global"], answer["message"]) == (429, False, "You are being rate limited.")
    assert 0 < answer["retry_after"] <= 5
    assert headers["Via"]
    assert headers["X-RateLimit-Scope"] == "user"
    assert headers["Retry-After"] == "5"


async def test_channels_share_a_buckets_hash_and_not_its_room(scene: Any, rest: Rest) -> None:
    cellar = scene.harbour.text_channel("cellar")
    for _ in range(5):
        _, _, first = await rest.ask("POST", f"/channels/{scene.tavern.id}/messages", {"content": "x"})

    status, _, other = await rest.ask("POST", f"/channels/{cellar.id}/messages", {"content": "x"})

    assert status == 200
    assert other["X-RateLimit-Bucket"] == first["X-RateLimit-Bucket"]


async def test_the_51st_request_in_a_second_is_refused_for_all(rest: Rest) -> None:
    clock = VirtualClock()
    rest.discord.rate_limits.clock = clock
    rest.discord.rate_limits.allow("GET /users/@me", 1000, 1)
    statuses = [(await rest.ask("GET", "/users/@me"))[0] for _ in range(50)]
    assert statuses == [200] * 50

    status, answer, headers = await rest.ask("GET", "/users/@me")
    assert (status, answer["global"], headers["X-RateLimit-Scope"]) == (429, True, "global")

    clock.advance(1)
    assert (await rest.ask("GET", "/users/@me"))[0] == 200


async def test_ten_thousand_bad_requests_shut_the_address_out_for_ten_minutes(rest: Rest) -> None:
    clock = VirtualClock()
    rest.discord.rate_limits.clock = clock
    for _ in range(10_000):
        rest.discord.rate_limits.count(401)

    status, answer, headers = await rest.ask("GET", "/users/@me")
    assert (status, answer, "Via" in headers) == (429, "error code: 1015", False)

    clock.advance(601)
    assert (await rest.ask("GET", "/users/@me"))[0] == 200


async def test_each_webhook_has_room_of_its_own(scene: Any, rest: Rest) -> None:
    made = [(await rest.ask("POST", f"/channels/{scene.tavern.id}/webhooks", {"name": "t"}))[1] for _ in range(2)]
    paths = [f"/webhooks/{each['id']}/{each['token']}" for each in made]

    statuses = [(await rest.ask("POST", paths[0], {"content": "x"}))[0] for _ in range(6)]

    assert statuses == [204] * 5 + [429]
    assert (await rest.ask("POST", paths[1], {"content": "x"}))[0] == 204
