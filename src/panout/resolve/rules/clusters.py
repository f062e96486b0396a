"""From pairs to groups: joined greedily from the surest pair down, unless what is known speaks against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# What one doubtful pair can take from a group, in thousandths of a bit. Rows of one group are not independent
# witnesses: five misspelt copies that each look a little unlike a sixth are one doubt, not five. Guards
# (another
# person of the household) count in full.
MOST_DOUBT = 2000


@dataclass(frozen=True, slots=True)
class Edge:
    """A scored pair; `bits` are its odds in thousandths of a bit, negative when they are rather different."""

    left: int
    right: int
    bits: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """`root` of each id that is in a group; `parted` are the pairs that were to be joined and were not."""

    root: dict[int, int]
    parted: tuple[Edge, ...]


@dataclass(slots=True)
class _Known:
    """What the scored pairs between two groups say in sum."""

    bits: int = 0
    likely: int = 0
    against: int = 0


def group(sure: Iterable[Edge], likely: Iterable[Edge], against: Iterable[Edge], *, most: int) -> Grouping:
    """Join what is one, by greedy correlation clustering; deterministic: ties go to lower ids.

    `sure` pairs join two groups when all that is known between the groups says so in sum. A `likely` pair
    joins
    them when it is not alone (another row of the group says so too) and nothing speaks against. `against` are
    pairs that say different. A group never grows beyond `most` rows.
    """
    root: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    between: dict[int, dict[int, _Known]] = defaultdict(dict)
    ordered = sorted(sure, key=lambda edge: (-edge.bits, edge.left, edge.right))
    maybe = sorted(likely, key=lambda edge: (-edge.bits, edge.left, edge.right))
    for edge in (*ordered, *maybe, *against):
        for item in (edge.left, edge.right):
            root.setdefault(item, item)
            members.setdefault(item, [item])
        known = between[edge.left].setdefault(edge.right, _Known())
        between[edge.right][edge.left] = known
        known.bits += edge.bits
        known.likely += edge.bits > 0
        known.against += edge.bits <= 0
    parted: list[Edge] = []
    for edge, alone_will_do in (*((edge, True) for edge in ordered), *((edge, False) for edge in maybe)):
        left, right = root[edge.left], root[edge.right]
        if left == right:
            continue
        known = between[left][right]
        agreed = known.bits > 0 if alone_will_do else known.likely > 1 and not known.against
        if agreed and len(members[left]) + len(members[right]) <= most:
            _join(left, right, root, members, between)
        elif alone_will_do:
            parted.append(edge)
    return Grouping(root, tuple(parted))


def _join(
    left: int,
    right: int,
    root: dict[int, int],
    members: dict[int, list[int]],
    between: dict[int, dict[int, _Known]],
) -> None:
    """The smaller group goes into the larger; what was known of it is known of both."""
    if (len(members[left]), -left) < (len(members[right]), -right):
        left, right = right, left
    for item in members.pop(right):
        root[item] = left
        members[left].append(item)
    between[left].pop(right)
    for other, known in between.pop(right).items():
        if other == left:
            continue
        both = between[left].setdefault(other, _Known())
        both.bits += known.bits
        both.likely += known.likely
        both.against += known.against
        between[other].pop(right)
        between[other][left] = both


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each name with the least of all that pairs connect it to."""
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for left, right in pairs:
        low, high = sorted((top(left), top(right)))
        root[high] = low
    return {name: top(name) for name in root}


def least_of(root: dict[int, int]) -> dict[int, int]:
    """Groups named by their least member, so that names do not depend on the order of joining."""
    least: dict[int, int] = {}
    for item, top in root.items():
        least[top] = min(item, least.get(top, item))
    return {item: least[top] for item, top in root.items()}
