"""vLLM's version, however it is got at, and what it is compared with."""

import ast

from hwcheck.extract.annotations import dotted
from hwcheck.extract.frames import Frame
from hwcheck.extract.split import root_of
from hwcheck.extract.state import State
from hwcheck.model.facts import Chain

__all__ = [
    "VERSION",
    "canonical",
    "constant_of",
    "is_version",
    "note_version",
    "quiet_chain",
    "unwrap",
]

VERSION = "vllm.__version__"
_VERSION_NAMES = frozenset({"__version__", "__version_tuple__", "VERSION"})
#: Calls whose result stands for their argument when it is compared.
_WRAPPERS = frozenset({"Version", "parse", "parse_version", "LooseVersion", "StrictVersion", "str"})
_VERSION_PARTS = frozenset({"base_version", "public", "release"})
_OF_DISTRIBUTION = frozenset({"version", "get_version", "get_distribution_version", "distribution"})
#: What environment variables are asked with, a second argument being used where there is none.
_ASKING = frozenset({"getenv", "get"})


def unwrap(node: ast.expr) -> ast.expr:
    """Take off what turns a text into a version."""
    while True:
        if isinstance(node, ast.Call) and len(node.args) == 1:
            last = dotted(node.func).rpartition(".")[2]
            if last not in _WRAPPERS:
                return node
            node = node.args[0]
        elif (isinstance(node, ast.Attribute) and node.attr in _VERSION_PARTS) or (
            isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        ):
            node = node.value
        elif (inner := _before_suffix(node)) is not None:
            node = inner
        else:
            return node


def _before_suffix(node: ast.expr) -> ast.expr | None:
    """Take ``.split("+")[0]`` off."""
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(value=inner, attr="split" | "partition"), args=args),
            slice=ast.Constant(value=0),
        ) if args and isinstance(args[0], ast.Constant) and args[0].value != ".":
            return inner
    return None


def is_version(state: State, node: ast.expr) -> bool:
    """Tell whether an expression is vLLM's version, or what the environment says instead."""
    match node:
        case ast.Name(id=name):
            return _is_version_name(state, name)
        case ast.Attribute(attr=name) if name in _VERSION_NAMES:
            return _is_named(state, node)
        case ast.Call(func=function, args=[ast.Constant(value="vllm")]):
            return dotted(function).rpartition(".")[2] in _OF_DISTRIBUTION
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), default]):
            is_asked = dotted(function).rpartition(".")[2] in _ASKING
            return is_asked and "VERSION" in name and is_version(state, unwrap(default))
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(is_version(state, unwrap(value)) for value in values)
        case ast.IfExp(body=yes, orelse=no):
            return is_version(state, unwrap(yes)) or is_version(state, unwrap(no))
    return False


def _is_version_name(state: State, name: str) -> bool:
    here: Frame | None = state.frame
    while here is not None:
        if name in here.versions:
            return here.versions[name]
        if here.kind == "function" and (name in here.arguments or name in here.locals):
            break
        here = here.parent
    return _is_named(state, ast.Name(name))


def _is_named(state: State, node: ast.expr) -> bool:
    chain = state.globalise(dotted(node))
    return bool(chain) and canonical(state, chain) == VERSION


def note_version(state: State, name: str, value: ast.expr) -> None:
    """Remember whether a name that is assigned stands for vLLM's version.

    It does so too where a part of its values are constants, or a setting with such a name.
    """
    versions = state.frame.versions
    bare = unwrap(value)
    if is_version(state, bare):
        if name not in versions:
            versions[name] = _may_have_been(state, name)
    elif name in versions and not isinstance(bare, ast.Constant):
        versions[name] &= _is_setting(quiet_chain(bare))


def _may_have_been(state: State, name: str) -> bool:
    """Tell whether what a name was before leaves it to be vLLM's version."""
    frame = state.frame
    before = [each.value for each in frame.locals.get(name, ()) if each.how != "narrow"]
    if frame.kind == "module":
        before = state.values.get(name, [])
    return name not in frame.arguments and all(map(_is_setting, before))


def _is_setting(chain: Chain) -> bool:
    """Tell a constant, or a chain that may be set to a version by the one who runs it."""
    if chain in ("str()", "None()"):
        return True
    last = chain.removesuffix("()").rpartition(".")[2]
    return last in _ASKING or last.upper().endswith("VERSION")


def quiet_chain(node: ast.expr) -> Chain:
    """Write the chain of what was visited already."""
    if isinstance(node, ast.Call):
        inner = quiet_chain(node.func)
        return f"{inner}()" if inner else ""
    return dotted(node)


def canonical(state: State, chain: Chain) -> Chain:
    """Write vLLM's version always as ``vllm.__version__``, however it was imported."""
    for _ in range(4):
        root = root_of(chain)
        values = state.values.get(root)
        if not values or len(values) > 1 or not values[0] or root_of(values[0]) == root:
            break
        chain = values[0] + chain[len(root) :]
    root = root_of(chain)
    for binding in state.bindings:
        if binding.name == root and binding.target in ("vllm", "vllm.version"):
            member = f".{binding.member}" if binding.member else ""
            chain = f"{binding.target}{member}{chain[len(root) :]}"
            break
    first, _, rest = chain.partition(".")
    if first != "vllm":
        return chain
    name, dot, after = rest.removeprefix("version.").partition(".")
    return f"{VERSION}{dot}{after}" if name in _VERSION_NAMES else chain


def constant_of(node: ast.expr) -> str:
    """Write a constant that something is compared with; tuples of numbers as versions."""
    node = unwrap(node)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Tuple) and node.elts:
        parts = [x.value for x in node.elts if isinstance(x, ast.Constant)]
        if len(parts) == len(node.elts) and all(type(part) is int for part in parts):
            return ".".join(map(str, parts))
    return ""
