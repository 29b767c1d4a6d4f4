"""Who uses the spaces."""

from typing import Any

from pyscript import document, when

from anchor_session import effect

from ..dom import find, set_text
from .doing import call_user
from .state import session


@effect
def show_user() -> None:
    user = session.user.get()
    field = find("#username")
    if field != document.activeElement:
        field.value = user["username"] or ""
    set_text("#identity", user["identity_id"])


@when("input", "#username")
def type_name(event: Any) -> None:
    call_user(" ".join(event.target.value.split()))


@when("change", "#username")
def leave_name(event: Any) -> None:
    event.target.value = session.user.get()["username"] or ""
