"""Options as they are written in another language: the error says how they are written here."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from ..spelling import snake

Function = TypeVar("Function", bound=Callable[..., Any])

_ELSEWHERE = {
    "session_id": "id",
    "resume_id": "resume",
    "storage": "session_storage",
    "max_turns": "max_rounds",
    "system_prompt": "system",
}


def by_keyword(*more: str) -> Callable[[Function], Function]:
    """For a function whose options are keyword-only, and `more` of them in its ``**options``.

    A call with another option, or with one that has no keyword, raises a `TypeError` that shows the form.
    """

    def decorate(function: Any) -> Any:
        places = function.__code__.co_varnames[: function.__code__.co_argcount]
        known = (*(function.__kwdefaults__ or ()), *more)

        def check(args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
            if len(args) > len(places):
                given = [place for place, value in zip(places, args) if value is not None]
                raise TypeError(_in_its_form(function.__name__, given, known, args[len(places)]))
            for option in options:
                if option not in known and option not in places:
                    said = _instead_of(option, (*places, *known))
                    raise TypeError(f"{function.__name__}() has no option {option!r}; {said}")

        if not iscoroutinefunction(function):

            @wraps(function)
            def call(*args: Any, **options: Any) -> Any:
                check(args, options)
                return function(*args, **options)

            return call

        # Whoever runs callbacks asks whether one is a coroutine function: the wrapper has to be one too.
        @wraps(function)
        async def called(*args: Any, **options: Any) -> Any:
            check(args, options)
            return await function(*args, **options)

        return called

    return decorate


def _in_its_form(name: str, given: list[str], known: "tuple[str, ...]", extra: Any) -> str:
    meant = [_meant(str(each), known) for each in extra] if isinstance(extra, Mapping) else []
    options = [f"{each}=..." for each in meant if each is not None] or [f"{known[0]}=..."]
    return f"{name}() takes its options by keyword: {name}({', '.join(given + options)})"


def _instead_of(option: str, known: "tuple[str, ...]") -> str:
    meant = _meant(option, known)
    if meant is not None:
        return f"write {meant}="
    if "config" in known:
        field = _ELSEWHERE.get(snake(option), snake(option))
        return f"what the model's server is to get is written config={{{field!r}: ...}}"
    return f"it has {', '.join(known)}"


def _meant(option: str, known: "tuple[str, ...]") -> str | None:
    """The option of ours that it is, if one can tell."""
    from difflib import get_close_matches  # for those who misspell alone

    name = snake(option)
    for each in (name, _ELSEWHERE.get(name)):
        if each in known:
            return each
    return next(iter(get_close_matches(name, known, 1, 0.8)), None)
