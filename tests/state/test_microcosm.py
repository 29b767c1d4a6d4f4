"""The session of microcosms: references, the active one, the user; what is stored of them."""

import asyncio
import json
import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from anchor_session import Computed, QuotaExceededError, Signal, StorageWarning, effect
from anchor_session import session as state_of_the_tab
from anchor_session.host.memory import MemoryHost
from anchor_session.microcosm import MicrocosmReference, Session
from anchor_session.page import open_states
from anchor_session.page.open_states import leave_all
from anchor_session.state import State, is_state
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from tests.support import Spy, entries, read, rows, text_at

GARDEN, STUDIO = "garden.0123456789", "studio-2.abc_DEF-99"
NAME = ["app", "session"]


class ClockHost(MemoryHost):
    """A host whose time is told."""

    milliseconds = 1_000

    def now(self) -> int:
        return self.milliseconds * 1000


@pytest.fixture
def clock(areas: Any) -> "Any":
    with use_host(ClockHost()) as here:
        yield here
        leave_all()


def again(name: Any = NAME, **options: Any) -> Session:
    leave_all()
    return Session(name, **options)


# -- what there is ------------------------------------------------------------------------------------


def test_session_is_a_state_of_two_keys() -> None:
    session = Session()
    assert is_state(session)
    assert session.get() == {"active": None, "microcosms": {}}
    assert isinstance(session.ready, Signal)
    assert session.ready.get() is True
    assert isinstance(session.microcosms, Computed)
    assert isinstance(session.user, State)


def test_registered_reference_is_given_and_kept(clock: ClockHost) -> None:
    session = Session()
    found = session.register_reference(GARDEN, view="map", password="secret")
    assert isinstance(found, MicrocosmReference)
    assert (found.microcosm_id, found.last_accessed) == (GARDEN, 1000)
    assert (found.view, found.password) == ("map", "secret")
    assert session.microcosms.get() == [found]


WHOLE = {"microcosm_id": GARDEN, "view": "map", "password": "secret"}
PARTS = [
    (WHOLE, {}, ("map", "secret")),
    (MicrocosmReference(WHOLE, last_accessed=5), {}, ("map", "secret")),
    (WHOLE | {"last_accessed": 5, "title": "Garden", "microcosmID": STUDIO}, {}, ("map", "secret")),
    ({"microcosm_id": GARDEN}, {}, ("list", "old")),
    (WHOLE | {"view": None, "password": None}, {}, ("list", "old")),
    (WHOLE | {"view": ""}, {}, ("", "secret")),
    (WHOLE, {"view": "board"}, ("board", "secret")),
    (WHOLE, {"password": "new"}, ("map", "new")),
    (MappingProxyType(WHOLE), {}, ("map", "secret")),
    (GARDEN, WHOLE | {"microcosm_id": GARDEN}, None),
]


@rows(("given", "options", "expected"), PARTS)
def test_map_stands_for_id_view_and_password(
    given: Any, options: "dict[str, Any]", expected: "tuple[str, str] | None"
) -> None:
    with use_host(ClockHost()):
        session = Session(NAME)
        session.register_reference(GARDEN, view="list", password="old")
        if expected is None:
            with pytest.raises(TypeError, match="microcosm_id"):
                session.register_reference(given, **options)
            return
        found = session.register_reference(given, **options)
        assert (found.microcosm_id, found.last_accessed) == (GARDEN, 1000)
        assert (found.view, found.password) == expected
        assert again().get()["microcosms"] == {
            GARDEN: {"microcosm_id": GARDEN, "last_accessed": 1000, "view": expected[0]}
        }


def test_part_of_another_state_is_registered() -> None:
    wanted = state_of_the_tab("wanted", {"next": WHOLE})
    assert Session().register_reference(wanted["next"]).view == "map"


def test_reference_of_another_session_is_registered() -> None:
    session, other = Session(), Session()
    session.register_reference(WHOLE)
    found = session.get_reference(GARDEN)
    assert found
    assert other.register_reference(found).password == "secret"


