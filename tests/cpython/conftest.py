"""What tests of CPython alone get: a real Redis, and the wheels as they are published."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cpython.redis_server import RedisServer
from web.page_wheel import main as build_page_wheel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests; each has a prefix of its own in it."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A server of this test's own, which it may kill."""
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pure wheel and the one for pages, built as `make wheel` builds them."""
    folder = tmp_path_factory.mktemp("wheels")
    build = ["hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run([sys.executable, "-m", *build], cwd=ROOT, check=True, capture_output=True)
    build_page_wheel(folder)
    return folder


@pytest.fixture(scope="session")
def pure_wheel(wheels: Path) -> Path:
    """What `pip install` gets."""
    (found,) = wheels.glob("*-py3-none-any.whl")
    return found


@pytest.fixture(scope="session")
def page_wheel(wheels: Path) -> Path:
    """What pages load."""
    return wheels / "anchor_session.whl"
