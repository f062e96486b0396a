"""How alike the texts of a campaign are: a hundred mails should not look like one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from datasketch import MinHash, MinHashLSH

_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
SHINGLE = 4  # words
PERMUTATIONS = 64


@dataclass(frozen=True, slots=True)
class Footprint:
    """`alike` is the share (0 to 1) of texts that have a near-duplicate; `phrases` stand in most of them."""

    texts: int
    alike: float
    phrases: tuple[tuple[str, float], ...]

    @property
    def is_heavy(self) -> bool:
        """Whether a reader, or a filter, would see one template behind the mails."""
        return self.texts >= 5 and self.alike > 0.5


def footprint(texts: Sequence[str], names: Sequence[frozenset[str]] = (), alike_at: float = 0.6) -> Footprint:
    """Measure near-duplicates by MinHash over four-word shingles, with each text's own names masked.

    `names[i]` are the words that only text i has by rights (its person, company); they are masked, so that
    a template whose only change is the name counts as what it is. `alike_at` is a Jaccard similarity.
    """
    shingles = [_shingles(text, names[place] if names else frozenset()) for place, text in enumerate(texts)]
    index = MinHashLSH(threshold=alike_at, num_perm=PERMUTATIONS)
    prints = []
    for place, found in enumerate(shingles):
        mark = MinHash(num_perm=PERMUTATIONS, seed=7)
        mark.update_batch([part.encode() for part in sorted(found)])
        prints.append(mark)
        index.insert(str(place), mark)
    twins = sum(
        any(
            _jaccard(shingles[place], shingles[int(other)]) >= alike_at
            for other in index.query(mark)
            if other != str(place)
        )
        for place, mark in enumerate(prints)
    )
    return Footprint(len(texts), twins / len(texts) if texts else 0.0, _common(shingles))


def _shingles(text: str, names: frozenset[str]) -> frozenset[str]:
    hidden = {name.lower() for name in names}
    shown = _ADDRESS.sub(" ", text)
    words = ["_" if word.lower() in hidden else word.lower() for word in _WORD.findall(shown)]
    if len(words) < SHINGLE:
        return frozenset({" ".join(words)})
    return frozenset(" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right) if left or right else 1.0


def _common(shingles: Sequence[frozenset[str]]) -> tuple[tuple[str, float], ...]:
    """The phrases that at least a third of the texts share, most shared first."""
    if len(shingles) < 3:
        return ()
    counted = Counter(part for found in shingles for part in found)
    shared = {
        part: count / len(shingles) for part, count in counted.items() if count / len(shingles) >= 1 / 3
    }
    phrases: dict[str, float] = {}
    while shared:
        phrase, share = _longest(max(shared, key=lambda part: (shared[part], part)), shared)
        phrases[phrase] = share
    return tuple(sorted(phrases.items(), key=lambda pair: (-pair[1], pair[0]))[:12])


def _longest(part: str, shared: dict[str, float]) -> tuple[str, float]:
    """The phrase around a shingle: those that go on where it ends, or end where it begins, in as many texts.

    Takes what it uses out of `shared`.
    """
    share = shared.pop(part)
    words = part.split()
    for at_end in (True, False):
        while True:
            edge = words[1 - SHINGLE :] if at_end else words[: SHINGLE - 1]
            onward = (
                (found, found.split()[-1 if at_end else 0])
                for found, often in shared.items()
                if abs(often - share) < 0.05 and (found.split()[:-1] if at_end else found.split()[1:]) == edge
            )
            found, word = min(onward, default=("", ""))
            if not found:
                break
            del shared[found]
            words = [*words, word] if at_end else [word, *words]
    return " ".join(words), share


def look_alikes(
    texts: Sequence[str], names: Sequence[frozenset[str]] = (), alike_at: float = 0.6
) -> tuple[int, ...]:
    """The group of each text: one that is alike to the first of a group joins it, else it opens its own."""
    shingles = [_shingles(text, names[place] if names else frozenset()) for place, text in enumerate(texts)]
    leaders: list[int] = []
    groups = []
    for place, found in enumerate(shingles):
        near = (turn for turn, leader in enumerate(leaders) if _jaccard(found, shingles[leader]) >= alike_at)
        group = next(near, None)
        if group is None:
            group = len(leaders)
            leaders.append(place)
        groups.append(group)
    return tuple(groups)
