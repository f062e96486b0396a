"""Whom we may not contact, on what ground we may, the law table, erasure."""
