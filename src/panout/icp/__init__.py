"""Ideal customer profiles: versions, criteria, buying roles, disqualifiers."""
