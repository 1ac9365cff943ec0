"""From the bytes of a Python file to its text, as Python itself reads it."""

import io
import tokenize

__all__ = ["UndecodableError", "decode"]


class UndecodableError(ValueError):
    """The bytes are no text in the encoding that they are said to be in."""


def decode(data: bytes) -> str:
    """Decode by byte-order mark or coding comment, else as UTF-8.

    Raises UndecodableError: they are of another encoding, or hold null bytes.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableError(f"byte {error.start} is not {error.encoding}") from error
    except (SyntaxError, LookupError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise UndecodableError(reason.partition(" for ")[0]) from error
    if "\0" in text:
        raise UndecodableError("it holds null bytes")
    return text
