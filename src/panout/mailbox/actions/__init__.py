"""Verbs of the mailbox room: accounts, sending, and their upkeep."""
