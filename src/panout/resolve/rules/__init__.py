"""What makes two rows one: names, shared values, and who wins a field. Plain values in, plain values out."""
