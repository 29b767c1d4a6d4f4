"""What takes the room of an area, and what a full one is called: states by their names."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    QuotaExceededError,
    persistent,
    session,
    session_save,
    shared,
    usage,
)
from anchor_session.host.area import Area
from anchor_session.keys import state_at
from anchor_session.page.names import key as key_of
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import Browser, MemoryArea, Tab, use_host
from tests.support import LAYOUTS, entries, rows

pytestmark = pytest.mark.both

KINDS: "dict[str, tuple[Any, str]]" = {
    "session": (session, "session"),
    "persistent": (persistent, "local"),
    "shared": (shared, "local"),
}
NAMES = ["cart", "cart@2", "@team/cart", "@team/cart@2", "a:b", "späti@v 1", "a://b"]


def units(area: Any, prefix: str) -> int:
    found = {key: text for key, text in entries(area).items() if key.startswith(prefix)}
    return sum(len(key) + len(text) for key, text in found.items())


@rows(("kind", "area"), {kind: (kind, area) for kind, (_, area) in KINDS.items()})
def test_states_have_the_names_they_are_opened_by(kind: str, area: str) -> None:
    tab = Browser().open()
    with use_host(tab):
        for number, name in enumerate(NAMES):
            KINDS[kind][0](name, {"t": "x" * 500 * (number + 1)}, layout="document")
        leave_all()
        found = usage(area).states
    assert [(name, each) for name, each, _ in found] == [(name, kind) for name in NAMES[::-1]]


@rows("name", ["cart@1.0.0", "@team/cart@1.0.0"])
def test_default_version_is_left_out(name: str) -> None:
    session(name, {"n": 1})
    assert [each[:2] for each in usage().states] == [(name.removesuffix("@1.0.0"), "session")]


@rows(
    ("kind", "layout"),
    {f"{kind} {layout}": (kind, layout) for kind in KINDS for layout in LAYOUTS},
)
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
def test_all_that_belongs_to_a_state_is_its_size(
    early_journals: None, kind: str, layout: str
) -> None:
    opener, area = KINDS[kind]
    tab = Browser().open()
    raw = tab.area(area)
    with use_host(tab):
        other = opener("e2", {"n": 1})
        state = opener("e", {"n": 1, "gone": 1}, layout=layout)
        state.text = "x" * 100
        state.n = 2
        del state.gone
        own, prefix = "", ""
        for key in entries(raw):
            found = state_at(key)
            if found is not None and found[1] == "e":
                own = found[0]
                prefix = own[: -len("e@1.0.0")]
        raw.setItem(f"{own}#rejected.1", "{" + "x" * 1000)
        sizes = {name: size for name, each, size in usage(area).states if each == kind}
        assert sizes == {"e": units(raw, own), "e2": units(raw, f"{prefix}e2@")}
        assert usage(area).states[0][0] == "e"
        other.n = 2


def test_states_that_are_not_open_are_found(area: Any) -> None:
    session("a", {"t": "x" * 10})
    session("b@2", {"t": "x" * 20})
    leave_all()
    assert usage(area).states == [("b@2", "session", 48), ("a", "session", 42)]


@rows(
    "key",
    [
        "anchor-tab",
        "anchor-browser:1",
        "anchor-scope:1://s",
        "anchor-session://",
        "anchor-session://a",
        "anchor-session://@2",
        "anchor-session://a@",
        "anchor-session://a@1@2",
        "anchor-session://a@1:2",
        "anchor-session:1://a@1",
        "anchor-shared:x://a@1",
        "xanchor-session://a@1",
        "theirs",
        "theirs#journal.1",
        "",
    ],
)
def test_other_keys_are_no_states(area: Any, key: str) -> None:
    area.setItem(key, "x")
    assert usage(area).states == []


def test_key_and_name_are_each_others_inverse() -> None:
    for prefix, kind in (
        ("anchor-session", "session"),
        ("anchor-persistent", "persistent"),
        ("anchor-shared:7", "shared"),
    ):
        for name in ("cart", "@team/cart", "a:b", "a://b"):
            for version, shown in (("1.0.0", name), ("2", f"{name}@2"), ("v/1", f"{name}@v/1")):
                key = key_of(prefix, name, version)
                for beside in ("", "#deleted", "#journal.1", "#rejected.2", "#edit.x\n#"):
                    assert state_at(key + beside) == (key, shown, kind)


def test_open_state_under_a_key_of_its_own_is_listed(area: Any) -> None:
    state: Any = State(lambda: {"n": 1}, persistence=Persistence("app/user"))
    area.setItem("app/user#rejected", "{")
    area.setItem("app/user2", "{")
    session("s", {"n": 1})
    assert usage(area).states == [
        ("app/user", "state", 8 + 7 + 17 + 1),
        ("s", "session", 31),
    ]
    assert state.get() == {"n": 1}


def test_area_that_lists_no_keys_has_no_states() -> None:
    class Blind:
        def __init__(self) -> None:
            area = MemoryArea()
            self.getItem, self.setItem, self.removeItem = (
                area.getItem,
                area.setItem,
                area.removeItem,
            )

    area = Blind()
    session("s", {"n": 1}, area=area)
    assert (usage(area).used, usage(area).states) == (None, [])


# -- the message of a full area --------------------------------------------------------------


def error_of(statement: "Callable[[], object]") -> QuotaExceededError:
    with pytest.raises(QuotaExceededError) as caught:
        statement()
    return caught.value


def kept_full(tab: Tab, kind: str, layout: str) -> Any:
    """A state, and beside it a larger one of that kind that fills the area."""
    opener, area = KINDS[kind]
    opener("photos@2", {"t": "x" * 3000}, layout=layout).n = 1
    state = opener("album", {"n": 1}, layout=layout)
    raw: Any = tab.area(area)
    raw.quota = sum(len(key) + len(text) for key, text in entries(raw).items())
    return state


@rows(
    ("kind", "layout"),
    {f"{kind} {layout}": (kind, layout) for kind in KINDS for layout in LAYOUTS},
)
def test_message_names_the_states_and_what_to_do(
    early_journals: None, kind: str, layout: str
) -> None:
    tab = Browser().open()
    area = KINDS[kind][1]
    with use_host(tab):
        state = kept_full(tab, kind, layout)
        error = error_of(lambda: state.update(t="x" * 500))
        (size,) = [each[2] for each in usage(area).states if each[0] == "photos@2"]
    quota = tab.area(area).quota
    call = 'usage("local")' if area == "local" else "usage()"
    message = str(error)
    assert message.startswith(f"no room for the state `album` ({kind}): it needs ")
    assert f" UTF-16 units more, and {quota} of {quota} are taken" in message
    assert f"most of them by the state `photos@2` ({kind}, {size})" in message
    assert f"`{call}`" in message
    assert "#" not in message
    found = state_at(error.key)
    assert found is not None
    assert found == (error.key, "album", kind)


@rows("kind", ["session", "persistent", "shared"])
def test_room_is_made_by_what_the_message_says(kind: str) -> None:
    opener, area = KINDS[kind]
    tab = Browser().open()
    with use_host(tab):
        state = kept_full(tab, kind, "auto")
        error_of(lambda: state.update(t="x" * 500))
        ((largest, _, _), *_) = usage(area).states
        opener(largest).clear()
        state.t = "x" * 500
    tab.kill()
    with use_host(tab.reload()):
        assert dict(opener("album")) == {"n": 1, "t": "x" * 500}


def test_units_that_are_lacking_are_exact() -> None:
    area = MemoryArea()
    state = session("s", {"t": "x" * 10}, area=area)
    area.quota = usage(area).used
    assert "needs 7 UTF-16 units more" in str(error_of(lambda: state.update(t="x" * 17)))


def test_state_that_fills_the_area_itself_is_told_so() -> None:
    area = MemoryArea(quota=1000)
    state = session("s", {"t": "x" * 500}, area=area)
    assert "most of them by itself (532)" in str(error_of(lambda: state.update(t="x" * 2000)))


@rows(
    ("key", "message"),
    {
        "theirs": ("theirs", "most of them by `theirs` (1006)"),
        "scope": ("anchor-scope:1://x", "most of them by `anchor-scope:1://x` (1018)"),
    },
)
def test_key_that_is_no_state_is_named_as_it_is(key: str, message: str) -> None:
    area = MemoryArea()
    area.setItem(key, "x" * 1000)
    area.quota = 1050
    error = error_of(lambda: session("s", {"t": "x" * 50}, area=area))
    assert message in str(error)


def test_quota_that_would_have_had_room_is_not_named() -> None:
    class Small:
        """An area that does not say how much it takes."""

        def __init__(self) -> None:
            self._kept = MemoryArea(quota=100)
            self.getItem, self.removeItem = self._kept.getItem, self._kept.removeItem
            self.setItem, self.key = self._kept.setItem, self._kept.key

        @property
        def length(self) -> int:
            return self._kept.length

    error = error_of(lambda: session("s", {"t": "x" * 100}, area=Small()))
    assert "and 0 are taken; remove" in str(error)


def test_value_of_the_session_scope_is_named_by_its_key() -> None:
    tab = Browser().open()
    with use_host(tab):
        session_save("k", 1)
        tab.area("local").quota = 100
        assert "no room for `anchor-scope:" in str(error_of(lambda: session_save("k", "x" * 1000)))


def test_key_of_the_error_is_the_state_s() -> None:
    area = Area(MemoryArea(quota=0))
    for beside in ("", "#deleted", "#journal.1", "#edit.1"):
        error = error_of(lambda: area.set(f"anchor-session://s@2{beside}", "x"))  # noqa: B023
        assert error.key == "anchor-session://s@2"
