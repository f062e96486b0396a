"""What changed, and why that matters now."""
