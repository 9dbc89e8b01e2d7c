"""Words of sentences for people."""

import textwrap


def counted(number: float, word: str) -> str:
    """Return a number with its word: "1 remark", "0.5 points", "1,000 cells"."""
    return f"{number:,.10g} {word}" + ("" if number == 1 else "s")


def broken(line: str, columns: int, *, indent: int = 0) -> str:
    """Return a line broken between words where a terminal has so many columns; 0 columns break nothing."""
    if not columns:
        return line
    behind = " " * indent
    return textwrap.fill(line, columns, subsequent_indent=behind, break_long_words=False, break_on_hyphens=False)
