"""JSON over the same verbs."""
