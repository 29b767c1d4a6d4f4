"""Records of older versions become records of this one, or stay as they are."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    MigrationError,
    QuotaExceededError,
    SessionStorage,
    StorageWarning,
    leave,
    persistent,
    restored,
    session,
    shared,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import Browser, MemoryArea, use_host
from tests.support import LAYOUTS, Killed, Spy, entries, rows, table

pytestmark = pytest.mark.both

OLD = "anchor-session://s@1"
NEW = "anchor-session://s@2"


def rename(old: dict[str, Any]) -> dict[str, Any]:
    return {"count": old["n"]}


def test_record_of_the_previous_version_is_migrated(area: Any) -> None:
    area.setItem(OLD, '{"n":5}')
    state = session("s@2:1", {"count": 0, "new": True}, migrate=rename, area=area)
    assert snapshot(state) == {"count": 5, "new": True}
    assert (restored(state).outcome, restored(state).version) == ("migrated", "1")
    assert entries(area) == {NEW: '{"count":5,"new":true}'}


def test_without_an_old_record_nothing_is_migrated(area: Any) -> None:
    state = session("s@2:1", {"count": 0}, migrate=rename, area=area)
    assert (snapshot(state), restored(state).outcome) == ({"count": 0}, "new")


def test_record_of_this_version_counts_and_the_old_one_goes(area: Any) -> None:
    area.setItem(OLD, '{"n":5}')
    area.setItem(NEW, '{"count":7}')
    state = session("s@2:1", {"count": 0}, migrate=rename, area=area)
    assert (snapshot(state), restored(state).outcome) == ({"count": 7}, "restored")
    assert entries(area) == {NEW: '{"count":7}'}


def test_deleted_names_move_along(area: Any) -> None:
    state = session("s@1", {"n": 1, "extra": 1})
    del state.extra
    leave(state)
    state = session("s@2:1", {"count": 0, "extra": 1}, migrate=rename)
    assert snapshot(state) == {"count": 1}
    leave(state)
    assert snapshot(session("s@2:1", {"count": 0, "extra": 1}, migrate=rename)) == {"count": 1}


CHAIN: dict[str, Any] = {
    "1": lambda old: {**old, "one": True},
    "2": lambda old: {**old, "two": True},
    "3": lambda old: {**old, "three": True},
}


@rows(
    ("stored", "steps"),
    [("1", {"one", "two", "three"}), ("2", {"two", "three"}), ("3", {"three"})],
)
def test_chain_runs_every_step_after_the_stored_version(
    area: Any, stored: str, steps: set[str]
) -> None:
    area.setItem(f"anchor-session://s@{stored}", '{"n":1}')
    state = session("s@4", {}, migrate=CHAIN)
    assert set(state) == {"n"} | steps
    assert list(entries(area)) == ["anchor-session://s@4"]


def test_chain_starts_from_the_newest_record(area: Any) -> None:
    area.setItem(OLD, '{"n":1}')
    area.setItem("anchor-session://s@3", '{"n":3}')
    assert snapshot(session("s@4", {}, migrate=CHAIN)) == {"n": 3, "three": True}


def test_record_of_a_newer_version_is_left_alone(area: Any) -> None:
    area.setItem("anchor-session://s@9", '{"n":9}')
    area.setItem(OLD, '{"n":5}')
    session("s@2:1", {}, migrate=rename).more = 1
    assert entries(area)["anchor-session://s@9"] == '{"n":9}'


def fail(old: dict[str, Any]) -> dict[str, Any]:
    old.clear()
    raise KeyError("n")


@rows(
    "migrate",
    [fail, lambda old: [1], lambda old: None, lambda old: {"f": print}, lambda old: {1: 2}],
)
def test_migration_that_fails_destroys_nothing(area: Any, migrate: Any) -> None:
    area.setItem(OLD, '{"n":5}')
    before = entries(area)
    with pytest.raises(MigrationError, match=OLD) as caught:
        session("s@2:1", {"count": 0}, migrate=migrate)
    assert caught.value.version == "1"
    assert entries(area) == before
    assert snapshot(session("s@2:1", {"count": 0}, migrate=rename)) == {"count": 5}


def test_failing_step_of_a_chain_is_named(area: Any) -> None:
    area.setItem(OLD, '{"n":5}')
    with pytest.raises(MigrationError) as caught:
        session("s@4", {}, migrate={**CHAIN, "2": fail})
    assert caught.value.version == "2"


@rows("text", ["nope", "[1]", "NaN"])
def test_old_record_that_cannot_be_read_is_moved_aside(area: Any, text: str) -> None:
    area.setItem(OLD, text)
    with pytest.warns(StorageWarning, match=f"{OLD}#rejected"):
        state = session("s@2:1", {"count": 0}, migrate=rename)
    assert snapshot(state) == {"count": 0}
    assert entries(area) == {NEW: '{"count":0}', f"{OLD}#rejected": text}


def test_record_before_one_that_cannot_be_read_is_migrated(area: Any) -> None:
    area.setItem(OLD, '{"n":1}')
    area.setItem("anchor-session://s@2", "{broken")
    with pytest.warns(StorageWarning):
        state = session("s@4", {}, migrate=CHAIN)
    assert snapshot(state) == {"n": 1, "one": True, "two": True, "three": True}
    assert entries(area)["anchor-session://s@2#rejected"] == "{broken"


def test_old_record_that_cannot_be_read_stays_where_there_is_no_room_to_move_it() -> None:
    area = MemoryArea(quota=60)
    area.setItem(OLD, "{broken")
    with pytest.warns(StorageWarning, match="stays"):
        state = session("s@2:1", {"c": 0}, area=area, migrate=rename)
    assert snapshot(state) == {"c": 0}
    assert entries(area) == {OLD: "{broken", NEW: '{"c":0}'}


def test_old_record_stays_where_the_new_one_has_no_room() -> None:
    area = MemoryArea(quota=60)
    area.setItem(OLD, '{"n":5}')
    for _ in range(2):
        with pytest.warns(StorageWarning, match="the state `s@2`"):
            state = session("s@2:1", {"count": 0, "long": "x" * 50}, area=area, migrate=rename)
        assert isinstance(restored(state).error, QuotaExceededError)
        assert snapshot(state) == {"count": 5, "long": "x" * 50}
        assert entries(area) == {OLD: '{"n":5}'}
        leave(state)


@rows(
    ("name", "migrate"),
    [
        ("s@2", rename),  # from which version?
        ("s@2", {"2": rename}),
        ("s@2", {1: rename}),
        ("s@2", {"1": "rename"}),
        ("s@2:1", "rename"),
    ],
)
def test_migrate_that_makes_no_sense_is_refused(name: str, migrate: Any) -> None:
    with pytest.raises(ValueError, match="migrate"):
        session(name, {}, migrate=migrate)


@rows("moment", ["fault", "fault_after"])
def test_migration_killed_at_any_call_is_finished_by_the_next_opening(moment: str) -> None:
    kills = 0
    with table() as row:
        for number in range(100):
            with row(f"killed at call {number}"):
                area = Spy()
                area.area.setItem(OLD, '{"n":5}')
                area.area.setItem(f"{OLD}#deleted", '["extra"]')

                def kill(call: int, _: tuple[str, ...], number: int = number) -> None:
                    if call == number:
                        raise Killed

                setattr(area, moment, kill)
                init = {"count": 0, "extra": 1}
                try:
                    session("s@2:1", init, area=area, migrate=rename)
                except Killed:
                    kills += 1
                else:
                    break
                found = entries(area)
                assert found.get(OLD) == '{"n":5}' or found.get(NEW) == '{"count":5}'
                leave_all()
                area.heal()
                state = session("s@2:1", init, area=area, migrate=rename)
                assert snapshot(state) == {"count": 5}
                assert entries(area) == {NEW: '{"count":5}', f"{NEW}#deleted": '["extra"]'}
                leave_all()
    assert kills >= 6


# -- records of versions that nobody has named -----------------------------------------------------

KINDS: "dict[str, tuple[Any, str, str]]" = {
    "session": (session, "session", "anchor-session"),
    "persistent": (persistent, "local", "anchor-persistent"),
    "shared": (shared, "local", "anchor-shared:1"),
}


def stray_warnings(open_it: "Callable[[], object]") -> "list[str]":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        open_it()
    assert {each.category for each in caught} <= {StorageWarning}
    return [str(each.message) for each in caught]


@rows(
    ("kind", "layout", "name"),
    {
        f"{kind} {layout} {name}": (kind, layout, name)
        for kind in KINDS
        for layout in LAYOUTS
        for name in ("w", "@team/cart")
    },
)
def test_records_of_other_versions_are_named(
    early_journals: None, kind: str, layout: str, name: str
) -> None:
    opener, area, prefix = KINDS[kind]
    tab = Browser().open()
    with use_host(tab):
        for version in ("2", "2.5"):
            state = opener(f"{name}@{version}", {}, layout=layout)
            state.n = 1
            del state.n
            state.n = 5
        leave_all()
        (told,) = stray_warnings(
            lambda: opener(f"{name}@3:1", {"n": 0}, layout=layout, migrate=rename)
        )
        assert f"the state `{name}@3` ({kind})" in told
        assert f"`{prefix}://{name}@2`, `{prefix}://{name}@2.5`:" in told
        assert "#" not in told
        leave_all()
        # Nothing was stored by that: who names the version now finds its data, who does not is told again.
        assert len(stray_warnings(lambda: opener(f"{name}@3:1", {"n": 0}, migrate=rename))) == 1
        opener(f"{name}@3:1", {"n": 0}, migrate=rename).n = 1
        leave_all()
        assert stray_warnings(lambda: opener(f"{name}@3:1", {"n": 0}, migrate=rename)) == []
        assert f"{prefix}://{name}@2" in {key.partition("#")[0] for key in entries(tab.area(area))}


@rows("kind", [*KINDS])
def test_version_that_the_warning_has_named_is_migrated_then(kind: str) -> None:
    opener, _, _ = KINDS[kind]
    opener("w@2", {"n": 7})
    leave_all()
    with pytest.warns(StorageWarning, match="nothing is stored"):
        opener("w@3:1", {"n": 0}, migrate=dict)
    leave_all()
    state = opener("w@3:2", {"n": 0}, migrate=dict)
    assert dict(state) == {"n": 7}


OPENINGS: "dict[str, Callable[[], object]]" = {
    "previous": lambda: session("w@3:1", {"n": 0}),
    "migrate": lambda: session("w@3:1", {"n": 0}, migrate=rename),
    "steps": lambda: session("w@3", {"n": 0}, migrate={"0": rename, "1": rename}),
    "default version": lambda: session("w", {"n": 0}, migrate={"1": rename}),
    "nothing stored by init": lambda: session("w@3:1"),
    "storage": lambda: SessionStorage("w", {"n": 0}, "3", "1"),
    "storage class": lambda: session("w@3:1", storage_class=Own),
}


class Own(SessionStorage):
    @classmethod
    def key_for(cls, name: str, version: str = "1.0.0") -> str:
        return f"own {name}@{version}"


@rows("open_it", OPENINGS)
def test_every_way_to_name_older_versions_is_told_of_others(
    area: Any, open_it: "Callable[[], object]"
) -> None:
    prefix = "own " if open_it is OPENINGS["storage class"] else "anchor-session://"
    area.setItem(f"{prefix}w@2", '{"n":1}')
    (told,) = stray_warnings(open_it)
    assert f"`{prefix}w@2`" in told
    assert area.getItem(f"{prefix}w@2") == '{"n":1}'


@rows("beside", ["journal.1", "edit.1", "base.1"])
def test_record_that_has_no_document_is_named(area: Any, beside: str) -> None:
    area.setItem(f"anchor-session://w@2#{beside}", "{}")
    (told,) = stray_warnings(lambda: session("w@3:1", {"n": 0}))
    assert "`anchor-session://w@2`:" in told


@rows(
    "stored",
    {
        "nothing": {},
        "this version": {"w@2": "{}", "w@3": '{"n":1}'},
        "this version, refused": {"w@2": "{}", "w@3": "{"},
        "this version, emptied": {"w@2": "{}", "w@3#deleted": '["n"]'},
        "a named version": {"w@2": "{}", "w@1": '{"n":1}'},
        "a named version that cannot be read": {"w@2": "{}", "w@1": "{"},
        "what lies beside a record": {
            "w@2#deleted": '["n"]',
            "w@2#rejected": "{",
            "w@2#rejected.1": "{",
            "w@2#journal": "x",
        },
        "other names": {"w2@1": "{}", "ww@2": "{}", "@w/w@2": "{}", "w": "{}", "w/x@2": "{}"},
        "no versions": {"w@": "{}", "w@2@3": "{}", "w@2:1": "{}"},
    },
)
def test_what_is_no_other_version_of_a_new_state_is_not_told(
    area: Any, stored: "dict[str, str]"
) -> None:
    init = {"count": 0, "n": 0}
    openings: list[Callable[[], object]] = [
        lambda: session("w@3:1", init, migrate=rename),
        lambda: session("w@3:1", init),
        lambda: SessionStorage("w", init, "3", "1"),
    ]
    for open_it in openings:
        area.clear()
        area.setItem("anchor-persistent://w@2", "{}")
        for key, text in stored.items():
            area.setItem(f"anchor-session://{key}", text)
        told = stray_warnings(open_it)
        leave_all()
        assert [each for each in told if "starts as new" in each] == []


def test_without_older_versions_nobody_looks_for_others(area: Any) -> None:
    area.setItem("anchor-session://w@2", "{}")
    assert stray_warnings(lambda: session("w@3", {"n": 0})) == []


def test_area_that_lists_no_keys_says_nothing_of_other_versions() -> None:
    class Blind:
        def __init__(self) -> None:
            kept = MemoryArea()
            self.getItem, self.setItem = kept.getItem, kept.setItem
            self.removeItem = kept.removeItem

    area = Blind()
    area.setItem("anchor-session://w@2", "{}")
    assert stray_warnings(lambda: session("w@3:1", {"n": 0}, area=area)) == []


def test_key_without_its_version_at_the_end_says_nothing_of_others(area: Any) -> None:
    class Versions(SessionStorage):
        @classmethod
        def key_for(cls, name: str, version: str = "1.0.0") -> str:
            return f"{name}{version}"

    area.setItem("w2", "{}")
    assert stray_warnings(lambda: session("w@3:1", {"n": 0}, storage_class=Versions)) == []
