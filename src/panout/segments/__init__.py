"""Saved audiences, live and static."""
