"""What the changes of several tabs make of one state, in whatever order they come."""
