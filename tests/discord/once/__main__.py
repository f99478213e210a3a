"""Exactly one reply to each message, in a thousand randomised runs.

    python -m tests.discord.once [--runs 1000] [--kills 60] [--seed N] [--only r417 …]

Ends with 0 if each run ended with one reply posted once for each character that was asked.
"""

import argparse
import asyncio
import logging
import random
import signal
import sys
import time

from tests.discord.once.campaign import Report, perform
from tests.discord.once.plan import run_plan, wave_plan
from tests.discord.once.telling import progress, told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000, help="how many in all")
    parser.add_argument("--kills", type=int, default=60, help="in how many waves of them the engine is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", nargs="*", default=[], help="runs (r417) and waves (k12) to have again")
    asked = parser.parse_args()
    logging.getLogger().addHandler(logging.NullHandler())
    waves = [wave_plan(asked.seed, number) for number in range(asked.kills)]
    struck = sum(len(wave.plans) for wave in waves)
    plans = [run_plan(asked.seed, number) for number in range(max(0, asked.runs - struck))]
    if asked.only:
        waves = [wave_plan(asked.seed, int(name[1:].split(".")[0])) for name in asked.only if name.startswith("k")]
        plans = [run_plan(asked.seed, int(name[1:])) for name in asked.only if name.startswith("r")]
    many = len(plans) + sum(len(wave.plans) for wave in waves)
    report = Report(asked.seed, on_result=lambda so_far: progress(so_far, many))
    sys.stdout.write(f"seed {asked.seed}: {many} runs, in {len(waves)} waves of them the engine is killed\n")
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers and engines are ended then, too
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(perform(report, plans, waves))
    sys.stdout.write(told(report, time.monotonic() - began))
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
