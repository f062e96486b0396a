"""The small local model: words and letter groups, each with a weight per class. No learning here."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from panout.replies.rules.concepts import ideas_in
from panout.replies.rules.cues import cues_in

MAX_CHARACTERS = 1_500
"""A reply says what it wants in its first lines; more text only dilutes."""

_URL = re.compile(r"https?://\S{1,300}|www\.\S{1,200}")
_MAIL = re.compile(r"[\w.+-]{1,80}@[\w.-]{1,120}")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?!]|@|👍")


@dataclass(frozen=True)
class Model:
    """Weights as trained: `vocabulary` names the columns of `weights`, `cues` those of `cue_weights`."""

    labels: tuple[str, ...]
    vocabulary: Mapping[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    cues: Mapping[str, int]
    cue_weights: NDArray[np.float32]

    def probabilities(self, text: str) -> dict[str, float]:
        """The share of belief each class gets; they sum to one."""
        counts = Counter(features(text))
        known = [
            (self.vocabulary[name], 1.0 + math.log(count))
            for name, count in counts.items()
            if name in self.vocabulary
        ]
        scores = self.bias
        if known:
            columns = np.fromiter((column for column, _ in known), dtype=np.int64, count=len(known))
            values = (
                np.fromiter((value for _, value in known), dtype=np.float32, count=len(known))
                * self.rarity[columns]
            )
            values /= np.linalg.norm(values)
            scores = self.weights[:, columns] @ values + self.bias
        hints = sorted(self.cues[name] for name in hints_in(text) if name in self.cues)
        if hints:
            scores = scores + self.cue_weights[:, hints].sum(axis=1)
        spread = np.exp(scores - scores.max())
        return dict(zip(self.labels, (spread / spread.sum()).tolist(), strict=True))


def hints_in(text: str) -> frozenset[str]:
    """Cues and ideas: what carries over between languages and wordings."""
    return cues_in(text) | ideas_in(text[:MAX_CHARACTERS])


def features(text: str) -> list[str]:
    """Words, pairs of words, and groups of two to four letters; addresses and numbers blurred."""
    plain = _DIGITS.sub(
        "0", _MAIL.sub(" @ ", _URL.sub(" url ", text[:MAX_CHARACTERS].lower().replace("’", "'")))
    )
    words = _WORDS.findall(plain)
    found = [f"w:{word}" for word in words]
    found += [f"w:{one} {two}" for one, two in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for size in (2, 3, 4):
            found += [padded[at : at + size] for at in range(len(padded) - size + 1)]
    return found
