"""What editors, `help()` and errors are told of `session()`, `persistent()` and `shared()`."""

import inspect
import pydoc
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    InstanceScope,
    SessionScope,
    SessionStorage,
    leave,
    persistent,
    restored,
    session,
    shared,
)
from anchor_session.page.opening import Opener
from tests.support import rows

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


@rows(
    ("arguments", "options", "reason"),
    [
        (
            ("s",),
            {"stict": True},
            "got an unexpected keyword argument 'stict': write strict=",
        ),
        (("s",), {"onError": print}, "argument 'onError': write on_error="),
        (("s",), {"cloned": True}, "argument 'cloned': a state always starts from a copy"),
        (("s",), {"safeParse": True}, "argument 'safeParse': what fits of a record is used"),
        (("s",), {"silentInit": True}, "the filters of warnings"),
        (("s",), {"ordered": True}, "state.rows.sort"),
        (("s",), {"observable": True}, "subscribe()"),
        (("s",), {"deferred": True}, "with batch():"),
        ((), {}, "missing 1 required positional argument: 'name'"),
        (("s", {}, {"merge": "deep"}), {}, 'session("cart", {"lines": []}, merge="deep")'),
    ],
)
def test_call_that_does_not_fit_names_the_public_functions(
    arguments: "tuple[Any, ...]", options: "dict[str, Any]", reason: str
) -> None:
    for opener in TITLES:
        with pytest.raises(TypeError) as caught:
            opener(*arguments, **options)
        assert str(caught.value).startswith("session(), persistent() or shared() ")
        assert reason in str(caught.value)
        assert "Opener" not in "".join(traceback.format_exception(caught.value))


def test_flat_is_not_recursive() -> None:
    with pytest.raises(ValueError, match="recursive is True or False, not 'flat'"):
        session("s", recursive="flat")  # type: ignore[call-overload]


@rows(
    ("call", "kind", "reason"),
    [
        (
            lambda: session("s", area="locl"),
            ValueError,
            "an area is 'session', 'local' or an object",
        ),
        (lambda: session("s", on_error=5), TypeError, "on_error is a function .* not an int"),  # type: ignore[call-overload]
        (lambda: SessionStorage("s").subscribe(None), TypeError, "subscribe"),  # type: ignore[arg-type]
        (lambda: SessionScope().subscribe(None), TypeError, "subscribe"),  # type: ignore[arg-type]
        (lambda: InstanceScope().subscribe(5), TypeError, "subscribe"),  # type: ignore[arg-type]
    ],
)
def test_what_would_fail_later_is_refused_at_once(
    call: "Callable[[], object]", kind: "type[Exception]", reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        call()


@rows("act", [lambda state: state._id, lambda state: setattr(state, "_id", 8)])
def test_key_that_begins_with_an_underscore_is_told_the_item(
    act: "Callable[[Any], object]",
) -> None:
    with pytest.raises(AttributeError, match=r'write state\["_id"\]'):
        act(session("s", {"_id": 7}))


class Encrypted(SessionStorage):
    def json(self, indent: "int | None" = None) -> str:
        return ""


class Below(Encrypted):
    prefix = "p"

    def additional(self) -> None:
        """What a state does not know of is no harm."""


class Made(SessionStorage):
    def __init__(self, name: str) -> None:
        super().__init__(name)


@rows(
    ("storage_class", "reason"),
    [
        (Encrypted, "`Encrypted.json` would never be called"),
        (Below, "`Encrypted.json` would never be called"),
        (Made, "`Made.__init__` would never be called"),
        (SessionStorage("x"), "not a SessionStorage"),
        (dict, "not the class dict"),
        ("local", "subclass of SessionStorage, not a str; area= takes"),
    ],
)
def test_storage_class_that_overrides_what_is_not_used_is_refused(
    storage_class: Any, reason: str
) -> None:
    with pytest.raises(TypeError, match=reason):
        session("s", storage_class=storage_class)


def test_traceback_of_a_call_names_no_private_function(opener: Any) -> None:
    with pytest.raises(ValueError, match="layout") as caught:
        opener("s", layout="diary")
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames == ["test_traceback_of_a_call_names_no_private_function", "__call__"]
