"""The stores: memory, files, SQLite, Redis, Web Storage."""
