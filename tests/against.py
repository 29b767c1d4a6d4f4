"""How long statements take beside another checkout of the package: `python -m tests.against PATH`.

Both are run in turn in two processes, many short samples each, and of each pair the ratio is taken: on a
noisy machine that is what can be trusted. Printed for each case: the median of the ratios (below 1: this
checkout is faster), and the quarter of the pairs on either side. Process time on CPython, areas of memory.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import process_time_ns
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 60
SAMPLE_NS = 4_000_000  # so long a sample takes, about


def cases() -> dict[str, Callable[[int], None]]:
    """What is timed, by name: each does it so many times."""
    from anchor_session import effect, persistent, session, shared
    from anchor_session.testing import MemoryArea, tabs, use_host

    def opened(layout: str, **more: Any) -> Any:
        init = {"a": {"b": 0, "c": 1.5}, "rows": [{"n": n} for n in range(20)], **more}
        return session(f"s-{layout}-{len(more)}", init, area=MemoryArea(), layout=layout)

    small = session("small", {"a": {"b": 0}, "t": "x" * 100}, area=MemoryArea(), layout="document")
    document = opened("document")
    journal = opened("journal")
    watched = opened("document", watched=0)
    ran: list[Any] = []
    effect(lambda: ran.append(watched["a"]["b"]) or ran.clear())  # type: ignore[func-returns-value]
    rows = session("rows", {"l": [{"n": n, "m": 0} for n in range(100)]}, area=MemoryArea())
    summed = session("summed", {"l": [{"n": n} for n in range(100)]}, area=MemoryArea())
    for row in rows["l"]:
        effect(partial(row.get, "n"))
    effect(lambda: sum(row["n"] for row in summed["l"]))
    record = MemoryArea()
    session.leave(session("kept", {"rows": [{"n": n, "t": "x"} for n in range(100)]}, area=record))
    shelf = session("shelf", {"l": []}, area=MemoryArea(), layout="journal")

    def writes(state: Any) -> Callable[[int], None]:
        def case(times: int) -> None:
            for number in range(times):
                state["a"]["b"] = number

        return case

    def reads(times: int) -> None:
        for _ in range(times):
            document["a"]["b"]

    def iterates(times: int) -> None:
        for _ in range(times // 20 + 1):
            for row in document["rows"]:
                row["n"]

    def equal(times: int) -> None:
        for _ in range(times):
            document["a"]["c"] = 1.5

    def appends(times: int) -> None:
        for number in range(times):
            shelf["l"].append(number)
            if len(shelf["l"]) > 50:
                shelf["l"].clear()

    def in_rows(times: int) -> None:
        for number in range(times):
            rows["l"][50]["n"] = number

    def beside_rows(times: int) -> None:
        for number in range(times):
            rows["l"][50]["m"] = number

    def sums(times: int) -> None:
        for number in range(times // 20 + 1):
            summed["l"][0]["n"] = number

    def opens(times: int) -> None:
        for _ in range(times // 20 + 1):
            session.leave(session("kept", {"rows": []}, area=record))

    here, there = tabs(2)
    with use_host(here):
        one = shared("both", {"a": {"b": 0}})
    with use_host(there):
        shared("both", {"a": {"b": 0}})

    def arrives(times: int) -> None:
        for number in range(times):
            one["a"]["b"] = number
            there.deliver()
            if number % 50 == 0:
                here.browser.clock.advance(2)
                here.browser.settle()

    def large(units: int) -> Callable[[int], None]:
        alone = tabs(1)[0]
        with use_host(alone):
            state = persistent("large", {"pad": "x" * units, "n": 0})

        count = 0

        def case(times: int) -> None:
            nonlocal count
            with use_host(alone):
                for _ in range(times):
                    count += 1
                    state["n"] = count
                    if count % 1000 == 0:
                        alone.browser.clock.advance(2)  # it is folded then
                        alone.browser.settle()

        return case

    tab = tabs(1)[0]
    with use_host(tab.frame()):
        framed = session("framed", {"a": {"b": 0}})
    with use_host(tab):
        session("framed")

    def frames(times: int) -> None:
        for number in range(times):
            framed["a"]["b"] = number
            tab.deliver()

    return {
        "write a leaf, small document": writes(small),
        "write a leaf, document": writes(document),
        "write a leaf, journal": writes(journal),
        "write a leaf that an effect reads": writes(watched),
        "write into one of 100 rows with effects": in_rows,
        "write beside what such an effect reads": beside_rows,
        "write into one of 100 rows that are summed": sums,
        "write an equal float": equal,
        "append to a list": appends,
        "read a nested leaf": reads,
        "iterate over 20 maps": iterates,
        "open a record of 100 maps": opens,
        "write a leaf of shared(), and arrive": arrives,
        "write a leaf of persistent() of 2 KB": large(2_000),
        "write a leaf of persistent() of 100 KB": large(100_000),
        "write a leaf of persistent() of 1 MB": large(1_000_000),
        "write a leaf, and follow in a frame": frames,
    }


def serve() -> None:
    """For each line `case times`, print how many nanoseconds that took."""
    known = cases()
    print(*known, sep="\t", flush=True)
    for line in sys.stdin:
        name, times = line.rstrip("\n").split("\t")
        start = process_time_ns()
        known[name](int(times))
        print(process_time_ns() - start, flush=True)


class Side:
    """One checkout, in a process of its own; this file runs in both."""

    def __init__(self, root: Path) -> None:
        source = f"import sys; sys.path.insert(0, {str(root)!r}); sys.argv = ['-']\n"
        source += f"exec(compile(open({__file__!r}).read(), {__file__!r}, 'exec'), "
        source += "{'__name__': 'against', '__file__': " + repr(__file__) + "})\n"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", f"{source}", "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.names = self._line().split("\t")

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a checkout could not be timed; see above")
        return line.rstrip("\n")

    def time(self, name: str, times: int) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\t{times}\n")
        self._process.stdin.flush()
        return int(self._line())


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not (Path(arguments[0]) / "anchor_session").is_dir():
        raise SystemExit("python -m tests.against PATH, where PATH is another checkout")
    here, there = Side(ROOT), Side(Path(arguments[0]).resolve())
    width = max(map(len, here.names))
    print(f"{'':{width}}  ratio  quarters")
    for name in here.names:
        times = 50
        while (took := max(here.time(name, times), there.time(name, times))) < SAMPLE_NS // 2:
            times = max(times + 1, min(times * 10, times * SAMPLE_NS // max(took, 1)))
        ratios = []
        for number in range(PAIRS):
            pair = [here, there] if number % 2 else [there, here]
            taken = {side: side.time(name, times) for side in pair}
            ratios.append(taken[here] / max(taken[there], 1))
        low, _, high = quantiles(ratios, n=4)
        print(f"{name:{width}}  {median(ratios):5.2f}  {low:.2f} to {high:.2f}", flush=True)


if __name__ == "against":
    serve()
elif __name__ == "__main__":
    main(sys.argv[1:])
