"""Trains the shipped model, always to the same weights: `python -m panout.replies.corpus.train`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from panout.replies.corpus.make import MESSAGES, Example
from panout.replies.rules.htmltext import text_of_html
from panout.replies.rules.model import Model, features, hints_in
from panout.replies.rules.quoting import reply_in
from panout.replies.trained import MODEL

MAX_FEATURES = 30_000
CUE_SCALE = 0.35
"""How much a cue weighs beside the text as a whole, whose length is one."""
IDEA_SCALE = 0.25
"""The same of an idea or a pair of ideas; there are many in a text, and each says less."""
IDEAS_MET = 4
"""Texts that must hold an idea or a pair of ideas before it counts."""
STRENGTH = 8.0


def shipped() -> list[Example]:
    return [Example(**json.loads(line)) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def body_of(example: Example) -> str:
    """The text that a classifier meets: HTML unwrapped, quotes and signature taken off, as with real mail."""
    return reply_in(text_of_html(example.text) if example.style == "html" else example.text).text


def train(examples: Sequence[Example], extra: Iterable[tuple[str, str]] = ()) -> Model:
    """`extra` are texts with labels that people corrected; each counts three times."""
    added = list(extra)
    texts = [body_of(example) for example in examples] + [text for text, _ in added]
    labels = [example.label for example in examples] + [label for _, label in added]
    weights = [1.0] * len(examples) + [3.0] * len(added)
    vectoriser = TfidfVectorizer(
        analyzer=features, sublinear_tf=True, min_df=2, max_features=MAX_FEATURES, dtype=np.float32
    )
    by_text: csr_matrix = vectoriser.fit_transform(texts)
    hints = DictVectorizer(dtype=np.float32)
    held = [hints_in(text) for text in texts]
    met = Counter(name for names in held for name in names)
    by_cue = hints.fit_transform(
        [
            {name: _scale(name) for name in sorted(names) if _is_cue(name) or met[name] >= IDEAS_MET}
            for names in held
        ]
    )
    matrix = hstack([by_text, by_cue]).tocsr()
    learner = LogisticRegression(C=STRENGTH, max_iter=400, class_weight="balanced")
    learner.fit(matrix, labels, sample_weight=weights)
    names = vectoriser.get_feature_names_out()
    hinted = [str(name) for name in hints.get_feature_names_out()]
    return Model(
        labels=tuple(str(label) for label in learner.classes_),
        vocabulary={str(name): column for column, name in enumerate(names)},
        rarity=vectoriser.idf_.astype(np.float32),
        weights=learner.coef_[:, : len(names)].astype(np.float32),
        bias=learner.intercept_.astype(np.float32),
        cues={name: column for column, name in enumerate(hinted)},
        cue_weights=(learner.coef_[:, len(names) :] * [_scale(name) for name in hinted]).astype(np.float32),
    )


def _is_cue(name: str) -> bool:
    return not name.startswith("of:")


def _scale(name: str) -> float:
    return CUE_SCALE if _is_cue(name) else IDEA_SCALE


def confusion(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts by true label, then by given label."""
    table: dict[str, Counter[str]] = {}
    for true, given in pairs:
        table.setdefault(true, Counter())[given] += 1
    return {true: dict(row) for true, row in sorted(table.items())}


def save(model: Model, path: Path) -> None:
    """Weights as half-precision numbers: a third of the size, and no decision changes on the corpus."""
    names = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    np.savez_compressed(
        path,
        labels=np.frombuffer("\n".join(model.labels).encode(), dtype=np.uint8),
        vocabulary=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        rarity=model.rarity.astype(np.float16),
        weights=model.weights.astype(np.float16),
        bias=model.bias,
        cues=np.frombuffer(
            "\n".join(sorted(model.cues, key=model.cues.__getitem__)).encode(), dtype=np.uint8
        ),
        cue_weights=model.cue_weights.astype(np.float16),
    )


if __name__ == "__main__":
    save(train(shipped()), MODEL)
