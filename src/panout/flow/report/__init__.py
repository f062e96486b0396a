"""The page that a run leaves behind: what was panned, what was found, and why."""
