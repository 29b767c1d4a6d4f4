"""States of a page: opened by name, bound to a key of Web Storage, following each other."""
