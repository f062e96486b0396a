"""How well answers are understood, always on sentences of the corpus that training did not see.

`python -m panout.replies.corpus.evaluate` measures anew, style by style, what the reply desk shows (some minutes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from panout.replies.corpus.make import HERE, Example
from panout.replies.corpus.train import body_of, confusion, shipped, train
from panout.replies.rules.model import Model
from panout.replies.rules.understanding import understand_text

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Score:
    """Counts of one class; `support` messages truly are of it."""

    label: str
    support: int
    precision: float
    recall: float


@dataclass(frozen=True)
class Evaluation:
    """`left_alone` is the share of stop requests and of anger that was taken as either of the two."""

    pairs: tuple[tuple[str, str], ...]
    misses: tuple[tuple[str, str, str], ...]

    @property
    def accuracy(self) -> float:
        return sum(true == given for true, given in self.pairs) / len(self.pairs)

    @property
    def left_alone(self) -> float:
        stop = ("unsubscribe", "do_not_contact")
        given = [answer for true, answer in self.pairs if true in stop]
        return sum(answer in stop for answer in given) / len(given) if given else 1.0

    @property
    def scores(self) -> tuple[Score, ...]:
        table = confusion(self.pairs)
        rows = []
        for label in table:
            support = sum(table[label].values())
            right = table[label].get(label, 0)
            claimed = sum(row.get(label, 0) for row in table.values())
            rows.append(Score(label, support, right / claimed if claimed else 1.0, right / support))
        return tuple(rows)


def leave_one_out(examples: list[Example], key: Callable[[Example], str]) -> Evaluation:
    """Each value of `key` (a style, a language) is tested by a model that met none of its sentences."""
    judged: list[tuple[Example, str]] = []
    for value in sorted({key(example) for example in examples}):
        tested = [example for example in examples if key(example) == value]
        seeds = {example.seed for example in tested}
        model = train(
            [example for example in examples if key(example) != value and example.seed not in seeds]
        )
        judged += [(example, judge(example, model)) for example in tested]
    return _evaluation(judged)


def by_fold(examples: list[Example], folds: int = 5) -> Evaluation:
    """Sentences dealt into folds; both dresses of a sentence fall into the same one."""
    return leave_one_out(examples, lambda example: str(example.seed % folds))


def judge(example: Example, model: Model) -> str:
    """The whole path of rules and model, as for a reply of a person (or, for two classes, of a machine)."""
    return understand_text(body_of(example), NOW, model=model).intent.value


def _evaluation(judged: Iterable[tuple[Example, str]]) -> Evaluation:
    rows = list(judged)
    return Evaluation(
        pairs=tuple((example.label, given) for example, given in rows),
        misses=tuple(
            (example.label, given, example.text) for example, given in rows if example.label != given
        ),
    )


def main() -> None:
    """Write the matrix: true class, then class given, each style judged by a model that never met it."""
    table = confusion(leave_one_out(shipped(), lambda example: example.style).pairs)
    ordered = {label: dict(sorted(table[label].items())) for label in sorted(table)}
    (HERE / "confusion.json").write_text(json.dumps(ordered, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