@rows(
    ("given", "error", "words"),
    [
        ({}, ValueError, "'microcosm_id'.* has nothing"),
        ({"microcosmID": GARDEN, "password": "secret"}, ValueError, "'microcosmID', 'password'$"),
        ({"microcosm_id": "garden"}, ValueError, r"title\.id"),
        ({"microcosm_id": None}, ValueError, r"title\.id"),
        ({"microcosm_id": GARDEN, "view": 5}, TypeError, "view is text, not an int"),
        (
            {"microcosm_id": GARDEN, "password": ["secret"]},
            TypeError,
            "password is text, not a list",
        ),
    ],
)
def test_map_that_is_no_request_is_refused_without_its_values(
    given: Any, error: "type[Exception]", words: str
) -> None:
    session = Session()
    with pytest.raises(error, match=words) as caught:
        session.register_reference(given)
    assert "secret" not in str(caught.value)
    assert session.microcosms.get() == []


def test_reference_stands_for_its_id_everywhere() -> None:
    session = Session()
    reference = session.register_reference(GARDEN, view="map")
    session.set_active(reference)
    assert session.is_active(reference)
    assert session.get()["active"] == GARDEN
    assert session.get_reference(reference) == reference
    session.remove_reference(reference)
    assert session.get() == {"active": None, "microcosms": {}}


def test_reference_is_a_dict_too(clock: ClockHost) -> None:
    found = Session().register_reference(GARDEN)
    assert json.loads(json.dumps(found)) == {
        "microcosm_id": GARDEN,
        "last_accessed": 1000,
        "view": None,
        "password": None,
    }
    with pytest.raises(AttributeError, match="colour"):
        _ = found.colour  # type: ignore[attr-defined]


def test_references_are_sorted_by_id() -> None:
    session = Session()
    session.register_reference(STUDIO)
    session.register_reference(GARDEN)
    assert [each.microcosm_id for each in session.microcosms.get()] == [GARDEN, STUDIO]


def test_absent_view_and_password_keep_the_ones_before(clock: ClockHost) -> None:
    session = Session()
    session.register_reference(GARDEN, view="map", password="secret")
    clock.milliseconds = 2000
    found = session.register_reference(GARDEN)
    assert (found.view, found.password, found.last_accessed) == ("map", "secret", 2000)
    found = session.register_reference(GARDEN, view="list")
    assert (found.view, found.password) == ("list", "secret")


def test_get_reference_gives_what_was_and_refreshes_it(clock: ClockHost) -> None:
    session = Session()
    session.register_reference(GARDEN, view="map")
    clock.milliseconds = 2000
    found = session.get_reference(GARDEN)
    assert found
    assert (found.last_accessed, found.view) == (1000, "map")
    assert session.microcosms.get()[0].last_accessed == 2000


def test_unknown_reference_is_false_and_stays_unknown() -> None:
    session = Session()
    assert session.get_reference(GARDEN) is False
    assert session.microcosms.get() == []


def test_changing_a_reference_changes_nothing() -> None:
    session = Session()
    session.microcosms.on(lambda found: found[0].update(view="mine"))
    session.register_reference(GARDEN)["view"] = "mine"
    session.microcosms.get()[0]["view"] = "mine"
    session.microcosms()[0]["view"] = "mine"
    assert session.microcosms()[0].view is None
    assert session.get_reference(GARDEN).view is None  # type: ignore[union-attr]


def test_sorting_the_references_sorts_nobody_elses() -> None:
    session = Session()
    session.register_reference(GARDEN)
    session.register_reference(STUDIO)
    session.microcosms.get().reverse()
    assert [each.microcosm_id for each in session.microcosms.get()] == [GARDEN, STUDIO]


def test_microcosms_tell_of_each_change_of_them_alone() -> None:
    heard: list[list[str]] = []
    session = Session()
    end = session.microcosms.on(lambda found: heard.append([each.microcosm_id for each in found]))
    session.register_reference(STUDIO)
    session.set_active(STUDIO)
    session.user.set({"username": "Ada"})
    session.register_reference(GARDEN)
    session.remove_reference(STUDIO)
    end()
    session.reset()
    assert heard == [[STUDIO], [GARDEN, STUDIO], [GARDEN]]


