"""Many people in many channels at once, answered by one process. Nothing is timed here but what Discord itself times:
how fast it is, `tzurot bench discord` tells.

People and model are in a process of their own, as they are for the benchmark.
"""

from pathlib import Path

from adapters.benchmarks.bots import EVERYTHING, EngineBot
from adapters.benchmarks.companions import companion
from adapters.benchmarks.crowd import Crowd, crowd
from adapters.benchmarks.talk import Plan, Standing
from adapters.benchmarks.watching import Watch
from engine.settings import Settings
from tzurot import Root

CHANNELS, SPEAKERS = 200, 5
MODEL_S = 0.1


async def test_everyone_in_200_channels_speaks_at_once_and_is_answered_once_in_order_while_the_heart_beats(
    tmp_path: Path,
) -> None:
    async with companion("the simulated Discord", crowd, CHANNELS, SPEAKERS, MODEL_S) as people:
        address = await people.call(Crowd.address, "engine")
        settings = Settings.model_validate(
            {
                "TZUROT_DATA_DIR": tmp_path,
                "OPENAI_BASE_URL": address.model_url,
                "OPENAI_MODEL": "loopback",
                "DISCORD_TOKEN": address.token,
                "DISCORD_API_BASE": address.api_base,
                "DISCORD_CDN_BASE": address.cdn_base,
            }
        )
        async with Root(settings).opened(EVERYTHING) as opened:
            await EngineBot(opened, Watch()).settle_in(address)
            await people.call(Crowd.until_connected, "engine")
            await people.call(Crowd.talk, "engine", Plan(CHANNELS * SPEAKERS, rate_per_s=None, seed=1))
            pulse = await people.call(Crowd.pulse, "engine")
            standing = await people.call(Crowd.standing, "engine")
    assert standing == Standing(said=CHANNELS * SPEAKERS, channels=CHANNELS)
    assert pulse.beats > 0
    assert pulse.missed == 0
