"""Components: buttons, selects, layouts and modals, their limits, and what each answers when people use it.

Source: docs, components/reference. A message's components are checked by `message_problems`, given their numeric ids
and defaults by `as_sent`, and found again by `walking`.
"""
