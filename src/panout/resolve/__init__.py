"""Raw rows become one account and one contact; every merge explained and undoable."""
