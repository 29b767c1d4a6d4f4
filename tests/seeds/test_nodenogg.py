"""The page of nodenogg.in's `Session`, member by member in its order, as a program in Python.

It is a reference without programs: each member is used as its signature says, and what it stores is read by a
session that is made again.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from anchor_session import Computed, Signal, StorageWarning, effect
from anchor_session.microcosm import MicrocosmReference, Session
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, Signals, State, is_state
from tests.support import entries, read, rows, text_at

pytestmark = pytest.mark.both

NAME = ["app", "session"]
GARDEN, STUDIO = "garden.0123456789", "studio.0123456789"


def again(name: Any = NAME) -> Session:
    """What a reload makes of it."""
    leave_all()
    return Session(name)


def awaited(coroutine: "Coroutine[Any, Any, None]") -> None:
    """What `await` does, of something that waits for nothing."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


# -- extends ------------------------------------------------------------------------------------------


def test_session_is_a_state_of_active_and_microcosms() -> None:
    """Extends: `State<SessionState>`"""
    session = Session()
    assert isinstance(session, State)
    assert is_state(session)
    assert session.keys == ["active", "microcosms"]


# -- constructors -------------------------------------------------------------------------------------


@rows(
    ("name", "key"),
    [("app", "app"), (["app", "session"], "app/session"), (["", "0", "app"], "/0/app")],
)
def test_new_session_is_kept_under_its_persistance_name(area: Any, name: Any, key: str) -> None:
    """new Session(persistanceName)"""
    session = Session(name)
    session.set_active(GARDEN)
    assert entries(area).keys() == {key, f"{key}/user"}
    assert read(text_at(area, key)) == session.get() == again(name).get()


def test_new_session_without_a_name_is_kept_nowhere(areas: "dict[str, Any]") -> None:
    """new Session(persistanceName?)"""
    Session().set_active(GARDEN)
    assert [entries(area) for area in areas.values()] == [{}, {}]


@rows("name", ["", [], [""], 5, {"persistanceName": "app"}])
def test_what_is_no_persistance_name_is_refused(area: Any, name: Any) -> None:
    """new Session(persistanceName): PersistenceName is text or a list of text"""
    with pytest.raises((TypeError, ValueError), match="name"):
        Session(name)
    assert entries(area) == {}


@rows(
    ("make", "words"),
    [
        (lambda: Session(persistanceName="app"), "persistanceName"),  # type: ignore[call-arg]
        (lambda: Session("app", {"area": "local"}), "positional"),  # type: ignore[call-arg]
    ],
)
def test_call_as_in_typescript_raises(make: "Callable[[], Session]", words: str) -> None:
    """new Session(persistanceName), Overrides State<SessionState>.constructor"""
    with pytest.raises(TypeError, match=words):
        make()


def test_state_takes_what_the_constructor_of_a_state_takes(area: Any) -> None:
    """Overrides: State<SessionState>.constructor, whose times are milliseconds there"""
    state = State(
        lambda: {"n": 0},
        persistence=Persistence(["app", "n"], interval=timedelta(milliseconds=480)),
        throttle=0.48,
    )
    state.set({"n": 1})
    assert read(text_at(area, "app/n")) == {"n": 1}
    with pytest.warns(StorageWarning, match=r"write 0\.48 for 480 milliseconds"):
        State(lambda: {"n": 0}, throttle=480)
    with pytest.raises(TypeError, match=r"State\(lambda: \{\.\.\.\}"):
        State({"initial": lambda: {"n": 0}, "throttle": 480})  # type: ignore[arg-type]


# -- properties ---------------------------------------------------------------------------------------


def test_id_is_read_only_text_of_its_own() -> None:
    """readonly id: string"""
    session = Session()
    assert isinstance(session.id, str)
    assert session.id not in (Session().id, session.user.id)
    with pytest.raises(AttributeError, match="'id' of a Session"):
        session.id = "mine"  # type: ignore[misc]


def test_key_gives_the_signal_of_that_key() -> None:
    """key(key) => Signal<Object[K]>"""
    session = Session()
    active = session.key("active")
    heard: list[Any] = []
    active.on(heard.append)
    active.set(GARDEN)
    assert isinstance(active, Signal)
    assert (active.get(), session.get()["active"], heard) == (GARDEN, GARDEN, [GARDEN])
    with pytest.raises(KeyError, match="it has active, microcosms"):
        session.key("activ")  # type: ignore[call-overload]


