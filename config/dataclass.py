"""Dataclasses that are made quickly: `__init__` is compiled when the first instance is made.

`dataclasses.dataclass` compiles six functions for each frozen class, half a millisecond a class, whether or not a run
uses them. Here the fields and slots come from `dataclasses`, `__init__` is compiled on first use, and the other methods
are written once for all classes. The type checker sees `dataclasses.dataclass` itself.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")


def _quick_dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False
) -> Callable[[type[T]], type[T]]:
    """Make a class a dataclass, as `dataclasses.dataclass` does with the same options.

    Instances cannot be ordered, pickled or copied by `copy`; a class that needs this takes the library's decorator.
    """

    def made(cls: type[T]) -> type[T]:
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        for name, method in _methods(cls, frozen=frozen).items():
            if cls.__dict__.get(name) is None:  # the class's own method stays
                setattr(cls, name, method)
        return cls

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _quick_dataclass


def _methods(cls: type[Any], *, frozen: bool) -> dict[str, Any]:
    compared = [field.name for field in dataclasses.fields(cls) if field.compare]
    values: Callable[[Any], Any] = attrgetter(*compared) if compared else lambda _: ()

    def init(self: Any, *given: object, **named: object) -> None:
        cls.__init__ = _compiled_init(cls)
        cls.__init__(self, *given, **named)

    def equal(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    methods: dict[str, Any] = {"__init__": init, "__repr__": _repr, "__eq__": equal}
    methods["__hash__"] = hashed if frozen else None
    if frozen:
        methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
    return methods


def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _compiled_init(cls: type[Any]) -> Callable[..., None]:
    """Compile the `__init__` of a dataclass. It sets slots by their descriptors: frozen ones refuse `setattr`."""
    names: dict[str, Any] = {"MISSING": dataclasses.MISSING, "set_": object.__setattr__}
    positional, keyword, body = ["self"], list[str](), list[str]()
    for field in dataclasses.fields(cls):
        name, value, default = field.name, field.name, ""
        if field.default is not dataclasses.MISSING:
            names[f"default_{name}"] = field.default
            default = f"=default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"make_{name}"] = field.default_factory
            value, default = f"make_{name}() if {name} is MISSING else {name}", "=MISSING"
        slot = getattr(cls, name, None)
        if isinstance(slot, MemberDescriptorType):
            names[f"set_{name}"] = slot.__set__
            body.append(f"set_{name}(self, {value})")
        else:
            body.append(f"set_(self, {name!r}, {value})")
        (keyword if field.kw_only else positional).append(name + default)
    parameters = ", ".join([*positional, "*", *keyword] if keyword else positional)
    body.append("self.__post_init__()" if hasattr(cls, "__post_init__") else "pass")
    exec(f"def __init__({parameters}):\n " + "\n ".join(body), names)  # noqa: S102 - dataclasses itself does the same
    compiled: Callable[..., None] = names["__init__"]
    compiled.__qualname__ = f"{cls.__qualname__}.__init__"  # named in errors about arguments
    return compiled
