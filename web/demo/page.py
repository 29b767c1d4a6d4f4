"""The page's program: each of these shows one part of it, and changes the state from there."""

from . import arrival, basket, fields, ledger, review, steps, summary, undo

__all__ = ["basket", "fields", "ledger", "review", "steps", "summary", "undo"]

arrival.arrive()
