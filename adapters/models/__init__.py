"""Everything that answers a chat, and what counts its tokens.

`openai_compatible` talks to a provider; `accumulator`, `watchdogs`, `failures` and `quirks` are the decisions it takes
on the way, all pure. `offline` answers without any provider. `tokens` counts.
"""