def test_disposed_session_calls_what_its_microcosms_were_given() -> None:
    calls: list[str] = []
    session = Session()
    session.microcosms.use(lambda: calls.append("microcosms"))
    session.ready.use(lambda: calls.append("ready"))
    session.microcosms.on(lambda found: calls.append("heard"))
    asyncio.run(session.dispose())
    session.register_reference(GARDEN)
    assert sorted(calls) == ["microcosms", "ready"]


def test_one_is_active() -> None:
    session = Session()
    session.set_active(GARDEN)
    assert session.is_active(GARDEN)
    assert not session.is_active(STUDIO)
    assert session.key("active").get() == GARDEN
    session.set_active(None)
    assert not session.is_active(GARDEN)


def test_removed_reference_is_gone_and_not_active() -> None:
    session = Session()
    session.register_reference(GARDEN, password="secret")
    session.register_reference(STUDIO)
    session.set_active(GARDEN)
    session.remove_reference(GARDEN)
    assert session.get()["active"] is None
    assert [each.microcosm_id for each in session.microcosms.get()] == [STUDIO]
    assert session.register_reference(GARDEN).password is None


def test_removing_another_leaves_the_active_one() -> None:
    session = Session()
    session.register_reference(STUDIO)
    session.set_active(GARDEN)
    session.remove_reference(STUDIO)
    session.remove_reference(STUDIO)
    assert session.is_active(GARDEN)


def test_removal_is_one_notification() -> None:
    found: list[Any] = []
    session = Session()
    session.register_reference(GARDEN)
    session.set_active(GARDEN)
    session.on(found.append)
    session.remove_reference(GARDEN)
    assert found == [{"active": None, "microcosms": {}}]


def test_readers_follow() -> None:
    found: list[Any] = []
    session = Session()
    effect(lambda: found.append((len(session.microcosms.get()), session.is_active(GARDEN))))
    session.register_reference(GARDEN)
    session.set_active(GARDEN)
    session.set_active(STUDIO)
    assert found == [(0, False), (1, False), (1, True), (1, False)]


BAD_IDS = [
    "", "garden", "garden.", ".0123456789abcdef", "a.b", "garden.01234567", "garden.0123456789" * 4,
    "garden 0123456789.x", "garden.0123.456789", "gärten.0123456789", "garden/0123456789.x",
    "garden.0123456789\n", "../../etc/passwd.x", "garden.0123456789\0", "garden.٠١٢٣٤٥٦٧٨٩",
    None, 5, ["garden.0123456789"], b"garden.0123456789", Signal("garden.0123456789"),
]  # fmt: skip


@rows("method", ["register_reference", "set_active"])
@rows("microcosm_id", BAD_IDS)
def test_malformed_id_is_refused_where_it_would_be_kept(method: str, microcosm_id: Any) -> None:
    if method == "set_active" and microcosm_id is None:
        return
    session = Session()
    with pytest.raises(ValueError, match=r"title\.id"):
        getattr(session, method)(microcosm_id)
    assert session.get() == {"active": None, "microcosms": {}}


@rows("microcosm_id", [*BAD_IDS, {}, {"microcosm_id": 5}, STUDIO])
def test_id_that_is_malformed_or_unknown_is_not_there(microcosm_id: Any) -> None:
    session = Session()
    session.register_reference(GARDEN)
    before = session.get()
    assert session.get_reference(microcosm_id) is False
    assert session.is_active(microcosm_id) is False
    session.remove_reference(microcosm_id)
    assert session.get() == before


def test_id_that_is_no_text_is_named_by_its_type_alone() -> None:
    session = Session()
    with pytest.raises(ValueError, match=r"not a list$"):
        session.set_active(["secret"])  # type: ignore[arg-type]


@rows("length", [15, 16, 60, 61])
def test_id_has_16_to_60_characters(length: int) -> None:
    microcosm_id = "a." + "b" * (length - 2)
    try:
        Session().register_reference(microcosm_id)
        is_accepted = True
    except ValueError:
        is_accepted = False
    assert is_accepted == (16 <= length <= 60)


