"""What tells a call from another: a digest of a measure, its options and a table, the same in every process.

Arrays and whatever else can be pickled are hashed by joblib. What pickle knows by name alone is told here by what it
does: functions by their code, defaults, and the contents of what they close over and of the globals that they use.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Iterator, Mapping, Set
from functools import cached_property, partial
from hashlib import blake2b
from io import BufferedRandom, BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from types import CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import MissingDependencyError, OptionError
from gvckit.table.data import Table

#: Instructions that load what a function closes over, and globals.
_CLOSED = {"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"}
_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD"}
#: Methods that change a list, set or dict and return nothing.
_WRITES = {"append", "extend", "add", "update"}
#: What is more than its contents. Pickle refuses them, unless another library has taught it to take them.
_FILES = (FileIO, BufferedReader, BufferedWriter, BufferedRandom, TextIOWrapper)
_UNTOLD = (type(threading.Lock()), type(threading.RLock()), *_FILES, GeneratorType)


def digest(value: object) -> str:
    """Short hash of contents.

    Raises
    ------
    OptionError
        Something that holds what can't be told from another, such as a lock or an open file.
    """
    try:
        from joblib import hash as hashed
    except ImportError as error:
        raise MissingDependencyError.of("joblib", "a checkpoint", "checkpoint") from error
    try:
        return str(hashed(_told(value, ())))
    except Exception as error:  # pickling runs code of any class
        why = f"{type(error).__name__}: {error}"
        raise OptionError(f"a checkpoint can't tell {value!r:.60} from another ({why}): do without one") from error


def _told(value: Any, outer: tuple[int, ...]) -> Any:
    """Contents as tuples, texts and arrays; `outer` are what it lies in, so that a circle ends."""
    if value is None or isinstance(value, str | bytes | bool | int | float | complex):
        return value
    if id(value) in outer:
        return ("again", outer.index(id(value)))
    outer = (*outer, id(value))

    def told(*parts: Any) -> tuple[Any, ...]:
        return tuple(_told(part, outer) for part in parts)

    if isinstance(value, Table):
        given = value.given
        labels = (given.labels.regions, given.labels.sectors, given.labels.categories)
        arrays = told(*given.arrays.values())
        return (type(value).__name__, arrays, *told(labels, dict(given.meta), dict(given.extensions)))
    if isinstance(value, pd.DataFrame | pd.Series):
        dtypes = [value.dtype] if isinstance(value, pd.Series) else list(value.dtypes)
        kinds = tuple(str(dtype.kind) for dtype in dtypes)
        name = getattr(value, "name", None)
        return (type(value).__name__, kinds, *told(value.to_numpy(), value.axes, value.attrs, name))
    if isinstance(value, pd.Index):
        return ("index", told(list(value.names)), told(*value.tolist()))
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return ("array", value.shape, *told(value.tolist()))
        flat = np.asarray(value).ravel()
        # Strides of one cell say nothing, and joblib counts them.
        return ("array", value.dtype.str, value.shape, flat if flat.size > 1 else flat.tobytes())
    if isinstance(value, Mapping):
        return (type(value).__name__, tuple(told(*pair) for pair in value.items()))
    if isinstance(value, Set):
        return (type(value).__name__, tuple(sorted(digest(part) for part in value)))
    if isinstance(value, list | tuple):
        return (type(value).__name__, told(*value))
    if callable(value) or isinstance(value, ModuleType | staticmethod | classmethod | property | cached_property):
        return _behaviour(value, outer)
    return _object(value, outer)


def _object(value: Any, outer: tuple[int, ...]) -> Any:
    """Class and attributes of an object that is pickled by them; else what pickle makes of it."""
    kind = type(value)
    if isinstance(value, _UNTOLD):
        raise TypeError(f"{kind.__name__} objects differ in more than what they hold")
    own = all(getattr(kind, name) is getattr(object, name) for name in ("__reduce__", "__reduce_ex__"))
    state = value.__getstate__() if own else None
    return ("object", _told(kind, outer), value if state is None else _told(state, outer))


# ---- what runs ------------------------------------------------------------------------------------------------


def _behaviour(value: Any, outer: tuple[int, ...]) -> Any:
    """What a function, method, class, module or callable object does."""

    def told(*parts: Any) -> tuple[Any, ...]:
        return tuple(_told(part, outer) for part in parts)

    if isinstance(value, partial):
        return ("partial", *told(value.func, value.args, value.keywords))
    if isinstance(value, MethodType):
        return ("method", *told(value.__func__, value.__self__))
    if isinstance(value, FunctionType):
        return _function(value, outer)
    if isinstance(value, staticmethod | classmethod):
        return (type(value).__name__, *told(value.__func__))
    if isinstance(value, property):
        return ("property", *told(value.fget))
    if isinstance(value, cached_property):
        return ("property", *told(value.func))
    if isinstance(value, ModuleType):
        return _module(value.__name__)
    if isinstance(value, type):
        return _class(value, outer)
    if hasattr(value, "__wrapped__"):
        return ("wrapped", type(value).__name__, *told(value.__wrapped__))
    if type(value).__module__ == "builtins" or isinstance(value, np.ufunc):
        return (_name(value), *told(getattr(value, "__self__", None)))
    return _object(value, outer)


def _function(value: FunctionType, outer: tuple[int, ...]) -> Any:
    """Name and version of a library's function; of one's own its code, defaults, and what it reads from outside."""
    library = _version(value.__module__)
    if library is not None and value.__closure__ is None and "<locals>" not in value.__qualname__:
        return (_name(value), library)
    code = value.__code__
    parts: list[Any] = [value.__defaults__, value.__kwdefaults__, vars(value)]
    closed = dict(zip(code.co_freevars, value.__closure__ or (), strict=True))
    reads = _reads(code, _CLOSED)
    parts += [(name, _read(_content(closed[name]), reads[name])) for name in sorted(closed.keys() & reads)]
    if library is None:
        reads, known = _reads(code, _GLOBAL), value.__globals__
        parts += [(name, _read(known[name], reads[name])) for name in sorted(known.keys() & reads)]
        parts += [_module(name) for name in _imports(code)]
    return (_name(value), library, _code(code), *(_told(part, outer) for part in parts))


def _read(value: Any, chains: list[tuple[str, ...]]) -> Any:
    """What is read of an outer value: of a module the names that are used, of a list that is only added to nothing."""
    if isinstance(value, ModuleType):
        return [_attribute(value, chain) for chain in chains]
    if type(value) in (list, set, dict) and all(chain and chain[0] in _WRITES for chain in chains):
        return type(value).__name__
    return value


def _attribute(module: Any, chain: tuple[str, ...]) -> Any:
    """What a chain of attributes of a module leads to, as far as it leads through modules."""
    for name in chain:
        if not isinstance(module, ModuleType) or not hasattr(module, name):
            break
        module = getattr(module, name)
    return module


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _code(code: CodeType) -> Any:
    """Instructions, names and constants; of functions inside a function too."""
    constants = [_code(c) if isinstance(c, CodeType) else _constant(c) for c in code.co_consts]
    return (code.co_code, code.co_names, code.co_freevars, tuple(constants))


def _constant(value: Any) -> str:
    # The order of a frozen set is another in each process.
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _reads(code: CodeType, instructions: set[str]) -> dict[str, list[tuple[str, ...]]]:
    """Names that a function and those inside it load, each with the attributes that are then taken of it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for inner in _codes(code):
        steps = [step for step in dis.get_instructions(inner) if step.opname != "EXTENDED_ARG"]
        for place, step in enumerate(steps):
            if step.opname in instructions:
                chain = []
                for after in steps[place + 1 :]:
                    if after.opname not in _ATTRIBUTE:
                        break
                    chain.append(str(after.argval))
                found.setdefault(str(step.argval), set()).add(tuple(chain))
    return {name: sorted(chains) for name, chains in found.items()}


