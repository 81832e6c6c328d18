"""Text from files that anyone may have written, made fit for one line on a terminal."""

from typing import Final

from engines.errors import ModelError

SHOWN: Final = 80
"""Characters of a value that an error quotes."""


def shown(value: object, most: int = SHOWN) -> str:
    """Return a value as an error quotes it: escaped, on one line, cut where it is long."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def one_line(text: object, most: int = 200) -> str:
    """Return text without line breaks and without what a terminal would obey, cut to ``most``."""
    line = " ".join(str(text).split())[:most]
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def require_plain(text: str, where: str, most: int) -> str:
    """Refuse text that is long, or that a terminal or a browser would not show as it is.

    Line breaks, control characters, and those that reorder or hide text are refused.

    Raises
    ------
    ModelError
        Saying which.
    """
    if len(text) > most:
        raise ModelError(f"{where} is text of {len(text)} characters, more than {most}")
    if not text.isprintable():
        raise ModelError(f"{where} holds control characters: {shown(text)}")
    return text
