"""Short strings taken from hostile files, made safe to store and to print.

Define a cleaning rule here when a finding shows text of a file in a new way. Whole texts are
cleaned by the warehouse's text policy, and escaping for HTML belongs to the page that shows it.
"""

from __future__ import annotations

import unicodedata

LABEL_LENGTH = 100


def label(value: object, max_length: int = LABEL_LENGTH) -> str | None:
    """One line of printable text, or None when `value` is not text or nothing remains.

    Control, format (bidi, zero-width), surrogate and private-use characters are dropped, all
    white space becomes single spaces, the result is NFC and at most `max_length` characters.
    HTML is kept as text: escaping is the sink's duty.

    Args:
        value: Anything; only `str` has a label.
        max_length: The greatest length in characters.
    """
    if not isinstance(value, str):
        return None
    # Four times the length is plenty to clean and keeps a 1 MB name from being walked.
    start = value[: max_length * 4]
    kept = "".join(
        " " if char.isspace() else char
        for char in start
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    text = unicodedata.normalize("NFC", " ".join(kept.split()))[:max_length].strip()
    return text or None
