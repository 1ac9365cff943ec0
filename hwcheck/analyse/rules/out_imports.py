"""Imports from vLLM that find nothing: HW101, HW102, HW106."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import Absence, Missing, ModuleEntity, Side
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.moved import fix_for_module, fix_for_name
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.wording import describe
from hwcheck.model.finding import Finding, Reach, Severity
from hwcheck.model.use import Code, Import

__all__ = ["RULES"]


def find_missing_modules(comparison: Comparison) -> Iterable[Finding]:
    """Find imports of modules that the host does not have (HW101)."""
    return merged(_missing_modules(comparison))


def find_missing_names(comparison: Comparison) -> Iterable[Finding]:
    """Find imports of names that their module does not have (HW102)."""
    return merged(_missing_names(comparison, Absence.NAME))


def find_typing_names(comparison: Comparison) -> Iterable[Finding]:
    """Find imports of names that their module binds for type checkers only (HW106)."""
    return merged(_missing_names(comparison, Absence.TYPING_ONLY))


def _missing_modules(comparison: Comparison) -> Iterator[Finding]:
    for code in comparison.plugin.files.values():
        for (module, scope, guard), imports in _by_module(code).items():
            missing = comparison.new.module(module)
            if not isinstance(missing, Missing) or missing.side is not Side.HOST:
                continue
            spot = Spot(code, min(item.line for item in imports), scope, guard)
            names = tuple(item.name for item in imports if item.name not in {"", "*"})
            mismatch = Mismatch(
                rule="HW101",
                symbol=module,
                plugin_side=_import_text(module, names),
                host_side=f"there is no module {missing.symbol}",
                before=_before_module(comparison, module),
                fix=fix_for_module(comparison, module, names),
            )
            yield from found(comparison, spot, mismatch)


def _by_module(code: Code) -> dict[tuple[str, int, int], list[Import]]:
    groups: dict[tuple[str, int, int], list[Import]] = {}
    for item in code.uses.imports:
        if _is_of_host(item.module):
            groups.setdefault((item.module, item.scope, item.guard), []).append(item)
    return groups


def _missing_names(comparison: Comparison, absence: Absence) -> Iterator[Finding]:
    for code in comparison.plugin.files.values():
        for item in code.uses.imports:
            if not _is_of_host(item.module) or item.name in {"", "*"}:
                continue
            missing = comparison.new.lookup(item.module, item.name)
            if (
                isinstance(missing, Missing)
                and missing.absence is absence
                and missing.symbol == f"{item.module}.{item.name}"
            ):
                yield from _missing_name(comparison, code, item, missing)


def _missing_name(
    comparison: Comparison, code: Code, item: Import, missing: Missing
) -> Iterator[Finding]:
    spot = Spot(code, item.line, item.scope, item.guard)
    is_typing = missing.absence is Absence.TYPING_ONLY
    if is_typing and comparison.new.reach(code, guard=item.guard) is Reach.TYPING:
        return
    container = missing.container
    told = "is imported there for type checkers only" if is_typing else "is not there"
    yield from found(
        comparison,
        spot,
        Mismatch(
            rule="HW106" if is_typing else "HW102",
            symbol=missing.symbol,
            plugin_side=_import_text(item.module, (item.name,)),
            host_side=f"{item.name} {told}",
            before=_before_name(comparison, item),
            where=comparison.new.host_line(container) if container else None,
            fix=fix_for_name(comparison, item.module, item.name),
        ),
    )


def _is_of_host(module: str) -> bool:
    return module == "vllm" or module.startswith("vllm.")


def _import_text(module: str, names: tuple[str, ...]) -> str:
    return f"from {module} import {', '.join(names)}" if names else f"import {module}"


def _before_module(comparison: Comparison, module: str) -> str | None:
    if comparison.old is None:
        return None
    before = comparison.old.module(module)
    return describe(comparison.old, before) if isinstance(before, ModuleEntity) else None


def _before_name(comparison: Comparison, item: Import) -> str | None:
    if comparison.old is None:
        return None
    before = comparison.old.lookup(item.module, item.name)
    return None if isinstance(before, Missing) else describe(comparison.old, before)


RULES = (
    Rule(
        id="HW101",
        title="a module of vLLM that is imported is gone",
        severity=Severity.ERROR,
        explanation=(
            "The plugin imports a module that this vLLM does not have: it was removed, renamed or "
            "moved. The import raises ModuleNotFoundError where it runs: when the plugin is "
            "loaded, or, inside a function, when that function is called. All names imported from "
            "the module by one statement belong to one finding."
        ),
        remedy=(
            "Import from where the names are now. To support both releases, try the new place "
            "first and fall back on ImportError, or choose by version."
        ),
        bad="from vllm.old_place import Scheduler",
        good="from vllm.new_place import Scheduler",
        find=find_missing_modules,
    ),
    Rule(
        id="HW102",
        title="a name imported from vLLM is gone",
        severity=Severity.ERROR,
        explanation=(
            "The module is there, but it no longer defines, imports or lazily provides the name. "
            "The import raises ImportError. What the plugin does with the name is not reported "
            "again."
        ),
        remedy=(
            "Import the name from where it is now, or what replaced it. When both releases must "
            "work, catch ImportError or choose by version."
        ),
        bad="from vllm.layers import old_name",
        good="from vllm.layers import new_name",
        find=find_missing_names,
    ),
    Rule(
        id="HW106",
        title="a name imported from vLLM exists for type checkers only",
        severity=Severity.ERROR,
        explanation=(
            "The module of vLLM imports the name under `if TYPE_CHECKING:`. Type checkers see it; "
            "at run time it is not there, and importing it from that module raises ImportError."
        ),
        remedy="Import the name from the module that defines it.",
        bad="from vllm.worker import ModelConfig  # vllm.worker imports it under TYPE_CHECKING",
        good="from vllm.config import ModelConfig",
        find=find_typing_names,
    ),
)
