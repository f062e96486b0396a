"""The labelled replies that Panout ships, how they were made, and how the model is trained on them."""
