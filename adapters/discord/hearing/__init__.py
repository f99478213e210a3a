"""From a Discord message to what the engine hears: what was said, who is asked, and what came along with it."""
