"""The shipped model, read once. An array file, never a pickle: loading it runs no code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from panout.replies.rules.model import Model

MODEL = Path(__file__).parent / "corpus" / "model.npz"


@cache
def trained() -> Model:
    with np.load(MODEL, allow_pickle=False) as arrays:
        names = arrays["vocabulary"].tobytes().decode().split("\n")
        return Model(
            labels=tuple(arrays["labels"].tobytes().decode().split("\n")),
            vocabulary={name: column for column, name in enumerate(names)},
            rarity=arrays["rarity"].astype(np.float32),
            weights=arrays["weights"].astype(np.float32),
            bias=arrays["bias"].astype(np.float32),
            cues={name: column for column, name in enumerate(arrays["cues"].tobytes().decode().split("\n"))},
            cue_weights=arrays["cue_weights"].astype(np.float32),
        )
