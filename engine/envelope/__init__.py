"""The envelope that every event travels in: a plain part, and a part sealed under a key of its person and month."""
