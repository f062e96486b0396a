"""Commands over the same verbs."""
