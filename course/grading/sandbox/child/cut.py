"""How outputs are counted and cut, by the process that makes them and by the grader that does not believe it."""

CUT = "\n… the rest of this output was cut.\n"
EACH = 100  # bytes that an output counts for, besides what it holds
