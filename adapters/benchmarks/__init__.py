"""How fast it is here: `tzurot bench append|rebuild|turn|all`.

Every benchmark runs on servers of its own in a directory that goes with it, measures its own baseline in the same run
and turn about, and reports ratios: an absolute figure says more about the machine than about the code.

`append`, `rebuild` and `turn` are the benchmarks; `surroundings` is where they run; `workload`, `mix` and `words` are
what is fed to them, `contenders` and `library` what they are measured against; `spread` and `report` are what is made
of the figures.
"""

from adapters.benchmarks.command_line import build

__all__ = ["build"]
