"""Hypotheses: micro-campaigns, arms, account plays."""
