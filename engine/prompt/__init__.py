"""What a model is asked: which settings hold, what fits the budget, and the bytes of the request.

`effective` resolves the settings, `selection` chooses history and memories within the budget, `rendering` writes the
messages. All pure, so that the same choices give the same bytes for ever (engine/why.py).
"""
