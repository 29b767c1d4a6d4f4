"""How the page of spaces calls things."""

from anchor_session.microcosm import Session
from tests.support import rows
from web.demo.spaces.wording import ago, hue_of, name_in, new_id, number_of_spaces, view_of

DIGITS = "0123456789abcdef"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@rows(
    ("name", "title"),
    [
        ("Autumn window", "autumn-window"),
        ("  Über -- Papier! ", "uber-papier"),
        ("東京", "space"),
        ("", "space"),
        ("x" * 200, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_any_name_gives_an_id(name: str, title: str) -> None:
    space = new_id(name, DIGITS)
    assert space == f"{title}.{DIGITS}"
    assert Session().register_reference(space).microcosm_id == space


def test_id_tells_a_name() -> None:
    assert name_in("autumn-window.0123") == "Autumn window"
    assert name_in("-.0123456789abcdef") == "-.0123456789abcdef"


@rows(
    ("passed", "words"),
    [
        (-MINUTE, "just now"),  # by a clock that was put back
        (0, "just now"),
        (MINUTE - 1, "just now"),
        (MINUTE, "1 minute ago"),
        (59 * MINUTE, "59 minutes ago"),
        (HOUR, "1 hour ago"),
        (DAY - 1, "23 hours ago"),
        (DAY, "1 day ago"),
        (9 * DAY, "9 days ago"),
    ],
)
def test_time_since_is_told_in_the_largest_unit(passed: int, words: str) -> None:
    assert ago(1_000_000_000_000, 1_000_000_000_000 + passed) == words


def test_unknown_view_is_shown_as_notes() -> None:
    assert [view_of(each) for each in ("map", "3d", None)] == ["map", "notes", "notes"]


def test_hue_is_one_of_a_circle_and_always_the_same() -> None:
    assert hue_of("autumn-window.0123") == hue_of("autumn-window.0123")
    assert all(0 <= hue_of(f"space.{n}") < 360 for n in range(100))


@rows(("count", "words"), [(1, "One space"), (3, "Three spaces"), (12, "12 spaces")])
def test_number_is_a_word_where_it_is_small(count: int, words: str) -> None:
    assert number_of_spaces(count) == words