def _imports(code: CodeType) -> list[str]:
    """Modules of one's own that a function imports when it runs."""
    steps = [step for inner in _codes(code) for step in dis.get_instructions(inner)]
    names = {str(step.argval) for step in steps if step.opname == "IMPORT_NAME"}
    return sorted(name for name in names if name in sys.modules and _version(name) is None)


def _class(value: type, outer: tuple[int, ...]) -> Any:
    """Name and version of a library's class; of one's own what stands in it, and its bases."""
    library = _version(value.__module__)
    if library is not None:
        return (_name(value), library)
    written = {
        name: part
        for name, part in vars(value).items()
        if not name.startswith("_abc") and name not in ("__dict__", "__weakref__", "__doc__", "__module__")
        and type(part).__name__ not in ("member_descriptor", "getset_descriptor")
    }  # fmt: skip
    return (_name(value), *(_told(part, outer) for part in (value.__bases__, dict(sorted(written.items())))))


def _module(name: str) -> Any:
    """Name and version of a library; of one's own module the text of its file."""
    version = _version(name)
    file = getattr(sys.modules.get(name), "__file__", None)
    if version is not None or file is None:
        return ("module", name, version)
    return ("module", name, blake2b(Path(file).read_bytes()).hexdigest())


def _version(module: str | None) -> str | None:
    """Version of the library that a module belongs to; None for a module of one's own, which may be edited."""
    top = (module or "").partition(".")[0]
    if top == "__main__":
        return None
    if top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return "{}.{}".format(*sys.version_info)
    found = sys.modules.get(top)
    installed = {"site-packages", "dist-packages"} & set(Path(getattr(found, "__file__", None) or ".").parts)
    return str(getattr(found, "__version__", "")) if installed or top == "gvckit" else None


def _name(value: Any) -> str:
    return f"{value.__module__}.{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"


def name_of(measure: Any) -> str:
    """Name of a measure, for a progress bar or a message."""
    return str(getattr(measure, "__name__", None) or getattr(getattr(measure, "func", None), "__name__", "measure"))
