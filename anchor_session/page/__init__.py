"""One reactive value bound to one key of one storage area."""
