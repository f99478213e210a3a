import asyncio

from adapters.discord.rest.lanes import MOST_LANES, Lane, Lanes, Pace

SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.5", "X-RateLimit-Bucket": "one-for-all"}


def test_a_lane_waits_until_its_bucket_is_full_again() -> None:
    lane = Lane()
    lane.learn(SPENT, now_s=100)
    assert lane.wait_s(100) == 1.5
    assert lane.wait_s(101) == 0.5
    assert lane.wait_s(102) == 0


def test_what_is_left_needs_no_wait() -> None:
    lane = Lane()
    lane.learn({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "5"}, now_s=100)
    lane.learn({}, now_s=100)
    lane.learn({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "soon"}, now_s=100)
    assert lane.wait_s(100) == 0


def test_one_busy_channel_holds_no_other_up_though_discord_calls_their_buckets_the_same() -> None:
    lanes = Lanes()
    lanes.lane("sending to 1", 100).learn(SPENT, now_s=100)
    assert lanes.lane("sending to 1", 100).wait_s(100) == 1.5
    assert lanes.lane("sending to 2", 100).wait_s(100) == 0


async def test_so_many_go_within_a_second_and_no_more_counted_from_their_answers() -> None:
    pace = Pace(per_s=2)
    loop = asyncio.get_running_loop()
    async with pace.slot():
        pass
    answered_s = loop.time()
    async with pace.slot():
        assert pace.is_full
        async with pace.slot():
            assert loop.time() - answered_s >= 0.99


def test_a_limit_over_all_closes_every_lane() -> None:
    lanes = Lanes()
    lanes.close_for(3, now_s=100)
    assert lanes.wait_s(101) == 2
    assert lanes.wait_s(101, is_counted=False) == 2


def test_a_limit_over_what_is_counted_closes_no_other_lane() -> None:
    lanes = Lanes()
    lanes.close_counted_for(3, now_s=100)
    assert lanes.wait_s(101) == 2
    assert lanes.wait_s(101, is_counted=False) == 0


def test_idle_lanes_are_forgotten_and_closed_ones_are_not() -> None:
    lanes = Lanes()
    closed = lanes.lane("closed", 100)
    closed.close_for(60, now_s=100)
    for number in range(MOST_LANES):
        lanes.lane(f"idle {number}", 100)
    assert lanes.lane("closed", 100) is closed
    assert len(lanes._lanes) < MOST_LANES
