"""A full area: Chromium's limit hit exactly, by the last of many units."""

from collections.abc import Iterator

import pytest

from e2e.harness import Interpreter
from e2e.tabs import wait_rest

QUOTA = 5_242_880
KINDS = {
    "session": ("session", "anchor-session://full@1.0.0"),
    "persistent": ("local", "anchor-persistent://full@1.0.0"),
}
EVIDENCE = """
def evidence(program):
    try:
        program()
    except QuotaExceededError as error:
        return [error.key, error.needed, error.used, error.largest]

def is_in_step():
    leave(s)  # which folds what a journal has
    text = text_at(KEY, AREA)
    globals()["s"] = OPEN("full")
    return text is not None and snapshot(s) == before and text_at(KEY, AREA) == text
"""


@pytest.fixture(params=KINDS)
def full(request: pytest.FixtureRequest, tab: Interpreter) -> Iterator[Interpreter]:
    """A state whose entry fills its area: `room` is the text at `s.x` that leaves no unit free."""
    area, key = KINDS[request.param]
    # The tab's token takes room too, and is not taken again as long as a state is open.
    tab('kept_open = session("kept_open")')
    tab.page.wait_for_function("() => sessionStorage.getItem('anchor-tab') !== null")
    tab.page.evaluate("sessionStorage.removeItem('anchor-tab')")
    tab(f"OPEN, AREA, KEY = {request.param}, {area!r}, {key!r}\n{EVIDENCE}")
    tab(f"""
        s = OPEN("full")
        room = "x" * ({QUOTA} - len(KEY) - len('{{"x":""}}'))
    """)
    yield tab
    tab(f"leave(s); window.{area}Storage.clear(); leave(kept_open); del s, room")


def come_to_rest(full: Interpreter) -> None:
    """Until a state that tabs share lies there alone: what is beside it is room to be made."""
    if full("AREA") == "local":
        wait_rest(full.page, full("KEY"))


def test_last_unit_fits_and_one_more_does_not(full: Interpreter) -> None:
    assert full("s.x = room; before = snapshot(s); is_in_step()")
    assert full(f"usage(window.{full('AREA')}Storage).used") == QUOTA
    key = full("KEY")
    assert full('evidence(lambda: s.update(x=room + "x"))') == [
        key,
        QUOTA + 1,
        QUOTA,
        [[key, QUOTA]],
    ]
    assert full("is_in_step()")


def test_one_assignment_far_beyond_changes_nothing(full: Interpreter) -> None:
    full('s.a = [1]; s.x = "small"; before = snapshot(s); heard = []')
    come_to_rest(full)
    full("unsubscribe = subscribe(s, lambda change: heard.append(change))")
    full('there = usage(getattr(window, AREA + "Storage"))')
    needed, *rest = full('evidence(lambda: s.a.append("y" * 6_000_000))')[1:]
    assert needed > 6_000_000
    assert rest == full("[there.used, there.largest]")
    assert full("len(heard)") == 0
    assert full("is_in_step()")


def test_what_was_just_added_to_a_session_is_made_shorter_where_nothing_more_has_room(
    tab: Interpreter,
) -> None:
    """In place of the last entry of its journal; a refused statement leaves that as it was."""
    tab("""
        area = window.sessionStorage
        s = session("full", {"texts": [], "pad": "p" * 9000}); s.texts.append("x" * 1200)
    """)
    tab(f"""
        taken = sum(len(area.key(n)) + len(area.getItem(area.key(n))) for n in range(area.length))
        area.setItem("other", "o" * ({QUOTA} - taken - len("other") - 10))
        entry = "anchor-session://full@1.0.0#journal.1"
        try:
            s.texts.append("z" * 6_000)
        except QuotaExceededError:
            refused = area.getItem(entry)
        s.texts[0] = "y" * 900
        stored = area.getItem(entry)
    """)
    assert "x" * 1200 in tab("refused")
    assert "y" * 900 in tab("stored")
    tab.reload()
    assert tab('list(session("full")["texts"])') == ["y" * 900]
    assert (
        tab("[key for key in window.Object.keys(window.sessionStorage) if 'rejected' in key]") == []
    )


def test_small_change_after_a_refused_one_works(full: Interpreter) -> None:
    full('s.x = room; evidence(lambda: s.update(y="y"))')
    assert full('s.x = "small"; s.y = 1; before = {"x": "small", "y": 1}; is_in_step()')


def test_refused_change_in_a_batch_takes_all_of_it_back(full: Interpreter) -> None:
    full("""
        s.x = room[:-100]
        s.n = 1
        before = snapshot(s)
        def program():
            with batch():
                s.n = 2
                s.y = "y" * 200
    """)
    assert full("evidence(program) is not None and is_in_step()")


def test_characters_beyond_the_bmp_count_twice(full: Interpreter) -> None:
    pairs = '"\\N{GRINNING FACE}" * (len(room) // 2)'
    full(f's.x = {pairs} + "x" * (len(room) % 2); before = snapshot(s)')
    assert full("is_in_step()")
    assert full('evidence(lambda: s.update(x=s.x + "x"))[1]') == QUOTA + 1


def test_full_area_of_someone_else_is_named(full: Interpreter) -> None:
    full("s.n = 1; before = snapshot(s)")
    come_to_rest(full)
    full(f"""
        used = usage(getattr(window, AREA + "Storage")).used
        size = {QUOTA} - used - len("theirs") - 100
        getattr(window, AREA + "Storage").setItem("theirs", "x" * size)
    """)
    largest = full('evidence(lambda: s.update(y="y" * 200))[3][0]')
    assert largest == ["theirs", full("size") + len("theirs")]
    assert full("is_in_step()")


def test_record_opens_where_what_init_adds_has_no_room(full: Interpreter) -> None:
    full("s.n = 1")
    come_to_rest(full)
    full(f"""
        import warnings
        leave(s)
        area = getattr(window, AREA + "Storage")
        area.setItem("theirs", "x" * ({QUOTA} - usage(area).used - len("theirs")))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            s = OPEN("full", {{"new": "y" * 100}})
    """)
    (message,) = full("[str(each.message) for each in told]")
    assert f"of {QUOTA} are taken, most of them by `theirs`" in message
    assert full("[snapshot(s), restored(s).dirty]") == [{"n": 1, "new": "y" * 100}, True]
    assert full("evidence(lambda: s.update(m=2)) is not None")
    full('area.removeItem("theirs"); s.m = 2; before = snapshot(s)')
    assert full("before") == {"n": 1, "new": "y" * 100, "m": 2}
    assert full("not restored(s).dirty and is_in_step()")


def test_on_error_keeps_the_change_in_memory_until_there_is_room(tab: Interpreter) -> None:
    assert tab("""
        errors = []
        o = session("tolerant", {"x": ""}, on_error=errors.append)
        o.x = "x" * 6_000_000
        [type(errors[0]).__name__, len(o.x), restored(o).dirty, stored("tolerant")]
    """) == ["QuotaExceededError", 6_000_000, True, '{"x":""}']
    assert tab('o.x = "small"; [restored(o).dirty, stored("tolerant")]') == [False, '{"x":"small"}']
    tab("leave(o)")
