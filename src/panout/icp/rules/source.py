"""YAML with places: plain values, and where in the file each of them stands. Refuses what no ICP needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST_FILE = 256 * 1024
"""Characters. The worked examples have about six thousand; reading this much takes a few seconds."""
DEEPEST = 12
"""Levels of nesting. An ICP needs five; ten thousand would exhaust the reader."""
MOST_NODES = 20_000

Plain = str | int | float | bool | date | None | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in the file."""

    line: int
    column: int
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.line}:{self.column} {self.what}{f' {self.mend}' if self.mend else ''}"


class Unreadable(Exception):
    """The text is no YAML that we read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """The values of the file; `keys` and `nodes` say where a key and where its value starts."""

    text: str
    values: Plain
    keys: dict[Path, Place] = field(default_factory=dict)
    nodes: dict[Path, Place] = field(default_factory=dict)
    starts: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Where `path` stands, or else the nearest thing around it."""
        while path and path not in self.nodes:
            path = path[:-1]
        return self.nodes.get(path, Place(1, 1))

    def key(self, path: Path) -> Place:
        """Where the key of `path` stands."""
        return self.keys.get(path) or self.place(path)

    def inside(self, path: Path, value: str, at: int) -> Place:
        """Where the character `at` of a text value stands in the file, whatever style of YAML wrote it.

        Walks both texts side by side: a run of blanks in one is a run of blanks in the other, and what YAML
        adds (quotes, indentation, the sign of a block) is stepped over.
        """
        spot = self.starts.get(path)
        if spot is None:
            return self.place(path)
        if self.text[spot : spot + 1] in ("|", ">"):
            spot = self.text.find("\n", spot) + 1 or len(self.text)
        for sign in value[:at]:
            if sign.isspace():
                continue
            found = self.text.find(sign, spot)
            if found < 0:
                return self.place(path)
            spot = found + 1
        while spot < len(self.text) - 1 and (self.text[spot].isspace() or self._opens(spot, value, at)):
            spot += 1
        before = self.text[:spot]
        return Place(before.count("\n") + 1, spot - (before.rfind("\n") + 1) + 1)

    def _opens(self, spot: int, value: str, at: int) -> bool:
        """Whether a quote stands here that YAML, not the value, put before the value's first character."""
        return self.text[spot] in "'\"" and not value[at:].lstrip().startswith(self.text[spot])


def read_source(text: str) -> Source:
    """The values of a YAML text. Raises Unreadable with the place and a mend."""
    if len(text) > LARGEST_FILE:
        raise _unreadable(
            None,
            f"the file has {len(text):,} characters; {LARGEST_FILE:,} is the most.",
            "Is it an ICP file?",
        )
    try:
        _check_events(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise _unreadable(mark, f"this is not YAML: {what}.", "Check indentation and quotes.") from error
    except YAMLError as error:
        reason = str(error).splitlines()[0] if str(error) else "unreadable characters"
        raise _unreadable(None, f"this is not YAML: {reason}.", "Save it as UTF-8 text.") from error
    source = Source(text, None)
    values = _plain(root, (), source) if root is not None else None
    return Source(text, values, source.keys, source.nodes, source.starts)


def _check_events(text: str) -> None:
    """Walk over the file without building it: a bomb is found before it is unfolded."""
    depth = nodes = documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        match event:
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise _unreadable(event.start_mark, "a second document begins here.", "One ICP a file.")
            case AliasEvent():
                raise _unreadable(event.start_mark, "aliases (*name) are not read.", "Write the value out.")
            case CollectionStartEvent():
                depth += 1
            case CollectionEndEvent():
                depth -= 1
            case _:
                pass
        if isinstance(event, NodeEvent):
            nodes += 1
            _check_node(event)
        if depth > DEEPEST:
            raise _unreadable(
                event.start_mark, f"nested more than {DEEPEST} levels deep.", "Is it an ICP file?"
            )
        if nodes > MOST_NODES:
            raise _unreadable(event.start_mark, f"more than {MOST_NODES:,} values.", "Is it an ICP file?")


def _check_node(event: NodeEvent) -> None:
    if getattr(event, "anchor", None):
        raise _unreadable(event.start_mark, "anchors (&name) are not read.", "Write the value out.")
    if getattr(event, "tag", None):
        raise _unreadable(event.start_mark, "tags (!name) are not read.", "Leave it out.")


def _plain(node: Node, path: Path, source: Source) -> Plain:
    source.nodes[path] = _place(node.start_mark)
    source.starts[path] = node.start_mark.index
    match node:
        case MappingNode():
            return _mapping(node, path, source)
        case SequenceNode():
            return [_plain(part, (*path, number), source) for number, part in enumerate(node.value)]
        case ScalarNode():
            return _scalar(node)
        case _:
            raise TypeError(f"no such node in a file without aliases: {node}")


def _mapping(node: MappingNode, path: Path, source: Source) -> dict[str, Plain]:
    values: dict[str, Plain] = {}
    for key, part in node.value:
        if not isinstance(key, ScalarNode):
            raise _unreadable(key.start_mark, "a key must be a word.", "Check indentation and brackets.")
        name = str(key.value)
        if name in values:
            raise _unreadable(key.start_mark, f"the key '{name}' is here twice.", "Keep one of them.")
        source.keys[*path, name] = _place(key.start_mark)
        values[name] = _plain(part, (*path, name), source)
    return values


def _scalar(node: ScalarNode) -> Plain:
    text = str(node.value)
    match str(node.tag).rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in ("true", "yes", "on")
        case "int":
            return _whole(text, node)
        case "float":
            return _decimal(text, node)
        case "timestamp":
            try:
                return date.fromisoformat(text)
            except ValueError:
                return text
        case _:
            return text


def _whole(text: str, node: ScalarNode) -> int:
    try:
        return int(text.replace("_", ""), 0) if text.lstrip("+-")[:2].isalnum() else int(text)
    except ValueError as error:
        # Leading noughts and figures of more than 4,300 digits, which Python will not read.
        raise _unreadable(node.start_mark, "this number cannot be read.", "Write it plainly: 120.") from error


def _decimal(text: str, node: ScalarNode) -> float:
    try:
        return float(
            text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").replace(".NaN", "nan")
        )
    except ValueError as error:
        raise _unreadable(node.start_mark, "this number cannot be read.", "Write it plainly: 0.5.") from error


def _place(mark: StringMark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _unreadable(mark: StringMark | None, what: str, mend: str) -> Unreadable:
    place = _place(mark) if mark is not None else Place(1, 1)
    return Unreadable(Problem(place.line, place.column, what, mend))
