"""Elements of the page that show a state, and controls that change it."""
