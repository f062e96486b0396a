"""Accounts, caps, sending, fetching, bounces, domain health: carries bytes, does not read them."""
