"""Meetings, opportunities, quotes, forecast."""