@rows("name", ["view", "password"])
def test_view_and_password_are_text(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Session().register_reference(GARDEN, **{name: 5})  # type: ignore[arg-type]


# -- the user -----------------------------------------------------------------------------------------


@pytest.mark.both
def test_user_has_an_identity_of_45_characters() -> None:
    user = Session().user.get()
    assert re.fullmatch(r"identity_[0-9a-f-]{36}", user["identity_id"])
    assert len(user["identity_id"]) == 45
    assert user["username"] is None
    assert user["identity_id"] != Session().user.get()["identity_id"]


@pytest.mark.both
def test_user_stays_the_same_after_a_reload() -> None:
    session = Session(NAME)
    session.user.set({"username": "Ada"})
    assert again().user.get() == session.user.get()


def test_user_is_kept_beside_the_session(area: Any) -> None:
    Session(NAME)
    assert entries(area).keys() == {"app/session", "app/session/user"}


def test_user_is_written_as_often_as_the_session(area: Any) -> None:
    session = Session(NAME, interval=60)
    for name in ("Ada", "Grace"):
        session.user.set({"username": name})
    assert read(text_at(area, "app/session/user"))["username"] == "Ada"
    assert again().user.get()["username"] == "Grace"


# -- what is stored -----------------------------------------------------------------------------------


def test_session_without_a_name_stores_nothing(areas: "dict[str, Any]") -> None:
    session = Session()
    session.register_reference(GARDEN)
    assert entries(areas["session"]) == entries(areas["local"]) == {}


@pytest.mark.both
def test_session_comes_back_after_a_reload(area: Any) -> None:
    session = Session(NAME)
    found = session.register_reference(GARDEN, view="map")
    session.set_active(GARDEN)
    back = again()
    assert back.microcosms.get() == [found]
    assert back.is_active(GARDEN)
    assert back.ready.get() is True


def test_password_stays_in_memory(area: Any) -> None:
    session = Session(NAME)
    session.register_reference(GARDEN, password="secret")
    assert "secret" not in json.dumps(entries(area))
    assert again().microcosms.get()[0].password is None


def test_password_is_stored_where_that_is_asked_for(area: Any) -> None:
    session = Session(NAME, persist_passwords=True)
    session.register_reference(GARDEN, password="secret")
    assert read(text_at(area, "app/session"))["microcosms"][GARDEN]["password"] == "secret"
    assert again(persist_passwords=True).microcosms.get()[0].password == "secret"


ENTRY = {"microcosm_id": GARDEN, "last_accessed": 5}
HOSTILE = {
    "active_number": {"active": 5},
    "active_path": {"active": "../../etc/passwd"},
    "list": {"microcosms": [ENTRY]},
    "entry_of_text": {"microcosms": {GARDEN: "x"}},
    "another_id": {"microcosms": {GARDEN: ENTRY | {"microcosm_id": STUDIO}}},
    "bad_id": {"microcosms": {"x": ENTRY | {"microcosm_id": "x"}}},
    "no_time": {"microcosms": {GARDEN: {"microcosm_id": GARDEN}}},
    "time_of_text": {"microcosms": {GARDEN: ENTRY | {"last_accessed": "now"}}},
    "time_true": {"microcosms": {GARDEN: ENTRY | {"last_accessed": True}}},
    "view_of_a_list": {"microcosms": {GARDEN: ENTRY | {"view": []}}},
    "password_of_a_map": {"microcosms": {GARDEN: ENTRY | {"password": {}}}},
}


@rows("data", HOSTILE)
def test_stored_text_that_is_no_session_is_moved_aside(area: Any, data: Any) -> None:
    area.setItem("app/session", json.dumps(data))
    with pytest.warns(StorageWarning, match="app/session#rejected"):
        session = Session(NAME)
    assert session.get() == {"active": None, "microcosms": {}}
    assert text_at(area, "app/session#rejected") == json.dumps(data)


def test_stored_text_that_is_a_session_is_used(area: Any) -> None:
    area.setItem("app/session", json.dumps({"active": GARDEN, "microcosms": {GARDEN: ENTRY}}))
    assert Session(NAME).microcosms.get()[0].last_accessed == 5


@rows("identity", ["", "me", 5, None, "identity_" + "x" * 36])
def test_stored_user_that_is_none_is_moved_aside(area: Any, identity: Any) -> None:
    area.setItem("app/session/user", json.dumps({"identity_id": identity, "username": None}))
    with pytest.warns(StorageWarning, match="user#rejected"):
        session = Session(NAME)
    assert len(session.user.get()["identity_id"]) == 45


# -- tabs and the end ---------------------------------------------------------------------------------


def test_tabs_follow_each_other() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    sessions = []
    for tab in (one, two):
        with use_host(tab):
            sessions.append(Session(NAME, area="local", sync_tabs=True))
        network.settle()
    with use_host(one):
        sessions[0].register_reference(GARDEN)
    with use_host(two):
        sessions[1].register_reference(STUDIO)
        sessions[1].set_active(STUDIO)
    network.settle()
    assert sessions[0].get() == sessions[1].get()
    assert sessions[0].get()["microcosms"].keys() == {GARDEN, STUDIO}
    assert sessions[0].is_active(STUDIO)
    assert sessions[0].user.get() == sessions[1].user.get()


def test_removal_and_registration_in_two_tabs_are_both_kept() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    sessions = []
    for tab in (one, two):
        with use_host(tab):
            sessions.append(Session(NAME, area="local", sync_tabs=True))
        network.settle()
    with use_host(one):
        sessions[0].register_reference(GARDEN)
    network.settle()
    with use_host(one):
        sessions[0].remove_reference(GARDEN)
    with use_host(two):
        sessions[1].register_reference(STUDIO)
    network.settle()
    assert sessions[0].get()["microcosms"].keys() == {STUDIO}
    assert sessions[0].get() == sessions[1].get()


@pytest.mark.both
def test_dispose_ends_all_of_it() -> None:
    found: list[Any] = []
    session = Session(NAME)
    session.on(found.append)
    effect(lambda: found.append(len(session.microcosms.get())))
    asyncio.run(session.dispose())
    effect(lambda: found.append(len(session.microcosms.get())))
    session.microcosms.on(found.append)
    session.register_reference(GARDEN, password="secret")
    assert found == [0, 0]
    assert (open_states._pages, session.user.is_disposed) == ({}, True)


def test_disposed_session_goes_on_in_memory(area: Any) -> None:
    session = Session(NAME)
    session.register_reference(GARDEN)
    session.microcosms.get()
    asyncio.run(session.dispose())
    before = entries(area)
    for number in range(3):
        session.register_reference(f"{STUDIO}{number}")
        assert len(session.microcosms.get()) == 2 + number
    session.set_active(STUDIO)
    assert session.is_active(STUDIO)
    assert entries(area) == before


@rows("room", [0, 1])
def test_session_that_cannot_be_stored_leaves_nothing_open(room: int) -> None:
    area = Spy()
    area.fault = _refuse_after(room)
    with pytest.raises(QuotaExceededError):
        Session(NAME, area=area)
    assert open_states._pages == {}


def test_new_password_in_memory_takes_the_stored_one_away(area: Any) -> None:
    Session(NAME, persist_passwords=True).register_reference(GARDEN, password="old")
    assert again().register_reference(GARDEN, password="new").password == "new"
    assert "old" not in json.dumps(entries(area))


def _refuse_after(room: int) -> "Callable[[int, tuple[str, ...]], None]":
    written: list[str] = []

    def refuse(number: int, call: "tuple[str, ...]") -> None:
        if call[0] == "set":
            if len(written) >= room:
                raise QuotaExceededError("no room", key=call[1])
            written.append(call[1])

    return refuse


def test_effect_that_writes_to_a_session_depends_on_nothing_it_wrote() -> None:
    session, source, runs = Session(), Signal(0), []

    def write() -> None:
        runs.append(source.get())
        session.register_reference(GARDEN, password="secret")
        session.get_reference(GARDEN)
        session.set_active(GARDEN)
        session.remove_reference(GARDEN)

    effect(write)
    session.register_reference(GARDEN, view="map")
    session.set_active(GARDEN)
    session.register_reference(STUDIO, password="other")
    assert runs == [0]
