"""What the data of a state has to be: a class, a function, or both."""

from collections.abc import Callable
from typing import Any

from ..codec import as_stored
from ..errors import DetachedError, SchemaError, UnstorableValueError
from ..reactive.graph import untracked
from ..reactive.map_view import MapView
from ..reactive.plain import copy_plain
from ..reactive.steps import Step
from ..reactive.view import Root, View
from .builder import build
from .misfit import Misfit, Path
from .models import Model, is_model
from .shapes import Shape

Data = dict[str, Any]
Function = Callable[[Data], Data]


class Schema:
    """The class of a typed `init`, and the option `schema`.

    A class given as `init` makes the view and decides how values are stored; one given as `schema` only
    checks. A function checks, and what it returns at opening takes the record's place.
    """

    def __init__(self, init: Any, given: Any) -> None:
        self.kind = _kind_of(init)
        self.given = given
        self._function: Function | None = None
        self._model: Model | None = None
        self._looks_at_wholes = False
        kind = self.kind
        if is_model(given):
            if kind is not None and given is not kind:
                raise ValueError(
                    f"init is a {kind.__name__}, which is its own schema; schema is {given.__name__}"
                )
            kind = given
        elif given is not None:
            if isinstance(given, type) or not callable(given):
                raise TypeError(
                    "schema is a dataclass, a Struct, a pydantic class or a function from dict to dict, "
                    f"not {given!r}"
                )
            self._function = given
        if kind is not None:
            self._model, self._looks_at_wholes = build(kind)
        self.init = self._first(init)

    @property
    def fields(self) -> "list[str]":
        """The names of the fields of a typed state."""
        assert self._model is not None
        return list(self._model.fields)

    @property
    def stored_fields(self) -> "list[str]":
        """Their keys in the record."""
        assert self._model is not None
        return list(self._model.by_key)

    # -- opening --------------------------------------------------------------------------------

    def _first(self, init: Any) -> Data:
        """`init` as plain data."""
        if self.kind is not None:
            assert self._model is not None
            init = self._model.to_plain(init)
        data: Data = {} if init is None else as_stored(init)
        try:
            self._fit(data)
        except Misfit as misfit:
            error = misfit.at()
            error.args = (f"init does not fit its schema: {error}",)
            raise error from misfit.__cause__
        if self.kind is not None:
            data = self._converted(data)
        return data

    def fit(self, data: Data) -> Data:
        """The data as the state holds it; `data` is used up. Raises `SchemaError`.

        What a class does not know stays in the record. Fields that are missing come from `init`.
        """
        if self.kind is not None:
            for key, value in self.init.items():
                if key not in data:
                    data[key] = copy_plain(value)
        try:
            return self._fit(data)
        except Misfit as misfit:
            raise misfit.at() from misfit.__cause__

    def _fit(self, data: Data) -> Data:
        if self._model is not None:
            if self.kind is not None:
                data = _with_unknown(data, self._converted(data))
            else:
                self._model.check(data)
        if self._function is not None:
            data = self._called(self._function, data)
            if self.kind is not None:
                data = _with_unknown(data, self._converted(data))
        return data

    def _converted(self, data: Data) -> Data:
        assert self._model is not None
        try:
            converted: Data = as_stored(self._model.to_plain(self._model.converted(data)))
        except UnstorableValueError as error:
            raise Misfit(str(error)) from error
        return converted

    def _called(self, function: Function, data: Data) -> Data:
        try:
            result = as_stored(untracked(lambda: function(copy_plain(data))))
        except SchemaError:
            raise
        except Exception as error:
            raise Misfit(str(error) or repr(error)) from error
        if type(result) is not dict:
            raise Misfit(f"it returned {type(result).__name__}, not a dict")
        return result

    def salvage(self, data: Data) -> "tuple[Data, list[str]]":
        """What fits of data that does not, key by key, over `init`; and the keys that do not."""
        good = copy_plain(self.init)
        refused: list[str] = []
        for key, value in data.items():
            tried = copy_plain(good)
            tried[key] = copy_plain(value)
            try:
                good = self.fit(tried)
            except SchemaError:
                refused.append(key)
        return good, refused

    def view(self, data: Data, root: Root) -> View:
        """The view of the whole state."""
        if self.kind is None:
            return MapView(data, root)
        from . import containers  # noqa: F401 - enters the views of containers

        assert self._model is not None
        return self._model.make(data, root, None, None)

    # -- changes --------------------------------------------------------------------------------

    def check(self, steps: "list[Step]") -> None:
        """Raise `SchemaError` where the state does not fit after these changes of it."""
        try:
            if self._model is not None and (self.kind is None or self._looks_at_wholes):
                self._check_places(self._model, steps)
            if self._function is not None:
                root = steps[0].view._root.view
                self._called(self._function, root._data)
        except Misfit as misfit:
            raise misfit.at() from misfit.__cause__

    def _check_places(self, model: Model, steps: "list[Step]") -> None:
        looked_at: set[Path] = set()
        top = steps[0].view._root.view._data
        for step in steps:
            try:
                path = step.view._path()
            except DetachedError:  # by a later step, which is looked at too
                continue
            for place in _places(step, path, is_alone=len(steps) == 1):
                shape, data, where = self._narrowed(model, top, place)
                if shape is None or where in looked_at:
                    continue
                looked_at.add(where)
                try:
                    shape.check(data)
                except Misfit as misfit:
                    raise Misfit(misfit.reason, where + misfit.path) from misfit.__cause__

    def _narrowed(self, model: Model, data: Any, path: Path) -> "tuple[Shape | None, Any, Path]":
        """The smallest part that has to be looked at after a change at the path; None where there is none.

        In a typed view single values were looked at when they were assigned.
        """
        shape: Shape = model
        for number, key in enumerate(path):
            if shape.has_rules:
                return shape, data, path[:number]
            found = shape.of(data)
            part = found.part(key)
            if part is None:
                return (None if self.kind else shape), data, path[:number]
            if not _holds(data, key):  # it was removed
                is_free = self.kind is not None or not isinstance(found, Model)
                return (None if is_free else found), data, path[:number]
            shape, data = part, data[key]
        if self.kind is not None and not shape.has_rules:
            return None, data, path
        return shape, data, path


