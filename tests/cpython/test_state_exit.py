"""The end of the interpreter is the end of the page: what waits is written."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support import rows

PROGRAM = """
import json, sys
from pathlib import Path
from anchor_session.state import Persistence, State

class FileArea:
    path = Path(sys.argv[1])
    def getItem(self, key): return None
    def removeItem(self, key): pass
    def setItem(self, key, value): self.path.write_text(value)

state = State(
    lambda: {"n": 0},
    persistence=Persistence("k", area=FileArea(), interval=INTERVAL),
    throttle=THROTTLE,
)
for number in range(1, 10):
    state.set({"n": number})
assert json.loads(FileArea.path.read_text()) == {"n": 1}
"""


@rows(("interval", "throttle"), [(60, None), (None, 60), (60, 60)])
def test_last_change_is_written(
    tmp_path: Path, interval: "int | None", throttle: "int | None"
) -> None:
    source = PROGRAM.replace("INTERVAL", repr(interval)).replace("THROTTLE", repr(throttle))
    target = tmp_path / "state.json"
    path = f"import sys; sys.path[:0] = {sys.path!r}\n"
    subprocess.run([sys.executable, "-c", path + source, str(target)], check=True)
    assert json.loads(target.read_text()) == {"n": 9}
