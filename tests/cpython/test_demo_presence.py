"""Who counts as being here, without the page."""

from tests.support import rows
from web.demo.tabs.presence import (
    BIRDS,
    FORGOTTEN,
    LOOKED_AT,
    OUT_OF_SIGHT,
    Presence,
    free_bird,
    has_to_yield,
    hue_of,
)


@rows(("is_hidden", "limit"), [(False, LOOKED_AT), (True, OUT_OF_SIGHT)])
def test_word_counts_for_a_while(is_hidden: bool, limit: int) -> None:
    puffin = Presence("Puffin", 16, since=0, seen=1000, is_hidden=is_hidden)
    assert puffin.is_here(1000 + limit - 1)
    assert not puffin.is_here(1000 + limit)


def test_word_of_long_ago_is_forgotten() -> None:
    puffin = Presence("Puffin", 16, since=0, seen=1000)
    assert not puffin.is_forgotten(1000 + FORGOTTEN)
    assert puffin.is_forgotten(1001 + FORGOTTEN)


def test_each_tab_gets_a_bird_of_its_own() -> None:
    taken: set[str] = set()
    for _ in range(len(BIRDS) + 2):
        bird = free_bird(taken)
        assert bird not in taken
        assert hue_of(bird) in BIRDS.values()
        taken.add(bird)
    assert "Puffin 2" in taken


def test_of_two_with_one_name_the_later_one_yields() -> None:
    first, later = (Presence("Puffin", 16, since=since, seen=9) for since in (1, 2))
    assert not has_to_yield("b", {"b": first, "a": later})
    assert has_to_yield("a", {"b": first, "a": later})


def test_of_two_that_began_at_once_exactly_one_yields() -> None:
    present = {id: Presence("Puffin", 16, since=1, seen=9) for id in "ab"}
    assert [has_to_yield(id, present) for id in "ab"] == [False, True]


def test_other_names_are_no_matter() -> None:
    present = {"a": Presence("Puffin", 16, since=1, seen=9), "b": Presence("Gannet", 44, 2, 9)}
    assert not has_to_yield("b", present)
