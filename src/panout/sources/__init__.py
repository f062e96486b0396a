"""Where records come from; rows are kept as they came."""
