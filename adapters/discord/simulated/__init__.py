"""Discord, simulated from its documentation: REST v10 and gateway v10 on a free port, for tests and for trying by hand.

It knows nothing of the bot and the bot nothing of it (import-linter). Where things are:

- `world/`     what is there: users, guilds, channels, messages, webhooks, commands, interactions (state only)
- `changes/`   what happens: each function changes the world and publishes what gateways tell
- `payloads/`  how the world looks in Discord's JSON
- `rest/`      routes (`routes.py` says how one is declared), the pipeline around them, Discord's errors
- `gateway/`   sessions, sockets, intents, replay
- `actors/`    people who act, as their clients would let them
- `building.py`, `simulated.py`  laying out a scene; the running instance
- `by_hand/`, `__main__.py`      a page to be somebody there: `python -m adapters.discord.simulated`
- `clock.py`, `faults.py`, `journal.py`  time, things that go wrong, what was asked
"""