def test_microcosms_are_followed_as_a_signal_is() -> None:
    """microcosms: Signal<Object[]>"""
    session = Session()
    heard: list[list[str]] = []
    seen: list[int] = []
    end = session.microcosms.on(lambda found: heard.append([each.microcosm_id for each in found]))
    effect(lambda: seen.append(len(session.microcosms.get())))
    session.register_reference(STUDIO)
    session.register_reference(GARDEN)
    end()
    session.remove_reference(STUDIO)
    assert heard == [[STUDIO], [GARDEN, STUDIO]]
    assert seen == [0, 1, 2, 1]
    assert isinstance(session.microcosms, Computed)
    assert session.microcosms.id != session.ready.id


def test_ready_is_true_when_the_session_is_there() -> None:
    """ready: Signal<boolean>"""
    session = Session(NAME)
    assert isinstance(session.ready, Signal)
    assert session.ready.get() is True


@rows(
    "partial",
    [{"active": GARDEN}, lambda state: {"active": None if state["active"] else GARDEN}],
)
def test_set_takes_a_partial_or_a_function_of_the_state(partial: Any) -> None:
    """set(partial | (state) => partial)"""
    session = Session(NAME)
    session.register_reference(STUDIO)
    heard: list[Any] = []
    session.on(heard.append)
    session.set(partial)
    assert [each["active"] for each in heard] == [GARDEN]
    assert session.get()["microcosms"].keys() == {STUDIO}
    assert again().get() == heard[0]


def test_set_without_sync_tells_nobody_and_is_there(area: Any) -> None:
    """set(partial, sync?: boolean)"""
    session = Session(NAME)
    before = entries(area)
    heard: list[Any] = []
    session.on(heard.append)
    session.set({"active": GARDEN}, False)
    assert session.get()["active"] == GARDEN
    assert (heard, entries(area)) == ([], before)


def test_signal_has_a_signal_for_each_key() -> None:
    """signal: SignalObject<Object, "active" | "microcosms">"""
    session = Session()
    assert isinstance(session.signal, Signals)
    assert [*session.signal] == ["active", "microcosms"]
    assert session.signal.active is session.key("active")
    session.signal.active.set(GARDEN)
    assert session.is_active(GARDEN)
    with pytest.raises(AttributeError, match=r"signal\.active\.set\(value\)"):
        setattr(session.signal, "active", None)  # noqa: B010 - a checker refuses it


def test_user_is_a_state_that_stays_who_they_are() -> None:
    """user: User"""
    session = Session(NAME)
    assert isinstance(session.user, State)
    session.user.set({"username": "Ada"})
    assert again().user.get() == session.user.get()
    assert session.user.get()["identity_id"].startswith("identity_")


# -- accessors ----------------------------------------------------------------------------------------


def test_keys_are_the_names_and_not_to_be_set() -> None:
    """get keys(): K[]"""
    session = Session()
    assert session.keys == ["active", "microcosms"]
    with pytest.raises(AttributeError, match="'keys' of a Session"):
        session.keys = []  # type: ignore[misc]


# -- methods ------------------------------------------------------------------------------------------


def test_dispose_is_awaited_and_ends_notifications(area: Any) -> None:
    """dispose(): Promise<void>"""
    session = Session(NAME)
    heard: list[Any] = []
    session.on(heard.append)
    session.microcosms.on(heard.append)
    session.user.on(heard.append)
    session.register_reference(GARDEN)
    heard.clear()
    awaited(session.dispose())
    before = entries(area)
    session.register_reference(STUDIO)
    session.user.set({"username": "Ada"})
    assert (heard, entries(area)) == ([], before)
    assert [each.microcosm_id for each in again().microcosms.get()] == [GARDEN]


def test_get_gives_the_whole_state() -> None:
    """get(): { active?: string, microcosms }"""
    session = Session()
    assert session.get() == {"active": None, "microcosms": {}}
    session.set_active(GARDEN)
    assert session.get()["active"] == GARDEN


