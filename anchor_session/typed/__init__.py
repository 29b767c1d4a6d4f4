"""Typed states: a view that reads and writes like an instance of a class. Imported when one is opened."""
