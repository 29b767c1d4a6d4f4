"""Numbers out of the samples of a run, and how they are written."""

from collections.abc import Iterable
from statistics import median, quantiles
from typing import Any

from .inside.data import SHAPES
from .inside.sampling import Times


class Cell:
    """What everyone needed for one operation on one shape of one size."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.size: str = raw["size"]
        self.shape: str = raw["shape"]
        self.operation: str = raw["operation"]
        self.late: list[str] = raw["late"]
        self.libraries: list[str] = raw["libraries"]
        self.times: Times = raw["times"]

    def median(self, name: str) -> float:
        return median(self.times[name])

    def fastest(self) -> str:
        return min(self.libraries, key=self.median)

    def times_as_fast(self, name: str, other: str) -> float:
        """How many times what `name` does fits into what `other` needs."""
        return self.median(other) / self.median(name)


class Run:
    """A whole run, as `__main__` wrote it."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.cells = [Cell(each) for each in raw["cells"]]

    def cell(self, size: str, shape: str, operation: str) -> Cell | None:
        for cell in self.cells:
            if (cell.size, cell.shape, cell.operation) == (size, shape, operation):
                return cell
        return None

    def shapes(self, size: str, operation: str) -> dict[str, Cell]:
        """The cells of that size and operation, by shape."""
        found = {shape: self.cell(size, shape, operation) for shape in SHAPES}
        return {shape: cell for shape, cell in found.items() if cell}

    def median(self, table: str, name: str) -> float | None:
        """None for what this run did not measure."""
        samples = self.raw[table].get(name)
        return median(samples) if samples else None


def number(value: float) -> str:
    """Two or three digits that count, and no powers of ten."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def time(microseconds: float) -> str:
    return (
        number(microseconds) + " µs" if microseconds < 1000 else number(microseconds / 1e3) + " ms"
    )


def spread(samples: list[float]) -> str:
    """Median and quartiles in one unit: ``12.3 µs (11.9–13.0)``."""
    low, middle, high = quantiles(samples, method="inclusive") if len(samples) > 1 else samples * 3
    unit = 1 if middle < 1000 else 1e3
    return f"{time(middle)} ({number(low / unit)}–{number(high / unit)})"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    columns = list(head)
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
