"""What an ideal customer profile says, and how its file is read and checked."""
