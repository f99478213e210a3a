"""Read-models kept from the log: what the engine looks things up in, and can throw away.

`open_projections` is the way in. Each question is a module beside its `.sql`: history, memory, characters, presets,
people, audit, and context, which reads from all of them. `runner` keeps them up with the log, `generations` says which
build of each is live, `building` and `rebuilding` replay the log into new ones, `sweeping` drops old ones,
`state_hash` tells whether two are equal, `traces` whether any still holds erased words. Everything here follows from
the log: drop the database, and it is back.
"""

from projections.opening import Projections, open_projections

__all__ = ["Projections", "open_projections"]
