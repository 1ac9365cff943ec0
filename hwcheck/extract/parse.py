"""From source text to a syntax tree, with every way of failing made one."""

import ast
import gc
import warnings

__all__ = ["parse"]


def parse(source: str) -> ast.Module:
    """Parse a file; raise SyntaxError for whatever the interpreter cannot read.

    Null bytes, lone surrogates, numbers that are too long and nesting that is too deep are
    refused by the interpreter with other exceptions, which become SyntaxError here.
    """
    was_enabled = gc.isenabled()
    gc.disable()  # a tree is a million objects without circles
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in somebody else's strings
            return ast.parse(source)
    except SyntaxError:
        raise
    except RecursionError as error:
        raise SyntaxError("too deeply nested to be read") from error
    except MemoryError as error:
        raise SyntaxError("too large or too deeply nested to be parsed") from error
    except (ValueError, OverflowError, SystemError) as error:
        raise SyntaxError(f"cannot be parsed: {error}") from error
    finally:
        if was_enabled:
            gc.enable()
