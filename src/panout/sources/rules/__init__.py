"""What a cell means: one pure function per kind of value, from text as typed to text as kept."""
