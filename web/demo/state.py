"""The state of the page, and its past."""

from time import perf_counter

from anchor_session import history, session

from .notices import show_error
from .visit import Visit, from_first_release

called = perf_counter()
visit = session(
    "order@2:1.0.0", Visit(), migrate=from_first_release, merge="deep", on_error=show_error
)
restore_ms = (perf_counter() - called) * 1000

order, view = visit.order, visit.view

# What is typed without a pause is one step. So is going to another step of the order: then what an undo
# changes is always to be seen. Where the focus is, how far the page is scrolled: that is no part of it.
past = history(order, group=1.0)
