"""Python values to JSON text and back.

What JSON has is written as `JSON.stringify` would write it: no spaces, insertion order, no ASCII
escaping. Three things differ, so that nothing changes on the way: a float is its Python `repr`, a lone
surrogate is escaped, an integer beyond ±2^53 is tagged. What JSON lacks is tagged too::

    {"$anchor": "datetime", "value": "2026-11-21T09:30:00"}

A map that itself holds the key ``$anchor`` becomes ``{"$anchor": "map", "value": [[key, value], ...]}``.
A tag that is unknown, or whose value cannot be read, stays the plain map it is written as. Decoding
builds only the types listed in `tags`: never a class named by the data.

`writing` is data to text, `reading` text to data, `adopting` what may become data, `tags` the types that JSON
lacks, which is loaded with the first of them.
"""

from .adopting import (
    MODELS,
    STORED_AS_IS,
    as_stored,
    as_stored_key,
    as_stored_member,
    format_path,
    is_model,
)
from .reading import MAX_DEPTH, decode, decode_object, decode_own, is_deeper
from .writing import encode, find_tag, may_have_large, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .adopting import Path

__all__ = [
    "MAX_DEPTH",
    "MODELS",
    "STORED_AS_IS",
    "Path",
    "as_stored",
    "as_stored_key",
    "as_stored_member",
    "decode",
    "decode_object",
    "decode_own",
    "encode",
    "find_tag",
    "format_path",
    "is_deeper",
    "is_model",
    "may_have_large",
    "same",
]
