"""From the text of one source file to facts and uses; knows no host.

Where the records leave a choice, it is made so:

- Guards of what stands in a function leave out parts that cannot be known; those of a module or
  class keep them as ``unknown``. A body does not inherit ``tried``: what is tried is the ``def``.
  The constant conditions are ``all`` and ``any`` without parts. `TRIED` and `HANDLER` list in
  `value` which of the tolerated exceptions are caught; a handler that ends in ``raise`` tolerates
  nothing.
- Conditions are written to be read at the top of the module: single values of local names are put
  in, flags (of the module, the function or the class) are replaced by what they stand for, and
  vLLM's version is always ``vllm.__version__``. A test of something else is ``unknown``. Only `HAS`
  of ``hasattr`` keeps the chain as it is written, as the accesses under it are.
- In plugins, ``"a" in inspect.signature(f).parameters`` is a `HAS` with the operator ``()``. A flag
  of the class is what one method makes of it by a gate; constants say nothing, others may set it.
- A gate that compares vLLM's version with its parameter has this one's name as the value of the
  condition; so has one that hands it on to another gate.
- `Binding.condition` says when a module-level flag is true.
- Accesses leave out ``name()`` (the call tells it), the bases of classes, and the container of an
  attribute that is assigned (the store tells it). ``type(x)`` is ``x.__class__``; ``cast(C, x)``
  is ``C()``; ``getattr(x, "a")`` is ``x.a``. What ``hasattr`` around it shows is marked as tested.
- A `Local` of an import has the dotted module as its value, with ``:name``. `Local.name` of a
  ``narrow`` can be a chain; one without annotation ends it, at the latest with the block around.
  ``enumerate``, ``zip``, ``sorted`` and their like are looked through by ``for``.
  Comprehensions are scopes of kind ``function``. Module and class scopes list only what bindings
  and attributes do not tell.
- In `Function.returned` and `Attribute.value`, a name that the function itself imports is written
  dotted, from its top package on; an unknown value is the empty chain.
- Stores onto the receiver's own attributes are attributes and `Function.sets`, not stores.
- ``partial(f, ...)`` is a call of ``f`` that may pass more. ``f(**({...} if gate() else {...}))``
  is two calls, as is a key put into a passed dictionary under a gate.
- ``__new__`` is a class method. `Class.options` holds ``not init`` for ``init=False``. Attributes
  that are no fields have `is_argument` false; those of ``__slots__`` have this as their method.
- ``sys.modules["m"] = x`` is a text ``m``, stored on ``sys.modules[]``.
"""

from hwcheck.extract.module import extract_code, extract_host_file, extract_module
from hwcheck.extract.split import split_chain
from hwcheck.model.extract_version import EXTRACT_VERSION

__all__ = [
    "EXTRACT_VERSION",
    "extract_code",
    "extract_host_file",
    "extract_module",
    "split_chain",
]
