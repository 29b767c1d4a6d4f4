"""What `make records` writes: figures out of samples, into the last section of a page."""

from pathlib import Path

import pytest

from e2e.bench.records_report import HEADING, put_into, ratio, rows


def test_ratio_is_the_median_of_rounds_that_were_side_by_side() -> None:
    assert ratio({"anchor_session": [10, 100, 10], "litestar": [8, 80, 30]}) == pytest.approx(0.8)


@pytest.mark.parametrize(("theirs", "said"), [(80.0, "yes"), (79.0, "**no**")])
def test_row_says_whether_what_was_asked_is_reached(theirs: float, said: str) -> None:
    times = {"anchor_session": [100.0], "litestar": [theirs]}
    (row,) = rows([{"store": "redis", "what": "save", "size": "1 KB", "times": times}])
    assert row[:2] == ["redis, save, 1 KB", "10,000"]
    assert row[-1] == said


def test_store_without_a_peer_is_reported_alone() -> None:
    times = {"anchor_session": [100.0]}
    (row,) = rows([{"store": "sqlite", "what": "load", "size": "1 KB", "times": times}])
    assert row[3:] == [""] * 5


def test_section_replaces_the_last_one_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\nText.\n\n{HEADING}\nOld.\n")
    put_into(page, f"{HEADING}\nNew.\n")
    assert page.read_text() == f"# Page\n\nText.\n\n{HEADING}\nNew.\n"
    page.write_text("# Page\n")
    with pytest.raises(AssertionError, match="## Figures"):
        put_into(page, "")


def test_page_about_records_has_the_section() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/records.md"
    assert page.read_text().count(HEADING) == 1
