"""Users, roles, and the ledger of who did what."""
