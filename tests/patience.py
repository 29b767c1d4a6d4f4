"""How long tests wait: in one place, and for minutes."""

import os

PATIENCE = float(os.environ.get("ANCHOR_PATIENCE", "300"))
"""Seconds for which any test waits at most: what has not come by then never will, on any machine."""
