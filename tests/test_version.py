from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

import anchor_session


def test_version_is_canonical() -> None:
    assert str(Version(anchor_session.__version__)) == anchor_session.__version__


@given(st.integers(0, 99))
def test_version_sorts_before_the_next_micro(step: int) -> None:
    version = Version(anchor_session.__version__)
    later = Version(f"{version.major}.{version.minor}.{version.micro + 1 + step}")
    assert version < later
