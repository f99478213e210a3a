"""How the engine speaks on Discord: a reply as posts, by webhook where it can be, and taken back again."""
