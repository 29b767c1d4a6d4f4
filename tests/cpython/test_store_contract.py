"""The contract of stores finds what is wrong: stores that are broken in one way each do not pass it."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from anchor_session.testing.store_contract import noted

ROOT = Path(__file__).resolve().parent.parent.parent

BROKEN = """
import asyncio
import json
import re

import pytest

from anchor_session.records import FileStore, MemoryStore
from anchor_session.records.ids import check_id
from anchor_session.testing.store_contract import SharedStoreContract, StoreContract, StorePlace


def contract(store, base=StoreContract):
    class Place(StorePlace):
        def __init__(self, directory):
            super().__init__()
            self.directory = directory

        def open(self):
            return store(self) if base is StoreContract else store(self.directory, clock=self.now)

        async def spoil(self, id, text):
            (self.directory / f"{id}.json").write_text(text)

    class Broken(base):
        @pytest.fixture
        def place(self, tmp_path):
            return Place(tmp_path)

    return Broken


class Memory(MemoryStore):
    def __init__(self, place):
        super().__init__(clock=place.now)


class Sound(Memory):
    pass


class GivesItsOwn(Memory):
    async def load(self, id):
        found = await super().load(id)
        return None if found is None else self.__dict__.setdefault("given", {}).setdefault(id, found)


class TakesAnyId(Memory):
    async def delete(self, id):
        await super().delete(id if re.fullmatch(r"[\\w.-]{1,200}", str(id)) else "x")


class FailsAtAbsent(Memory):
    async def delete(self, id):
        if await self.load(id) is None:
            raise KeyError(id)
        await super().delete(id)


class NeverExpires(Memory):
    async def save(self, id, data, ttl=None):
        await super().save(id, data, None)


class ExpiresAtZero(Memory):
    async def save(self, id, data, ttl=None):
        await super().save(id, data, 1e-9 if ttl == 0 else ttl)


class EndlessBelowZero(Memory):
    async def save(self, id, data, ttl=None):
        await super().save(id, data, None if isinstance(ttl, int) and ttl < 0 else ttl)


class SecondsOfTimedelta(Memory):
    async def save(self, id, data, ttl=None):
        await super().save(id, data, getattr(ttl, "seconds", ttl))


class LivesOnWhenLoaded(Memory):
    async def load(self, id):
        found = await super().load(id)
        if found is not None and self._records[id][1] is not None:
            await self.save(id, found, 10_000)
        return found


class KeepsTheOldEnd(Memory):
    async def save(self, id, data, ttl=None):
        end = self._records.get(id, (None, None))[1]
        await super().save(id, data, ttl)
        self._records[id] = self._records[id][0], end or self._records[id][1]


class ListsTheExpired(Memory):
    async def _ids(self):
        return list(self._records)


class MergesOnSave(Memory):
    async def save(self, id, data, ttl=None):
        old = await self.load(id) if isinstance(data, dict) else None
        await super().save(id, {**(old or {}), **data} if isinstance(data, dict) else data, ttl)


class SavesBeforeItChecks(Memory):
    async def save(self, id, data, ttl=None):
        try:
            await super().save(id, data, ttl)
        except TypeError:
            self._records[check_id(id)] = "{}", None
            raise


class JsonAlone(Memory):
    async def save(self, id, data, ttl=None):
        await super().save(id, json.loads(json.dumps(data, default=str)), ttl)


class ForgetsTheEmpty(Memory):
    async def load(self, id):
        return await super().load(id) or None


class OpenForEver(Memory):
    async def close(self):
        pass


class ClosesOnce(Memory):
    async def close(self):
        self._check_open()
        await super().close()


class MixesUpTasks(Memory):
    async def save(self, id, data, ttl=None):
        self.id = id
        await asyncio.sleep(0)
        await super().save(self.id if id.startswith("session-") else id, data, ttl)


class AbsentWhileSaved(Memory):
    async def save(self, id, data, ttl=None):
        await self.delete(id) if isinstance(data, dict) and "n" in data else None
        await asyncio.sleep(0)
        await super().save(id, data, ttl)


class DeletesAPattern(Memory):
    async def delete(self, id):
        check_id(id)
        for each in await self.list():
            if re.fullmatch(id, each):
                await super().delete(each)


class Remembers(FileStore):
    async def load(self, id):
        found = await super().load(id)
        return self.__dict__.setdefault("found", {}).setdefault(id, found)


class HidesTheUnreadable(FileStore):
    async def load(self, id):
        try:
            return await super().load(id)
        except Exception:
            return None


