"""The one language for who: text, tree, then a predicate, SQL or a sentence. Pure."""