def _holds(data: Any, key: Any) -> bool:
    return key < len(data) if type(data) is list else key in data


def _places(step: Step, path: Path, *, is_alone: bool) -> "list[Path]":
    """Where new data stands after a step; the whole container where that is not known."""
    if step.op == "order":
        return []
    data = step.view._data
    key: Any = step.key
    if type(data) is dict or (step.op == "set" and is_alone):
        return [(*path, key)]
    if step.op == "splice" and is_alone:
        return [(*path, key + number) for number in range(len(step.new) or 1)]
    if step.op == "move" and is_alone:
        return [(*path, step.new)]
    return [path]


def _with_unknown(before: Data, after: Data) -> Data:
    """Converted data, with the keys of the record that the class does not know."""
    for key, value in before.items():
        if key not in after:
            after[key] = value
        else:
            _keep_unknown(value, after[key])
    return after


def _keep_unknown(before: Any, after: Any) -> None:
    if type(before) is dict and type(after) is dict:
        _with_unknown(before, after)
    elif type(before) is list and type(after) is list and len(before) == len(after):
        for one, other in zip(before, after):
            _keep_unknown(one, other)


def _differs(what: str, first: Any, second: Any) -> str:
    return f"this state is open with the {what} {_name(first)} already, not with {_name(second)}"


def _name(value: Any) -> str:
    return "none" if value is None else str(getattr(value, "__name__", value))


def check_same(schema: "Schema | None", init: Any, given: Any) -> None:
    """Raise `ValueError` where a state that is open with `schema` is opened with something else."""
    kind = None if schema is None else schema.kind
    other = _kind_of(init)
    if kind is not other:
        raise ValueError(_differs("class", kind, other))
    before = None if schema is None else schema.given
    if given is not None and given is not other and given != before:
        raise ValueError(_differs("schema", before, given))


def _kind_of(init: Any) -> "type | None":
    return type(init) if is_model(type(init)) and not isinstance(init, type) else None