class DeletesTheUnreadable(FileStore):
    async def load(self, id):
        try:
            return await super().load(id)
        except Exception:
            await self.delete(id)
            raise


class ListsTheReadableAlone(FileStore):
    async def _ids(self):
        ids = await super()._ids()
        return [id for id in ids if (self.directory / f"{id}.json").read_text().startswith('{"id"')]


class KeepsTheUnreadable(FileStore):
    async def delete(self, id):
        await self.load(id)
        await super().delete(id)


for each in list(globals().values()):
    if isinstance(each, type) and issubclass(each, Memory) and each is not Memory:
        globals()["Test" + each.__name__] = contract(each)
    elif isinstance(each, type) and issubclass(each, FileStore):
        globals()["Test" + each.__name__] = contract(each, SharedStoreContract)


class TestUnfinished(StoreContract):
    pass
"""

FOUND_BY = {
    "GivesItsOwn": "test_what_load_returns_is_a_copy",
    "TakesAnyId": "test_hostile_id_is_refused",
    "FailsAtAbsent": "test_deleting_what_is_not_there_is_no_error",
    "NeverExpires": "test_record_is_gone_after_its_time",
    "ExpiresAtZero": "test_record_lives_for_ever",
    "EndlessBelowZero": "test_ttl_that_is_no_time_is_refused",
    "SecondsOfTimedelta": "test_record_is_gone_after_its_time",
    "LivesOnWhenLoaded": "test_loading_does_not_extend_a_life",
    "KeepsTheOldEnd": "test_saving_again_starts_a_life_anew",
    "ListsTheExpired": "test_only_what_has_expired_goes",
    "MergesOnSave": "test_last_save_wins_whole",
    "SavesBeforeItChecks": "test_unstorable_value_leaves_the_old_record",
    "JsonAlone": "test_every_type_comes_back_as_it_went_in",
    "ForgetsTheEmpty": "test_empty_record_is_a_record",
    "OpenForEver": "test_closed_store_refuses_every_call",
    "ClosesOnce": "test_closing_twice_is_fine",
    "MixesUpTasks": "test_a_thousand_sessions_at_once_are_none_mixed_up",
    "AbsentWhileSaved": "test_record_is_never_absent_while_it_is_saved",
    "DeletesAPattern": "test_pattern_of_one_id_reaches_no_other",
    "Remembers": "test_two_stores_of_one_place_see_each_other",
    "HidesTheUnreadable": "test_text_that_is_no_record_raises_and_stays",
    "DeletesTheUnreadable": "test_text_that_is_no_record_raises_and_stays",
    "ListsTheReadableAlone": "test_text_that_is_no_record_raises_and_stays",
    "KeepsTheUnreadable": "test_text_that_is_no_record_may_be_deleted",
    "Unfinished": "test_what_was_never_saved_is_none",
}


@cache
def output() -> str:
    """What pytest says: of the sound store all tests, of each other one that which has to find it out."""
    with TemporaryDirectory() as directory:
        module = Path(directory, "test_broken.py")
        module.write_text(BROKEN)
        options = ["-q", "-rfE", "--tb=no", "--import-mode=importlib", "-p", "no:cacheprovider"]
        chosen = " or ".join(f"(Test{name} and {test})" for name, test in FOUND_BY.items())
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                *options,
                "--rootdir",
                directory,
                "-k",
                f"TestSound or {chosen}",
            ]
            + [str(module)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "500"},
        )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@cache
def failed() -> "dict[str, set[str]]":
    """The tests that fail, by store."""
    found: dict[str, set[str]] = {}
    for line in output().splitlines():
        if match := re.match(r"(?:FAILED|ERROR) \S+::Test(\w+)::(\w+)", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


def test_broken_stores_are_found_by_the_test_that_has_to() -> None:
    missed = [name for name, test in FOUND_BY.items() if test not in failed().get(name, set())]
    assert missed == []


def test_sound_store_passes() -> None:
    assert set(failed()) == set(FOUND_BY)
    assert "class Sound(Memory)" in BROKEN


def test_contract_without_a_place_says_what_to_do() -> None:
    assert "override the fixture `place`: return your StorePlace" in output()


def test_failure_names_the_case_of_the_table() -> None:
    with pytest.raises(ZeroDivisionError) as caught, noted("é" * 200):
        _ = 1 / 0
    assert caught.value.__notes__ == ["at the case '" + r"\xe9" * 24 + r"\xe"]
