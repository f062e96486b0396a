"""Facts about an account, each with the page it came from."""
