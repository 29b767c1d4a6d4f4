"""What journals and shared entries know of the document they stand beside: how long it may be, its name."""

from binascii import crc32

JOURNAL_ABOVE = 1024
"""Units of text beyond which `layout="auto"` keeps a journal; below half of it, it ends."""


def name_of(text: "str | None") -> str:
    """The name of a document: what tells its text from others."""
    if text is None:
        return ""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}-{len(text):x}"
