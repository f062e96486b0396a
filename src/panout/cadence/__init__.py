"""What happens next, and when it stops."""
