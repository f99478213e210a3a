"""Trying by hand: a page on which one is somebody in a channel, speaks, uses commands and presses what is shown."""
