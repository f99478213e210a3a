"""What came of the runs, in words."""

import sys
from collections import Counter

from tests.discord.once.campaign import Report

STEP = 25
MOST_PROBLEMS = 5


def progress(report: Report, many: int) -> None:
    done = len(report.results)
    last = report.results[-1]
    if last.problems:
        sys.stdout.write(f"{last.name} failed: {last.problems[0]}\n")
    if done % STEP == 0 or done == many:
        sys.stdout.write(f"{done:5} of {many}, {len(report.failures)} failed, {report.kills.total()} SIGKILLs\n")
        sys.stdout.flush()


def told(report: Report, took_s: float) -> str:
    """The table by kind, then what failed and how to have it again."""
    runs = Counter(kind for result in report.results for kind in result.kinds)
    failed = Counter(kind for result in report.failures for kind in result.kinds)
    lines = [f"{'':36} {'runs':>5} {'failed':>6}"]
    lines += [f"{kind:36} {runs[kind]:5} {failed[kind]:6}" for kind in sorted(runs)]
    lines += ["", *(f"{f'SIGKILL: {moment}':36} {many:5}" for moment, many in sorted(report.kills.items()))]
    lines += [
        f"{'SIGKILLs':36} {report.kills.total():5}",
        f"{'runs':36} {len(report.results):5} {len(report.failures):6}",
        f"seed {report.seed}, {took_s:.0f} s, {report.not_reached} kills came too late",
    ]
    for result in report.failures:
        lines += ["", f"{result.name} failed (again: --seed {report.seed} --only {result.name}): {result.kinds}"]
        lines += [f"    {problem}" for problem in result.problems[:MOST_PROBLEMS]]
    lines += ["", *(f"at the end: {problem}" for problem in report.at_the_end)] if report.at_the_end else []
    lines += [f"logged {many} times: {error}" for error, many in report.logged.most_common(MOST_PROBLEMS)]
    return "\n".join([*lines, ""])
