"""What lies at one key of one tab: the document, the journal that continues it, and who keeps them."""
