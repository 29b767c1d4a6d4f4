"""``python -m tests.strength`` shows how strong the tests are: it breaks the package and looks who notices.

Each break of `breaks.json` (see `choose`) is made in a copy of the tree, and the tests that run its lines
are run until one fails, near and quick ones first. At the end stands what nobody noticed. A test that runs
for ever has noticed. What came out is kept in `build/strength/results.json`, and a run goes on where the
last one ended::

    python -m tests.strength                    all of them
    python -m tests.strength journal view-98    those whose names hold one of these words, once more
    python -m tests.strength --anew             forgets what was measured, as after a change
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from .breaks import Break, LostBreakError, read_breaks
from .running import BUILD, copied, measure, run_break

_ = pytest  # imported before the forks


def table(breaks: list[Break], results: dict[str, dict[str, Any]]) -> str:
    rows: dict[str, list[int]] = {}
    for each in breaks:
        room = "/".join(each.file.split("/")[1:-1]) or each.file.split("/")[1]
        row = rows.setdefault(room, [0, 0, 0, 0, 0])
        result = results.get(each.name)
        row[0] += 1
        if result is None:
            row[4] += 1
        elif result["caught"]:
            row[1] += 1
        else:
            row[3 if each.equivalent else 2] += 1
    whole = [sum(column) for column in zip(*rows.values(), strict=True)]
    head = f"{'':20} {'breaks':>8} {'caught':>8} {'missed':>8} {'no-op':>8} {'lost':>8}"
    lines = [f"{room:20} " + " ".join(f"{n:8}" for n in row) for room, row in sorted(rows.items())]
    return "\n".join([head, *lines, f"{'all':20} " + " ".join(f"{n:8}" for n in whole)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of names")
    parser.add_argument("--anew", action="store_true", help="forget what was measured")
    parser.add_argument("--seconds", type=float, default=1e9, help="of tests a break, at most")
    args = parser.parse_args()
    breaks = read_breaks()
    kept = BUILD / "results.json"
    if args.anew:
        kept.unlink(missing_ok=True)
    seen = measure(again=args.anew)
    results: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        root = copied(Path(folder))
        for each in breaks:
            asked_for = any(word in each.name for word in args.words)
            if not asked_for and (args.words or each.name in results):
                continue
            try:
                results[each.name] = found = run_break(each, seen, root, args.seconds)
            except LostBreakError as error:
                print(f"lost    {error}", flush=True)
                results.pop(each.name, None)
                continue
            word = "caught" if found["caught"] else "no-op" if each.equivalent else "MISSED"
            print(f"{word:7} {each.name:32} {found['seconds']:7.1f} s  {found['by']}", flush=True)
            kept.write_text(json.dumps(results, indent=1))
    print(table(breaks, results))
    missed = [each for each in breaks if not results.get(each.name, {"caught": True})["caught"]]
    for each in missed:
        if not each.equivalent:
            print(f"\n{each.name} in {each.scope or each.file}\n- " + "\n- ".join(each.before))
            print("+ " + "\n+ ".join(each.after))
    return any(not each.equivalent for each in missed)


if __name__ == "__main__":
    raise SystemExit(main())
