"""Interactions: how they reach an application (`payload`), and how it answers them (`callbacks`, `followups`).

Source: docs, interactions/receiving-and-responding. Actors begin them (`beginning`); the deadlines are the world's
clock's: 3 s for the first answer, 15 minutes for everything after it.
"""
