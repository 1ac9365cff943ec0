"""Which chains can lead to vLLM or to the plugin itself."""

import builtins
import re

from hwcheck.extract.frames import Frame
from hwcheck.extract.split import LITERALS, root_of
from hwcheck.extract.state import State
from hwcheck.model.facts import BindingKind, Chain

__all__ = ["Relevance"]

#: Of a function that may be stored onto a class, whatever its annotation says.
_RECEIVER = "self"

_WORDS = re.compile(r"[A-Za-z_][\w.]*")
#: Words in annotations that name nothing of anybody.
_PLAIN = frozenset(
    {*dir(builtins), "None", "Any", "Optional", "Union", "List", "Dict", "Tuple", "Set", "Callable"}
    | {"Iterable", "Iterator", "Sequence", "Mapping", "Literal", "Generator"}
)


class Relevance:
    """Decides about names, each once a scope."""

    def __init__(self, state: State) -> None:
        """Judge the names of the file that was read."""
        self._state = state
        self._known: dict[tuple[str, int], bool] = {}
        self._of_module: dict[str, bool] = {}
        self._has_star = False
        for binding in state.bindings:
            if binding.kind is BindingKind.STAR:
                self._has_star |= state.is_wanted(binding.target)
                continue
            relevant = self._binds(binding.kind, binding.target)
            self._of_module[binding.name] = self._of_module.get(binding.name, False) or relevant

    def _binds(self, kind: BindingKind, target: str) -> bool:
        if kind in (BindingKind.IMPORT, BindingKind.FROM):
            return self._state.is_wanted(target)
        if kind in (BindingKind.CLASS, BindingKind.FUNCTION, BindingKind.DECLARED):
            return True
        if kind is BindingKind.VALUE:
            root = root_of(target)
            return bool(root) and f"{root}()" not in LITERALS and self._of_module.get(root, False)
        return False

    def is_relevant(self, chain: Chain, frame: Frame) -> bool:
        """Tell whether something may be found out about a chain."""
        return self._is_relevant(root_of(chain), frame, 0)

    def is_external(self, chain: Chain, frame: Frame) -> bool:
        """Tell whether a chain starts from an import of another package."""
        root = root_of(chain)
        here: Frame | None = frame
        while here is not None and here.parent is not None:
            if here.kind == "function" and root in here.arguments:
                return False
            for local in here.locals.get(root, ()):
                return local.how == "import" and not self._is_wanted(local.value)
            here = here.parent
        return any(
            binding.name == root
            and binding.kind in (BindingKind.IMPORT, BindingKind.FROM)
            and not self._state.is_wanted(binding.target)
            for binding in self._state.bindings
        )

    def _is_wanted(self, dotted: str) -> bool:
        return self._state.is_wanted(dotted.partition(":")[0])

    def _is_relevant(self, root: str, frame: Frame, depth: int) -> bool:
        key = (root, frame.index)
        found = self._known.get(key)
        if found is None:
            self._known[key] = False  # a name that is made of itself leads nowhere
            found = self._known[key] = self._decide(root, frame, depth)
        return found

    def _decide(self, root: str, frame: Frame, depth: int) -> bool:
        if not root or depth > 12 or root == "lambda":
            return False
        if root == "super":
            return True
        here: Frame | None = frame
        is_first = True
        while here is not None and here.parent is not None:
            if here.kind == "function" or is_first:
                if root in here.arguments:
                    return root == _RECEIVER or self._may_be(here.arguments[root])
                entries = here.locals.get(root)
                if entries:
                    return self._is_any_relevant(root, here, depth)
                if here.class_body is not None and any(
                    each.name == root for each in here.class_body.functions
                ):
                    return True
            is_first = False
            here = here.parent
        if root in self._state.frames[0].locals:
            return self._is_any_relevant(root, self._state.frames[0], depth)
        return self._of_module.get(root, self._has_star)

    def _is_any_relevant(self, root: str, frame: Frame, depth: int) -> bool:
        for local in frame.locals[root]:
            if local.how == "import":
                if self._is_wanted(local.value):
                    return True
            elif local.how in ("define", "narrow") or (
                local.annotation and self._may_be(local.annotation)
            ):
                return True
            elif local.value:
                inner = root_of(local.value)
                is_other = inner != root and f"{inner}()" not in LITERALS
                if is_other and self._is_relevant(inner, frame, depth + 1):
                    return True
        return False

    def _may_be(self, annotation: str) -> bool:
        """Tell whether an annotation may name a class of vLLM or the plugin; none may."""
        if not annotation:
            return True
        for word in _WORDS.findall(annotation):
            name = word.partition(".")[0]
            if name not in _PLAIN and self._of_module.get(name, True):
                return True
        return False
