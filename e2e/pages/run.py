"""Runs the source that a test sends: `window.runPython(source)` promises JSON text.

It holds the `value` of the last expression, or an `error` with its type, message and traceback.
Names live on from one call to the next. `<html data-ready>` tells that the interpreter is there.
"""

import json
import traceback
from typing import Any

from pyodide.code import eval_code_async

try:
    from pyscript import window
except ImportError:
    from js import window

names: dict[str, Any] = {"__name__": "__main__", "window": window}


async def run_python(source: str) -> str:
    try:
        return json.dumps({"value": await eval_code_async(source, names)})
    except BaseException as error:  # noqa: BLE001 - the test raises it again
        description = {
            "type": type(error).__name__,
            "message": str(error),
            "traceback": traceback.format_exc(),
        }
        return json.dumps({"error": description})


window.runPython = run_python
window.document.documentElement.dataset.ready = ""
