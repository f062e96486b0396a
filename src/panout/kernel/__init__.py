"""Words every room speaks: addresses, domains, money, the field catalogue, the error tree. Pure."""
