"""Random programs on scopes against a plain dict, and several tabs at once."""

import warnings
from copy import deepcopy
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    InstanceScope,
    QuotaExceededError,
    ScopeChange,
    SessionScope,
    session_end,
    session_init,
    session_load,
    session_remove,
    session_save,
)
from anchor_session.page.scopes.once import give_up_all
from anchor_session.page.scopes.scope_keys import key_text
from anchor_session.testing import tabs, use_host
from anchor_session.testing.browser import Browser
from tests.support import typed

KEYS: "list[Any]" = ["a", 1, True, None, ("a", 1), ("a", True)]
VALUES = st.none() | st.sampled_from([0, 1, True, 1.0, "x" * 60, [1], {"a": {1}}])
HOSTILE = st.sampled_from(
    ["", "{", "NaN", "[1", "�", '{"$anchor":"int"}', '{"$anchor":1}', "[" * 999]
)
PROGRAMS = st.lists(
    st.tuples(
        st.sampled_from(["save", "save", "remove", "init", "hostile", "end", "reload", "quota"]),
        st.sampled_from(KEYS),
        VALUES,
        HOSTILE,
    ),
    max_size=20,
)
PREFIX = "anchor-scope:1://"


@given(PROGRAMS)
def test_scope_is_a_dict_by_type_of_key_that_is_stored(program: "list[tuple[Any, ...]]") -> None:
    (tab,) = tabs(1)
    area = tab.area("local")
    model: dict[str, Any] = {}
    mirror: dict[str, Any] = {}

    def note(change: ScopeChange) -> None:
        key = key_text(change.key)
        assert typed(mirror.get(key)) == typed(change.previous)
        mirror[key] = deepcopy(change.value)

    with use_host(tab), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        SessionScope().subscribe(note)
        for what, key, value, hostile in program:
            text = key_text(key)
            previous = model.get(text)
            if what == "save":
                try:
                    assert typed(session_save(key, value)) == typed(previous)
                    model[text] = value
                except QuotaExceededError:
                    assert area.quota == 0
            elif what == "remove":
                assert typed(session_remove(key)) == typed(previous)
                model.pop(text, None)
            elif what == "init":
                try:
                    found = session_init(key, partial(deepcopy, value))
                    model[text] = value if previous is None else previous
                    assert typed(found) == typed(model[text])
                except QuotaExceededError:
                    assert area.quota == 0
            elif what == "hostile":
                area.quota = None
                other = tab.browser.open()
                other.area("local").setItem(PREFIX + text, hostile)
                other.close()
                tab.deliver()
                model[text] = session_load(key)
                assert area.getItem(PREFIX + text) == hostile
            elif what == "end":
                session_end()
                model.clear()
            elif what == "reload":
                give_up_all()
                mirror = {key: value for key, value in model.items() if value is not None}
                SessionScope().subscribe(note)
            else:
                area.quota = 0 if area.quota is None else None
            stored = {at for at in area.entries() if at.startswith(PREFIX)}
            assert stored == {PREFIX + text for text in model}
            assert typed([session_load(key) for key in KEYS]) == typed(
                [model.get(key_text(key)) for key in KEYS]
            )
            assert {key_text(key) for key in SessionScope().keys()} == set(model)  # noqa: SIM118
            heard = {key: value for key, value in mirror.items() if value is not None}
            there = {key: value for key, value in model.items() if value is not None}
            assert typed(sorted(heard.items())) == typed(sorted(there.items()))
    give_up_all()


def note_in(mirror: "dict[str, Any]", change: ScopeChange) -> None:
    mirror[key_text(change.key)] = change.value


def same(value: Any) -> Any:
    return value


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["save", "remove", "step", "step", "step", "freeze", "show", "end"]),
        st.sampled_from(KEYS[:3]),
        st.integers(0, 1000),
    ),
    max_size=40,
)


@given(STEPS)
def test_tabs_agree_and_subscribers_know_what_is_there(program: "list[tuple[Any, ...]]") -> None:
    browser = Browser(network=True)
    three = [browser.open() for _ in range(3)]
    mirrors: list[dict[str, Any]] = [{} for _ in three]
    for tab, mirror in zip(three, mirrors):
        with use_host(tab):
            SessionScope().subscribe(partial(note_in, mirror))
    saved = set()
    for who, what, key, number in program:
        tab = three[who]
        with use_host(tab):
            if what == "save":
                session_save(key, number)
                saved.add(number)
            elif what == "remove":
                session_remove(key)
            elif what == "end":
                session_end()
            elif what == "freeze":
                tab.freeze()
            elif what == "show":
                tab.thaw()
                tab.show()
            else:
                browser.step(number)
    for tab in three:
        tab.thaw()
    browser.settle()
    fresh = browser.open()
    found = []
    for tab in [*three, fresh]:
        with use_host(tab):
            found.append({key_text(key): session_load(key) for key in KEYS[:3]})
    assert found == [found[0]] * 4
    assert {value for value in found[0].values() if value is not None} <= saved
    for mirror in mirrors:
        assert {key: mirror.get(key) for key in found[0]} == found[0]
    give_up_all()


@given(
    st.lists(
        st.tuples(st.sampled_from(["save", "remove", "init"]), st.sampled_from(KEYS), VALUES),
        max_size=20,
    )
)
def test_instance_scope_is_a_dict_by_type_of_key(program: "list[tuple[Any, ...]]") -> None:
    give_up_all()
    scope = InstanceScope()
    model: dict[str, Any] = {}
    for what, key, value in program:
        text = key_text(key)
        previous = model.get(text)
        if what == "save":
            assert scope.save(key, value) is previous
            model[text] = value
        elif what == "remove":
            assert scope.remove(key) is previous
            model.pop(text, None)
        else:
            model[text] = value if previous is None else previous
            assert scope.init(key, partial(same, value)) is model[text]
        assert [key_text(key) for key in scope.keys()] == list(model)  # noqa: SIM118
        for each in KEYS:
            assert scope.load(each) is model.get(key_text(each))
