"""A market of simulated buyers; talks to Panout only as the world does."""
