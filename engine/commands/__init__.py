"""What people and operators can ask for: one method for each command, each ending in at most one append if it can."""
