"""Where a journal ends: at an entry that cannot be used, and before it outgrows its document."""

from typing import Any

import pytest

from anchor_session import SessionStorage, StorageWarning, session, snapshot
from anchor_session.page.record import layout
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.support import (
    JOURNAL,
    KEY,
    REJECTED,
    document_name,
    journal_at,
    read,
    revived,
    stored,
    text_at,
)

DOCUMENT = '{"n":1,"l":[1]}'


@pytest.mark.parametrize("text", ["nope", "7", '[["set",["l",5],0]]'])
def test_entry_behind_one_that_cannot_be_used_is_kept_aside_with_it(text: str) -> None:
    area = MemoryArea()
    area.setItem(KEY, DOCUMENT)
    area.setItem(f"{JOURNAL}.1", f'["{document_name(DOCUMENT)}",["set",["n"],2]]')
    area.setItem(f"{JOURNAL}.2", text)
    area.setItem(f"{JOURNAL}.3", '[["set",["n"],3]]')
    with pytest.warns(StorageWarning, match="moved"):
        state = session("s", area=area, layout="journal")
    assert snapshot(state) == {"n": 2, "l": [1]}
    assert text_at(area, REJECTED) == f'[{text},[["set",["n"],3]]]'


def test_entries_of_another_frame_use_up_the_room_of_a_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "JOURNAL_ABOVE", 400)
    page = tabs(1)[0]
    frame = page.frame()
    states: list[Any] = []
    for host in (page, frame):
        with use_host(host):
            states.append(session("s", {"n": 0}, layout="journal"))
    longest = 0
    for number in range(100):
        with use_host((page, frame)[number % 2]):
            states[number % 2].n = number
        for host in (page, frame):
            with use_host(host):
                host.deliver()
        texts = journal_at(page.area("session"))
        longest = max(longest, sum(map(len, texts)))
    assert states[0] == states[1] == {"n": 99}
    assert 200 < longest <= 400


def test_journal_that_somebody_else_has_begun_is_folded_by_a_map_that_keeps_none() -> None:
    area = MemoryArea()
    storage = SessionStorage("s", adapter=area)
    for number in range(3):
        area.setItem(f"{JOURNAL}.1", f'["{document_name(text_at(area))}",["set",["n"],{number}]]')
        storage.set("m", number)
        assert read(text_at(area)) == {"n": number, "m": number}
        assert journal_at(area) == []


def test_defaults_deleted_in_two_frames_that_have_not_heard_of_each_other_stay_deleted() -> None:
    page = tabs(1)[0]
    frame = page.frame()
    init = {"a": 1, "b": 2, "c": 3}
    states: list[Any] = []
    for host in (page, frame):
        with use_host(host):
            states.append(session("s", init, layout="journal"))
    for host, state, name in zip((page, frame), states, "ab", strict=True):
        with use_host(host):
            del state[name]
    area = page.area("session")
    assert stored(area) == states[1] == {"c": 3}
    with use_host(tabs(1)[0]):
        assert snapshot(session("s", init, area=revived(area))) == {"c": 3}
