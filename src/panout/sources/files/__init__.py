"""Lists that are files: opened whatever they are, read as a stream, normalised a column at a time."""
