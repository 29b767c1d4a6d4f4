"""Ids of conversations and messages: letters and digits that nobody can guess."""

import string
from collections.abc import Callable, Sequence

_ALPHABET = string.digits + string.ascii_letters

Choose = Callable[[Sequence[str]], str]
"""Takes one of a sequence at random, as `secrets.choice` does."""


def new_session_id(*, choose: Choose | None = None) -> str:
    """``sess_`` and 16 letters or digits: 95 bits of chance."""
    return f"sess_{random_text(16, choose=choose)}"


def new_message_id(*, choose: Choose | None = None) -> str:
    """``msg_`` and 20 letters or digits."""
    return f"msg_{random_text(20, choose=choose)}"


def random_text(length: int, *, choose: Choose | None = None) -> str:
    """So many letters and digits."""
    if choose is None:
        import secrets  # 5 ms in a page

        choose = secrets.choice
    return "".join([choose(_ALPHABET) for _ in range(length)])
