"""The browser session, its maps, and what a document has once."""
