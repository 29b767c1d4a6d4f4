"""A plugin for mypy that knows the keys of a `State`.

    [tool.mypy]
    plugins = ["anchor_session.mypy_plugin"]

With it ``state.key("count")``, ``state.signal.count`` and ``state.signal["count"]`` have the type of that
field of the state's `TypedDict` or dataclass, and a name that is none is an error. Without it they are
``Signal[Any]``: Python's type system has no way to say "the type of the key of this name".
"""

from collections.abc import Callable

from mypy.nodes import Var
from mypy.plugin import AttributeContext, MethodContext, Plugin
from mypy.types import Instance, LiteralType, Type, TypedDictType, get_proper_type

_STATE = "anchor_session.state.State"
_SIGNALS = "anchor_session.state.signals.Signals"


class StatePlugin(Plugin):
    """Gives signals the types of the keys they are asked for."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        # The class that is named is the one of the object, which may be derived from State.
        if fullname.endswith(".key") or fullname == f"{_SIGNALS}.__getitem__":
            return _of_item
        return None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        if fullname.startswith(f"{_SIGNALS}."):
            name = fullname.rpartition(".")[2]
            return lambda context: _of_attribute(context, name)
        return None


def plugin(version: str) -> type[StatePlugin]:
    """What mypy asks a plugin for."""
    return StatePlugin


def _of_item(context: MethodContext) -> Type:
    if not context.arg_types or not context.arg_types[0]:
        return context.default_return_type
    owner, asked = get_proper_type(context.type), get_proper_type(context.arg_types[0][0])
    if isinstance(asked, Instance) and asked.last_known_value is not None:
        asked = asked.last_known_value
    if not isinstance(asked, LiteralType) or not isinstance(asked.value, str):
        return context.default_return_type
    return _signal_of(context, owner, asked.value, context.default_return_type)


def _of_attribute(context: AttributeContext, name: str) -> Type:
    return _signal_of(context, get_proper_type(context.type), name, context.default_attr_type)


def _signal_of(
    context: "MethodContext | AttributeContext", owner: Type, name: str, default: Type
) -> Type:
    """The signal's type with the type of that field in it."""
    default = get_proper_type(default)
    if not isinstance(owner, Instance) or not isinstance(default, Instance):
        return default
    state = next((base for base in owner.type.mro if base.fullname in (_STATE, _SIGNALS)), None)
    if state is None:
        return default
    fields = _fields(owner, state.fullname)
    if fields is None:
        return default
    if name not in fields:
        context.api.fail(
            f'the state has no key "{name}"; it has {", ".join(fields)}', context.context
        )
        return default
    return default.copy_modified(args=[fields[name]])


def _fields(owner: Instance, base: str) -> "dict[str, Type] | None":
    """The fields of the class that the state is of; None where that has none that are known."""
    from mypy.expandtype import expand_type_by_instance
    from mypy.maptype import map_instance_to_supertype

    info = next(each for each in owner.type.mro if each.fullname == base)
    of = get_proper_type(map_instance_to_supertype(owner, info).args[0])
    if isinstance(of, TypedDictType):
        return dict(of.items)
    if not isinstance(of, Instance) or "dataclass" not in of.type.metadata:
        return None
    return {
        name: expand_type_by_instance(symbol.node.type, map_instance_to_supertype(of, info))
        for info in reversed(of.type.mro)
        for name, symbol in info.names.items()
        if isinstance(symbol.node, Var) and symbol.node.type is not None
        if name[:2] != "__" and not symbol.node.is_classvar
    }
