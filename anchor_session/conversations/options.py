"""Options as they are written in another language: the error says how they are written here."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from ..spelling import nearest, option_error, snake

Function = TypeVar("Function", bound=Callable[..., Any])

_ELSEWHERE = {
    "session_id": "id",
    "resume_id": "resume",
    "storage": "session_storage",
    "max_turns": "max_rounds",
}


def by_keyword(*more: str) -> Callable[[Function], Function]:
    """For a function whose options are keyword-only, and `more` of them in its ``**options``.

    A call with another option, or with one that has no keyword, raises a `TypeError` that shows the form.
    """

    def decorate(function: Any) -> Any:
        places = function.__code__.co_varnames[: function.__code__.co_argcount]
        known = [*(function.__kwdefaults__ or ()), *more]

        def check(args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
            if len(args) > len(places):
                given = [place for place, value in zip(places, args) if value is not None]
                raise TypeError(_in_its_form(function.__name__, given, known, args[len(places)]))
            for option in options:
                if option not in known and option not in places:
                    all_known = [*places, *known]
                    raise option_error(
                        f"{function.__name__}()",
                        option,
                        all_known,
                        meant=_ELSEWHERE.get(snake(option)),
                        more=_to_the_model(option) if "config" in known else "",
                    )

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


def options_of(function: Any) -> list[str]:
    """The keyword-only options of a function that `by_keyword` has decorated."""
    return list(function.__wrapped__.__kwdefaults__)


def _to_the_model(option: str) -> str:
    name = {"system_prompt": "system"}.get(snake(option), snake(option))
    return f"; what is the model's goes into config={{{name!r}: ...}}"


def _in_its_form(name: str, given: list[str], known: list[str], extra: Any) -> str:
    meant = [_meant(str(each), known) for each in extra] if isinstance(extra, Mapping) else []
    options = [f"{each}=..." for each in (meant if any(meant) else known) if each is not None]
    return f"{name}() takes its options by keyword: {name}({', '.join(given + options)})"


def _meant(option: str, known: list[str]) -> str | None:
    """The option of ours that it is, if one can tell."""
    other = _ELSEWHERE.get(snake(option))
    return other if other in known else nearest(option, known)
