"""What lies at one key: the document, the journal that continues it, and who keeps them."""
