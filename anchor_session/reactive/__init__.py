"""Data that knows who changed it. No storage, no host, no clock."""
