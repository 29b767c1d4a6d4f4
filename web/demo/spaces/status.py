"""What is said of the spaces above them."""

from anchor_session import effect

from ..notices import show_status
from .doing import active, name_of
from .state import session
from .wording import number_of_spaces


@effect
def show_count() -> None:
    count = len(session.microcosms())
    username, space = session.user.key("username")(), active()
    title = number_of_spaces(count) if count else "No space yet"
    if username:
        title += f" of {username}"
    if not count:
        detail = "Open one: it is there after a reload, and in every tab."
    elif space is None:
        detail = "None is active: choose one."
    else:
        detail = f"“{name_of(space)}” is active, in every tab."
    show_status(f"{title}.", detail)
