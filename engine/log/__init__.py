"""The log: a persistence module of the `eventsourcing` library on NATS JetStream.

`PERSISTENCE_MODULE=engine.log` and `NATS_URL` put any application written for the library on it. Read the files in
this order: `addresses` and `wire` (how servers are found and spoken to), `connection` and `pool` (who speaks),
`subjects`, `codec` and `stream_settings` (what stands where), `stream` (reading), `entries`, `lane` and `appending`
(writing, with every outcome known), `recorders`, `subscription` and `factory` (the library's interfaces), `reader`
and `tail` (for projections).
"""

from engine.log.factory import Factory

__all__ = ["Factory"]
