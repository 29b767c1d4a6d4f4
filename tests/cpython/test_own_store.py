"""The store that `docs/records.md` shows, and the tests that it shows with it."""

import asyncio
from typing import Any

from tests.cpython.test_documents import ROOT, blocks

names: dict[str, Any] = {"asyncio": asyncio}
for source in blocks(ROOT / "docs/records.md"):
    if "MappingStore" in source:
        exec(compile(source, "records.md", "exec"), names)

TestMappingStore = names["TestMappingStore"]
