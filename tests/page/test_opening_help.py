"""What editors, `help()` and errors are told of `session()`, `persistent()` and `shared()`."""

import inspect
import pydoc
import traceback
from typing import Any

import pytest

from anchor_session import leave, persistent, restored, session, shared
from anchor_session.page.opening import Opener

TITLES = {
    session: "Open a state of this tab",
    persistent: "Open a state of this browser",
    shared: "Open a state that all tabs hold together",
}
DEFAULTS = {
    "name": inspect.Parameter.empty,
    "init": None,
    "schema": None,
    "strict": False,
    "recursive": True,
    "immutable": False,
    "migrate": None,
    "merge": "shallow",
    "area": None,
    "on_error": None,
    "layout": "auto",
    "storage_class": None,
}


@pytest.fixture(params=TITLES, ids=["session", "persistent", "shared"])
def opener(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_they_are_objects_with_attributes(opener: Any) -> None:
    assert type(opener) is Opener
    assert (opener.leave, opener.restored) == (leave, restored)


def test_signature_has_every_parameter_with_its_default(opener: Any) -> None:
    parameters = inspect.signature(opener).parameters.values()
    assert {each.name: each.default for each in parameters} == DEFAULTS
    assert list(DEFAULTS)[2:] == [
        each.name for each in parameters if each.kind is each.KEYWORD_ONLY
    ]


def test_documentation_begins_with_what_it_opens(opener: Any) -> None:
    assert opener.__doc__.startswith(TITLES[opener])


def test_help_shows_the_documentation(opener: Any) -> None:
    shown = pydoc.plain(pydoc.render_doc(opener))
    assert all(line.strip() in shown for line in opener.__doc__.splitlines())


@pytest.mark.parametrize(
    ("arguments", "options", "reason"),
    [
        (("s",), {"stict": True}, "got an unexpected keyword argument 'stict'"),
        ((), {}, "missing 1 required positional argument: 'name'"),
        (("s", {}, True), {}, "takes from 2 to 3 positional arguments but 4 were given"),
    ],
)
def test_call_that_does_not_fit_names_the_public_functions(
    opener: Any, arguments: "tuple[Any, ...]", options: "dict[str, Any]", reason: str
) -> None:
    with pytest.raises(TypeError) as caught:
        opener(*arguments, **options)
    assert str(caught.value).startswith(f"session(), persistent() or shared() {reason}")
    assert "Opener" not in "".join(traceback.format_exception(caught.value))


def test_traceback_of_a_call_names_no_private_function(opener: Any) -> None:
    with pytest.raises(ValueError, match="layout") as caught:
        opener("s", layout="diary")
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames == ["test_traceback_of_a_call_names_no_private_function", "__call__"]
