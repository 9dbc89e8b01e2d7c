"""Words of sentences for people."""

import textwrap


def counted(number: float, word: str) -> str:
    """Return a number with its word: "1 remark", "0.5 points", "1,000 cells"."""
    return f"{number:,.10g} {word}" + ("" if number == 1 else "s")


def one_line(text: str) -> str:
    """Return a text of which nothing can pass for a line of its own, or for a command to the terminal."""
    return "".join(one if one.isprintable() else spelt_out(one) for one in text)


def visible_text(text: str) -> str:
    """Return a text of several lines with its controls and marks of direction shown, so that code reads as it runs."""
    return "".join(one if one in "\n\t" or one.isprintable() else spelt_out(one) for one in text)


def spelt_out(character: str) -> str:
    """Return a character as an escape in plain letters, such as "\\n", or "\\xff" for a byte that is no UTF-8."""
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(
        character, f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
    )


def broken(line: str, columns: int, *, indent: int = 0) -> str:
    """Return a line broken between words where a terminal has so many columns; 0 columns break nothing."""
    if not columns:
        return line
    behind = " " * indent
    return textwrap.fill(line, columns, subsequent_indent=behind, break_long_words=False, break_on_hyphens=False)
