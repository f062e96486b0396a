"""The shipped corpus is what its script makes, and the shipped model is what it trains."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

import numpy as np

from panout.replies.corpus.evaluate import judge
from panout.replies.corpus.make import MESSAGES, WORDS, examples, words
from panout.replies.corpus.train import body_of, shipped, train
from panout.replies.trained import trained


def test_the_corpus_is_made_by_its_script() -> None:
    made = [json.dumps(asdict(example), ensure_ascii=False) for example in examples()]
    assert MESSAGES.read_text(encoding="utf-8").splitlines() == made


def test_the_words_that_slips_are_put_right_towards_are_those_of_the_corpus() -> None:
    assert WORDS.read_text(encoding="utf-8").splitlines() == words()


def test_the_corpus_is_wide_enough() -> None:
    corpus = shipped()
    assert len(corpus) >= 1_500
    assert len({example.seed for example in corpus}) >= 1_500
    assert len({example.label for example in corpus}) >= 12
    assert len({example.language for example in corpus}) >= 6
    assert min(Counter(example.label for example in corpus).values()) >= 100


def test_training_again_gives_the_shipped_model() -> None:
    corpus = shipped()
    model, again = trained(), train(corpus)
    assert model.labels == again.labels
    assert dict(model.vocabulary) == dict(again.vocabulary)
    assert np.abs(model.weights - again.weights).max() < 0.05
    for example in corpus[::40]:
        text = body_of(example)
        one, two = model.probabilities(text), again.probabilities(text)
        assert max(one, key=one.__getitem__) == max(two, key=two.__getitem__)


def test_a_wish_to_be_left_alone_is_hardly_ever_missed() -> None:
    """On sentences that training did not meet."""
    corpus = shipped()
    model = train([example for example in corpus if example.seed % 2 == 0])
    stops = ("unsubscribe", "do_not_contact")
    asked = [example for example in corpus if example.seed % 2 and example.label in stops]
    heard = [judge(example, model) in stops for example in asked]
    # Half of the sentences to learn from, many of them oblique or misspelt on purpose.
    assert sum(heard) / len(heard) >= 0.985
