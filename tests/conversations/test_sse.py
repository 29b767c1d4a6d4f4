"""Server-sent events out of bytes that are cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import ProviderError
from anchor_session.conversations.openai import sse
from anchor_session.conversations.openai.sse import EventReader
from tests.support import rows


def read(*parts: bytes) -> "list[str]":
    reader = EventReader()
    events = [event for part in parts for event in reader.feed(part)]
    return events + reader.end()


@rows(
    ("content", "events"),
    [
        ("data: a\n\n", ["a"]),
        ("data:a\n\n", ["a"]),
        ("data:  a\n\n", [" a"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]),
        ("data: a\ndata: b\n\n", ["a\nb"]),
        ("data: a\r\ndata: b\r\n\r\n", ["a\nb"]),
        ("data\n\n", [""]),
        (": keep-alive\n\n: again\n\ndata: a\n\n", ["a"]),
        ("event: message\nid: 5\nretry: 10\ndata: a\n\n", ["a"]),
        ("event: ping\n\n", []),
        ("\n\n\n", []),
        ("data: a", ["a"]),
        ("data: a\n", ["a"]),
        ("data: a\r", ["a"]),
        ("\ufeffdata: a\n\n", ["a"]),
        ('data: {"x": "é😀\u2028\u0085"}\n\n', ['{"x": "é😀\u2028\u0085"}']),
        ("", []),
    ],
)
def test_events_are_read_wherever_the_bytes_are_cut(content: str, events: "list[str]") -> None:
    data = content.encode()
    assert read(data) == events
    assert read(*[data[n : n + 1] for n in range(len(data))]) == events
    for cut in range(len(data)):
        assert read(data[:cut], data[cut:]) == events


LINES = st.lists(
    st.sampled_from(["data: é😀", "data:", ":c", "id: 1", "", "data: x y"]), max_size=12
)


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), data=st.data())
def test_cuts_change_nothing(lines: "list[str]", end: str, data: st.DataObject) -> None:
    content = "".join(f"{line}{end}" for line in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    parts = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    assert read(*parts) == read(content)


def test_event_is_seen_as_soon_as_it_is_complete() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a\n") == []
    assert reader.feed(b"\n") == ["a"]


def test_what_is_no_utf8_becomes_a_replacement() -> None:
    assert read(b"data: a\xffb\n\n") == ["a\ufffdb"]


def test_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST", 100)
    with pytest.raises(ProviderError, match="more than 100"):
        read(b"data: " + b"x" * 200)
    with pytest.raises(ProviderError, match="more than 100"):
        read(*[b"data: xxxxxxxxxxxxxxxx\n"] * 20)
    with pytest.raises(ProviderError, match="more than 100"):
        read(*[b"data:\n"] * 200)


def test_pieces_of_a_line_are_joined_once() -> None:
    reader = EventReader()
    reader.feed(b"data: ")
    for _ in range(100):
        reader.feed(b"x")
    assert len(reader._rest) == 101
    assert reader.feed(b"\n\n") == ["x" * 100]
    assert len(reader._rest) == 1
