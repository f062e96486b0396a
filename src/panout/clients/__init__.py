"""Doors to the outside, each with its fake beside it. Knows no Django."""
