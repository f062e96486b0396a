"""What the answer means; stops cadences, records wishes."""