def test_get_reference_gives_a_reference_or_false() -> None:
    """getReference(microcosmID): false | Object"""
    session = Session()
    made = session.register_reference(GARDEN, view="map")
    assert session.get_reference(GARDEN) == made
    assert session.get_reference(STUDIO) is False
    assert session.get_reference("no id") is False


def test_is_active_tells_the_active_one() -> None:
    """isActive(microcosmID): boolean"""
    session = Session()
    assert session.is_active(GARDEN) is False
    session.set_active(GARDEN)
    assert session.is_active(GARDEN) is True
    assert [session.is_active(each) for each in (STUDIO, "no id", None)] == [False] * 3  # type: ignore[arg-type]


def test_on_hears_the_state_until_it_is_ended() -> None:
    """on(sub): Unsubscribe"""
    session = Session()
    heard: list[Any] = []
    unsubscribe = session.on(heard.append)
    session.set_active(GARDEN)
    unsubscribe()
    session.set_active(STUDIO)
    assert heard == [{"active": GARDEN, "microcosms": {}}]


@rows(
    ("given", "others"),
    [
        ({"microcosm_id": GARDEN, "view": "map", "password": "secret"}, {}),
        (GARDEN, {"view": "map", "password": "secret"}),
    ],
)
def test_register_reference_gives_what_is_kept(given: Any, others: "dict[str, str]") -> None:
    """registerReference({ microcosmID, view, password }): { lastAccessed, microcosmID, password?, view? }"""
    session = Session(NAME)
    found = session.register_reference(given, **others)
    assert isinstance(found, MicrocosmReference)
    assert (found.microcosm_id, found.view, found.password) == (GARDEN, "map", "secret")
    assert isinstance(found.last_accessed, int)
    assert found.last_accessed > 1_700_000_000_000  # milliseconds
    assert session.microcosms.get() == [found]
    assert again().microcosms.get() == [found | {"password": None}]


def test_register_reference_again_keeps_what_is_absent() -> None:
    """registerReference, of a microcosm that is known"""
    session = Session(NAME)
    session.register_reference(GARDEN, view="map", password="secret")
    known = session.get_reference(GARDEN)
    assert known
    for request in (known, {"microcosm_id": GARDEN}, {"microcosm_id": GARDEN, "view": None}):
        found = session.register_reference(request)
        assert (found.view, found.password) == ("map", "secret")


def test_register_reference_with_the_names_of_typescript_is_told_ours() -> None:
    """registerReference({ microcosmID })"""
    session = Session()
    with pytest.raises(ValueError, match="'microcosm_id'"):
        session.register_reference({"microcosmID": GARDEN})
    assert session.microcosms.get() == []


def test_remove_reference_forgets_it() -> None:
    """removeReference(microcosmID): void"""
    session = Session(NAME)
    session.register_reference(GARDEN, password="secret")
    session.register_reference(STUDIO)
    session.set_active(GARDEN)
    session.remove_reference(GARDEN)
    session.remove_reference("no id")
    assert again().get() == session.get()
    assert session.get()["active"] is None
    assert session.get()["microcosms"].keys() == {STUDIO}


def test_reset_begins_again() -> None:
    """reset(): void"""
    session = Session(NAME)
    session.register_reference(GARDEN)
    session.set_active(GARDEN)
    session.reset()
    assert again().get() == session.get() == {"active": None, "microcosms": {}}


def test_set_active_is_kept() -> None:
    """setActive(microcosmID): void"""
    session = Session(NAME)
    session.set_active(GARDEN)
    assert again().is_active(GARDEN)
    with pytest.raises(ValueError, match=r"title\.id"):
        session.set_active("no id")
    assert again().is_active(GARDEN)


def test_use_is_called_at_the_end_unless_it_is_taken_out() -> None:
    """use(...sub): Unsubscribe"""
    session = Session()
    calls: list[str] = []
    session.use(lambda: calls.append("a"), lambda: calls.append("b"))
    unuse = session.use(lambda: calls.append("c"))
    unuse()
    awaited(session.dispose())
    assert calls == ["a", "b"]


@rows("name", ["getReference", "isActive", "registerReference", "removeReference", "setActive"])
def test_method_of_typescript_is_told_its_name_here(name: str) -> None:
    """Methods, as they are written there"""
    with pytest.raises(AttributeError, match=r"here it is '[a-z]+_[a-z]+'"):
        getattr(Session(), name)
