"""What worked and how sure we are; proposals upstream."""
