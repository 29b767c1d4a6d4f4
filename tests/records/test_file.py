"""What is particular to records in files: names, ends, links, leftovers, and file systems that fold case."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from anchor_session import RecordCorruptError, SessionIdError, StorageError, StoreClosedError
from anchor_session.records import FileStore
from anchor_session.records.stores.atomic_files import ABANDONED
from tests.records.places import FilePlace
from tests.support import rows


@pytest.fixture
def place(tmp_path: Path) -> FilePlace:
    return FilePlace(tmp_path / "some" / "records")


def names(place: FilePlace) -> "list[str]":
    return sorted(path.name for path in place.directory.iterdir())


def test_record_is_one_file_named_after_its_id(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {"n": 1})
        await store.save("b.c", {"n": 2}, ttl=10)

    asyncio.run(check())
    assert names(place) == ["a.json", "b.c.json"]


def test_file_says_when_its_record_ends(place: FilePlace) -> None:
    asyncio.run(place.open().save("a", {"n": 1}, ttl=10))
    found = json.loads((place.directory / "a.json").read_text())
    assert found == {"id": "a", "expires_at": place.now() + 10, "data": {"n": 1}}


def test_directory_is_made_at_the_first_save(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        assert await store.load("a") is None
        await store.delete("a")
        assert await store.list() == []
        assert not place.directory.exists()
        await store.save("a", {})
        assert place.directory.exists()

    asyncio.run(check())


def test_files_are_their_owners_alone(place: FilePlace) -> None:
    asyncio.run(place.open().save("a", {}))
    assert (place.directory / "a.json").stat().st_mode & 0o777 == 0o600
    assert place.directory.stat().st_mode & 0o777 == 0o700


def test_change_of_the_working_directory_moves_no_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = FileStore("records")
    monkeypatch.chdir("/")
    asyncio.run(store.save("a", {}))
    assert (tmp_path / "records" / "a.json").exists()


@rows("interval", [0, -1])
def test_cleanup_interval_has_to_be_above_zero(tmp_path: Path, interval: float) -> None:
    with pytest.raises(ValueError, match="cleanup_interval is seconds above zero"):
        FileStore(tmp_path, cleanup_interval=interval)


@rows(
    "text",
    [
        '{\n  "id": "a",\n  "expires_at": null,\n  "data": {\n    "n": 1\n  }\n}\n',
        '{"data":{"n":1},"expires_at":null,"id":"a"}',
        '{"expires_at": 9e15, "id": "a", "data": {"n": 1}}',
        " " * 1000 + '{"id":"a","expires_at":1800000000,"data":{"n":1}}',
    ],
)
def test_file_that_a_tool_wrote_anew_is_read(place: FilePlace, text: str) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        await place.spoil("a", text)
        assert await store.load("a") == {"n": 1}
        assert await store.list() == ["a"]

    asyncio.run(check())


@rows(
    "text",
    [
        '{"n":1}',
        '{"id":"a","expires_at":null}',
        '{"id":"a","expires_at":null,"data":{"n":1}',
        '{"id":"a","expires_at":null,"data":}',
        '{"id":"a","expires_at":null,"data":[1]}',
        '{"id":"a","expires_at":"never","data":{}}',
        '{"id":"a","expires_at":true,"data":{}}',
        '{"id":1,"expires_at":null,"data":{}}',
        '{"id":"a","expires_at":null,"data":{},"more":1}',
        '{"id":"a","expires_at":null,"data":{"n":1}}}',
        '{"id":"a","expires_at":null,"data":{"n":1}}{}',
        '{"id":"a","expires_at":null,"data":' + '{"":' * 300 + "1" + "}" * 301,
    ],
)
def test_file_that_is_no_record_raises_with_its_path(place: FilePlace, text: str) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        await place.spoil("a", text)
        with pytest.raises(RecordCorruptError) as caught:
            await store.load("a")
        assert caught.value.key == str(place.directory / "a.json")
        assert caught.value.key in str(caught.value)
        assert await store.list() == ["a"]

    asyncio.run(check())
    assert (place.directory / "a.json").read_text() == text


def test_bytes_that_are_no_text_raise(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        (place.directory / "a.json").write_bytes(
            b'{"id":"a","expires_at":null,"data":{"t":"\xff"}}'
        )
        with pytest.raises(RecordCorruptError, match="utf-8"):
            await store.load("a")
        assert await store.list() == ["a"]

    asyncio.run(check())


def test_unreadable_file_whose_time_is_over_is_absent(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {}, ttl=10)
        await place.spoil("a", f'{{"id":"a","expires_at":{place.now() + 10},"data":{{"n":')
        with pytest.raises(RecordCorruptError):
            await store.load("a")
        await place.pass_time(11)
        assert await store.load("a") is None
        assert await store.list() == []

    asyncio.run(check())


@pytest.mark.both
def test_other_files_are_neither_listed_nor_touched(place: FilePlace) -> None:
    others = [
        ".hidden.json",
        "with space.json",
        "README",
        "a.json.bak",
        "-x.json",
        "nul.json",
        ".json",
    ]

    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        for name in others:
            (place.directory / name).write_text("mine")
        await place.pass_time(10 * ABANDONED)
        await store.save("b", {})
        assert await store.list() == ["a", "b"]

    asyncio.run(check())
    assert [(place.directory / name).read_text() for name in others] == ["mine"] * len(others)


# -- what is no file ------------------------------------------------------------------------------


def test_link_is_not_followed(place: FilePlace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"id":"a","expires_at":1,"data":{"secret":1}}')

    async def check() -> None:
        store = place.open()
        await store.save("b", {})
        (place.directory / "a.json").symlink_to(secret)
        with pytest.raises(RecordCorruptError):
            await store.load("a")
        assert await store.list() == ["a", "b"]
        await store.save("a", {"n": 1})
        assert await store.load("a") == {"n": 1}
        (place.directory / "c.json").symlink_to(secret)
        await store.delete("c")
        assert await store.list() == ["a", "b"]

    asyncio.run(check())
    assert '"secret":1' in secret.read_text()


def test_directory_may_be_reached_by_a_link(place: FilePlace, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    place.directory = tmp_path / "link"
    place.directory.symlink_to(real)

    async def check() -> None:
        store = place.open()
        await store.save("a", {"n": 1})
        assert await store.load("a") == {"n": 1}

    asyncio.run(check())
    assert (real / "a.json").exists()


@pytest.mark.both
def test_directory_in_the_place_of_a_record_raises(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("b", {})
        (place.directory / "a.json").mkdir()
        with pytest.raises(RecordCorruptError):
            await store.load("a")
        with pytest.raises(StorageError, match=r"cannot write the record .*a\.json") as caught:
            await store.save("a", {})
        assert caught.value.key == str(place.directory / "a.json")
        with pytest.raises(StorageError, match=r"cannot remove the record .*a\.json"):
            await store.delete("a")
        assert await store.list() == ["a", "b"]

    asyncio.run(check())
    assert names(place) == ["a.json", "b.json"]


def test_file_in_the_place_of_the_directory_raises(place: FilePlace) -> None:
    place.directory.parent.mkdir()
    place.directory.write_text("mine")

    async def check() -> None:
        store = place.open()
        for call in (store.load("a"), store.save("a", {}), store.delete("a"), store.list()):
            with pytest.raises(StorageError, match="cannot"):
                await call

    asyncio.run(check())
    assert place.directory.read_text() == "mine"


# -- leftovers and ends ---------------------------------------------------------------------------


def leftover(place: FilePlace, age: float) -> Path:
    path = place.directory / ".anchor-0123456789abcdef.tmp"
    path.write_text('{"id":"a",')
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_temporary_file_is_never_listed(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        leftover(place, 0)
        assert await store.list() == ["a"]

    asyncio.run(check())


@pytest.mark.both
def test_temporary_file_of_a_killed_process_is_removed(place: FilePlace) -> None:
    place.directory.mkdir(parents=True)
    path = leftover(place, ABANDONED * 2)
    asyncio.run(place.open().save("a", {}))
    assert not path.exists()


def test_temporary_file_that_may_be_in_use_stays(place: FilePlace) -> None:
    place.directory.mkdir(parents=True)
    path = leftover(place, ABANDONED / 2)
    asyncio.run(place.open().save("a", {}))
    assert path.exists()


def test_expired_file_is_removed_when_it_is_asked_for(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {}, ttl=10)
        await place.pass_time(11)
        assert await store.load("a") is None

    asyncio.run(check())
    assert names(place) == []


def test_saves_sweep_once_an_interval(place: FilePlace) -> None:
    async def check() -> None:
        store = FileStore(place.directory, cleanup_interval=20, clock=place.now)
        await store.save("kept", {})
        for n in range(10):
            await store.save(f"r{n}", {}, ttl=5)
        await place.pass_time(19)
        await store.save("kept", {})
        assert len(names(place)) == 11
        await place.pass_time(1)
        await store.save("kept", {})
        assert names(place) == ["kept.json"]

    asyncio.run(check())


def test_one_save_looks_through_some_files_only(place: FilePlace) -> None:
    async def check() -> None:
        store = FileStore(place.directory, cleanup_interval=20, clock=place.now)
        for n in range(250):
            await store.save(f"r{n}", {}, ttl=5)
        await place.pass_time(30)
        left = []
        for _ in range(3):
            await store.save("kept", {})
            left.append(len(names(place)))
        assert left[0] in (151, 152)  # the record just saved may be among those looked at
        assert left[2] == 1

    asyncio.run(check())


# -- file systems that fold case ------------------------------------------------------------------


class Folding(FileStore):
    """A store on a file system that takes names that differ in case for one."""

    def _path(self, id: str) -> Path:
        return super()._path(id.lower())

    async def save_first(self) -> None:
        await self.save("first", {})
        self._folds = True


def test_record_is_not_taken_for_one_of_another_case(place: FilePlace) -> None:
    async def check() -> None:
        store = Folding(place.directory, clock=place.now)
        await store.save_first()
        await store.save("ab", {"n": 1})
        assert await store.load("AB") is None
        with pytest.raises(SessionIdError, match="'AB' differs in case alone from 'ab'"):
            await store.save("AB", {"n": 2})
        await store.delete("AB")
        assert await store.load("ab") == {"n": 1}

    asyncio.run(check())


def test_id_of_another_case_is_free_once_the_record_is_over(place: FilePlace) -> None:
    async def check() -> None:
        store = Folding(place.directory, clock=place.now)
        await store.save_first()
        await store.save("ab", {"n": 1}, ttl=10)
        await place.pass_time(11)
        await store.save("AB", {"n": 2})
        assert await store.load("AB") == {"n": 2}
        assert await store.load("ab") is None

    asyncio.run(check())


@pytest.mark.both
def test_ids_of_two_cases_are_two_records_elsewhere(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("ab", {"n": 1})
        await store.save("AB", {"n": 2})
        assert [await store.load(id) for id in ("ab", "AB")] == [{"n": 1}, {"n": 2}]

    asyncio.run(check())


def test_copy_of_a_file_is_a_record_of_its_own(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("ab", {"n": 1})
        text = (place.directory / "ab.json").read_text()
        (place.directory / "cd.json").write_text(text)
        (place.directory / "AB.json").write_text(text)
        assert [await store.load(id) for id in ("cd", "AB")] == [{"n": 1}, {"n": 1}]

    asyncio.run(check())


def test_store_that_is_closed_writes_nothing(place: FilePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.close()
        with pytest.raises(StoreClosedError, match="this FileStore is closed; open a new one"):
            await store.save("a", {})

    asyncio.run(check())
    assert not place.directory.exists()
