"""How fast it is here: `tzurot bench append|rebuild|turn|discord|all`.

Every benchmark runs on servers of its own in a directory that goes with it, measures its own baseline in the same run
and turn about, and reports ratios: an absolute figure says more about the machine than about the code.

`append`, `rebuild`, `turn` and `discord` are the benchmarks; `surroundings` is where they run, `isolated` and
`companions` are their processes; `workload`, `mix`, `words`, `crowd` and the models are what is fed to them,
`contenders`, `library` and the echo bot of `bots` what they are measured against; `talk`, `watching`, `spread` and
`report` are what is made of the figures.
"""

from adapters.benchmarks.command_line import build

__all__ = ["build"]
