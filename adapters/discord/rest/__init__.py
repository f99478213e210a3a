"""Discord's REST API: the one way in which anything here asks it for anything.

    Ask ─► Rest ─► lanes and pace ─► Discord ─► an answer, Denied, or Unanswered

nextcord has a client of its own, with which it signs in to the gateway; nothing else uses it.
"""
