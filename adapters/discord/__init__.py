"""Discord: the bot, and a Discord to try it against."""
