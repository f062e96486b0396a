"""Side by side with peers: each module has `main(argv)` and prints its own ratio."""
