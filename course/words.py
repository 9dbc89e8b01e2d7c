"""Words of sentences for people."""


def counted(number: float, word: str) -> str:
    """Return a number with its word: "1 remark", "0.5 points", "1,000 cells"."""
    return f"{number:,.10g} {word}" + ("" if number == 1 else "s")
