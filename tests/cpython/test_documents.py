"""Every Python example in README and docs runs, block after block as a reader would type them."""

import re
from pathlib import Path

import pytest

from anchor_session.host.memory import MemoryArea
from tests.cpython.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: Path) -> list[str]:
    """The blocks, each with empty lines before it so that tracebacks name the document's lines."""
    text = document.read_text()
    return ["\n" * text[: found.start(1)].count("\n") + found[1] for found in BLOCK.finditer(text)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_examples_run(
    document: Path,
    session_area: MemoryArea,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    names: dict[str, object] = {}
    for source in blocks(document):
        exec(compile(source, document.name, "exec"), names)
    for name, example in names.items():
        if name.startswith("test_") and callable(example):
            example(session_area)


def test_readme_has_an_example() -> None:
    assert blocks(ROOT / "README.md")
