"""What an incoming message means: decisions of plain bytes and dates, no I/O, no network."""
