"""Detectors: each finds one kind of change and says it as signals."""
