"""Random programs on every store, beside a plain dict and a clock."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session.testing.store_contract import StorePlace
from tests.records.places import FilePlace, MemoryPlace, SQLitePlace
from tests.support import typed

PLACES: "dict[str, Callable[[Path], StorePlace]]" = {
    "memory": lambda _: MemoryPlace(),
    "file": FilePlace,
    "sqlite": lambda directory: SQLitePlace(directory / "records.db"),
}

ids = st.sampled_from(["a", "b", "a.b", "A"])
data = st.dictionaries(
    st.text(max_size=3),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        ),
        max_leaves=4,
    ),
    max_size=3,
)
# Whole seconds of life, and moments between them: no time is exactly that of an expiry.
steps = st.lists(
    st.tuples(st.just("save"), ids, data, st.sampled_from([None, 0, 1, 5, 60]))
    | st.tuples(st.just("load"), ids)
    | st.tuples(st.just("delete"), ids)
    | st.tuples(st.just("list"))
    | st.tuples(st.just("wait"), st.sampled_from([0.25, 2.5, 100.5, 4000.5])),
    max_size=20,
)


@pytest.mark.both
@pytest.mark.parametrize("kind", PLACES)
@given(program=steps)
def test_store_is_a_dict_whose_records_end(kind: str, program: "list[Any]") -> None:
    async def check(place: StorePlace) -> None:
        now = 0.0
        model: dict[str, tuple[Any, float]] = {}
        store = place.open()
        for step, *arguments in program:
            live = {id: data for id, (data, end) in model.items() if end > now}
            if step == "save":
                id, record, ttl = arguments
                await store.save(id, record, ttl)
                model[id] = record, now + ttl if ttl else float("inf")
            elif step == "load":
                assert typed(await store.load(arguments[0])) == typed(live.get(arguments[0]))
            elif step == "delete":
                await store.delete(arguments[0])
                model.pop(arguments[0], None)
            elif step == "list":
                assert await store.list() == sorted(live)
            else:
                now += arguments[0]
                await place.pass_time(arguments[0])
        live = {id: data for id, (data, end) in model.items() if end > now}
        assert typed({id: await store.load(id) for id in await store.list()}) == typed(
            dict(sorted(live.items()))
        )
        await store.close()

    with TemporaryDirectory() as directory:
        asyncio.run(check(PLACES[kind](Path(directory))))
