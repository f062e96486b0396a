"""Fit, intensity, timing, team: a verdict with reasons, and the gate."""
