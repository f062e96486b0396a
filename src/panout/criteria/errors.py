"""What is wrong with a criteria text, where, and how to mend it."""

from __future__ import annotations

from panout.kernel.errors import BadInput

_WIDTH = 100


class CriteriaError(BadInput):
    """The text is not a criterion. `line` and `column` count from 1; `picture` is the line and a caret."""

    def __init__(self, what: str, *, text: str, at: int, mend: str = "") -> None:
        before = text[:at]
        self.line = before.count("\n") + 1
        self.column = at - (before.rfind("\n") + 1) + 1
        super().__init__(f"{what}.", where=f"line {self.line}, column {self.column}", mend=mend)
        self.picture = _picture(text.split("\n")[self.line - 1], self.column)


def _picture(line: str, column: int) -> str:
    """The line with a caret under the column; a long line is cut around the place."""
    start = max(0, column - 1 - _WIDTH // 2)
    shown = "".join(sign if sign.isprintable() else " " for sign in line[start : start + _WIDTH])
    return f"{shown}\n{' ' * (column - 1 - start)}^"
