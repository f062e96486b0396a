"""What sending obeys, as functions of plain values: health, limits, failures, pauses, the message."""
