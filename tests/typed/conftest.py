"""Every test that takes `kind` runs for dataclasses, Structs and pydantic models."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.typed.kinds import KINDS


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: Any) -> SimpleNamespace:
    found: SimpleNamespace = request.param
    return found
