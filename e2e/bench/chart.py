"""The chart: one leaf set, by size, on a logarithmic scale; SVG that is legible on light and dark pages."""

from collections.abc import Iterator
from html import escape
from math import floor, log10

from .figures import Run
from .inside.data import AUTO, BARE, DOCUMENT, RECORDS, SMALL

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 80, 620, 84, 480
LABEL = 17  # the least distance of two labels
CLASSES = {AUTO: "ours", DOCUMENT: "ours document", BARE: "bare", SMALL: "floor"}
NAMES = {SMALL: "one setItem of 60 bytes"}
STYLE = """
    text { font: 14px system-ui, sans-serif; fill: #24292f; }
    .back { fill: #ffffff; }
    .title { font-size: 17px; font-weight: 600; }
    .faint { fill: #57606a; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .line { fill: none; stroke: #8c959f; stroke-width: 1.5; }
    .dot { fill: #8c959f; }
    .line.bare { stroke: #9a6700; } .dot.bare, text.bare { fill: #9a6700; }
    .line.floor { stroke-dasharray: 3 4; }
    .line.ours { stroke: #0969da; stroke-width: 3; } .dot.ours, text.ours { fill: #0969da; }
    text.ours { font-weight: 600; }
    .line.document { stroke-dasharray: 8 4; }
    .leader { stroke: #d0d7de; stroke-width: 1; fill: none; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .back { fill: #0d1117; }
      .faint { fill: #9198a1; }
      .grid, .leader { stroke: #30363d; }
      .line { stroke: #7d8590; } .dot { fill: #7d8590; }
      .line.bare { stroke: #d29922; } .dot.bare, text.bare { fill: #d29922; }
      .line.ours { stroke: #4493f8; } .dot.ours, text.ours { fill: #4493f8; }
    }
"""


def draw(run: Run) -> str:
    """The whole file."""
    cells = [cell for size in RECORDS if (cell := run.cell(size, "map", "set"))]
    names = [SMALL, *cells[0].libraries, BARE, DOCUMENT, AUTO]  # the last one is on top
    lines = {
        name: [cell.median(name) for cell in cells] for name in names if name in cells[0].times
    }
    scale = Scale(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>How long one changed leaf takes until it is stored, by the size of the state</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        '<text class="title" x="24" y="34">One leaf changed, until it is in sessionStorage</text>',
        '<text class="faint" x="24" y="56">In a map of records of 100 bytes; medians, logarithmic</text>',
        *scale.grid([cell.size for cell in cells]),
        *(part for name, values in lines.items() for part in scale.line(name, values)),
        *scale.labels(lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class Scale:
    """Where times and sizes are."""

    def __init__(self, lines: dict[str, list[float]]) -> None:
        values = [value for each in lines.values() for value in each]
        self.low = floor(log10(min(values)))
        self.high = floor(log10(max(values))) + 1
        self.columns = len(next(iter(lines.values())))

    def x(self, column: int) -> float:
        return LEFT + 30 + column * (RIGHT - LEFT - 50) / max(1, self.columns - 1)

    def y(self, value: float) -> float:
        return BOTTOM - (log10(value) - self.low) / (self.high - self.low) * (BOTTOM - TOP)

    def grid(self, sizes: list[str]) -> Iterator[str]:
        for power in range(self.low, self.high + 1):
            y = self.y(10**power)
            text = (
                f"{10**power} µs"
                if power < 3
                else f"{10 ** (power - 3)} ms"
                if power < 6
                else "1 s"
            )
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
            yield f'<text class="faint" x="{LEFT - 10}" y="{y + 5:.1f}" text-anchor="end">{text}</text>'
        for column, size in enumerate(sizes):
            x = self.x(column)
            yield f'<text class="faint" x="{x:.1f}" y="{BOTTOM + 26}" text-anchor="middle">{size}</text>'

    def line(self, name: str, values: list[float]) -> Iterator[str]:
        kind = CLASSES.get(name, "peer")
        points = [(self.x(column), self.y(value)) for column, value in enumerate(values)]
        yield f'<polyline class="line {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        for x, y in points:
            yield f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'

    def labels(self, lines: dict[str, list[float]]) -> Iterator[str]:
        """The names at the right end, moved apart where they would overlap."""
        x = self.x(self.columns - 1)
        ends = sorted((self.y(values[-1]), name) for name, values in lines.items())
        places = [y for y, _ in ends]
        for _ in range(200):
            for number in range(1, len(places)):
                missing = LABEL - (places[number] - places[number - 1])
                if missing > 0:
                    places[number - 1] -= missing / 2
                    places[number] += missing / 2
        for (y, name), place in zip(ends, places):
            text = escape(NAMES.get(name, name))
            yield f'<path class="leader" d="M{x + 6:.1f} {y:.1f}L{x + 24:.1f} {place:.1f}"/>'
            kind = CLASSES.get(name, "peer")
            yield f'<text class="{kind}" x="{x + 28:.1f}" y="{place + 5:.1f}">{text}</text>'
