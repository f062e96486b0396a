"""Resolution of a list, or of a list against what is known: evidence, candidates, scores, groups, reasons."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from panout.batch.dialects import BatchDialect, dialect_of
from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.resolve.known import Known, Source, without_force, write_known
from panout.resolve.labels import Label, hold, teach, with_said_pairs
from panout.resolve.learning import learned, lesson_of
from panout.resolve.rules.clusters import MOST_DOUBT, Edge, Grouping, group, least_of
from panout.resolve.rules.model import MILLI, Decision, Model, Thresholds, bits_of, prior_bits, probability
from panout.resolve.rules.names import company_likeness, plain
from panout.resolve.rules.nicknames import formal_names
from panout.resolve.steps import pairs as pair_steps
from panout.resolve.subjects import SUBJECTS, Extras, Kind, Subject

# Up to so many rows, every pair is compared: half a second of work, and nothing can be missed.
_COMPARE_ALL = 1_500
# Among rows that were picked for a likeness the keys find the pairs; less is spent on them.
_COMPARE_ALL_PICKED = 300
# Pairs compared for each row, and at least. Blocks are used from the smallest up until this is spent, so that
# one name that 20,000 people have cannot make 200 million pairs.
_PAIRS_A_ROW = 5
_LEAST_PAIRS = 400_000
# From so many lines of evidence on, Splink learns from the list itself; below, the shipped shares are better.
_LEARN_FROM = 500
# Nobody is copied more often than this; larger groups are two, or a shared value.
_MOST_ROWS = 200
# Below, a list of names and addresses is too short to say what is usual in it.
_USUAL_FROM = 500
_USUAL = 0.35
_SHARED_HOME = frozenset({"household", "office"})
_GUARD_OWN = frozenset({"email", "phone", "linkedin", "identity", "dob"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How to resolve. `labels` is what people said of pairs of rows. Rows below `first_new` are known
    already: they are not compared with each other. `source` is the relation that holds the rows, shaped like
    `rows`. `among`: these were picked out of so many because each has another that looks like it; what is usual
    in the list, or likely, cannot be seen in such a choice, so it is not looked for there."""

    kind: Kind
    thresholds: Thresholds = field(default_factory=Thresholds)
    extras: Extras = field(default_factory=Extras)
    learn: bool = True
    labels: tuple[Label, ...] = ()
    first_new: int = 0
    source: str = "rows"
    among: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came of it. Relations left in the engine: `clusters` (row_id, cluster: the least row_id of the
    cluster) and `judged` (id_l, id_r, bits, probability, decision, reasons)."""

    rows: int
    evidence: int
    compared: int
    largest_block: int
    chance: float
    learned: bool
    clusters: int
    merged: int
    review: int
    parted: int
    seconds: Mapping[str, float]
    model: Model


@dataclass(slots=True)
class _Watch:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._since, 3)
        self._since = now


def resolve(
    engine: Engine,
    settings: Settings,
    progress: Callable[[str], None] = lambda _stage: None,
    known: Known | None = None,
) -> Resolved:
    """Find the rows of `rows` that are one person or one company, or one with a line of the `known` book; ids of rows
    begin where those of the book end."""
    dialect = dialect_of(engine.kind)
    watch = _Watch()
    scored = _scored(engine, settings, progress, known, watch)
    lines, model = scored.lines, scored.model
    chance = _chance_of(engine, settings, lines, known)
    if settings.labels:
        model = teach(engine, model, _odds(chance))
        engine.run(pair_steps.scores(model))
    watch.lap("scores")
    progress("clusters")
    outcome = _grouped(engine, model, settings, chance)
    watch.lap("clusters")
    progress("reasons")
    review = _judge(engine, dialect, model, settings.thresholds, chance)
    watch.lap("reasons")
    rows = engine.rows(settings.source)
    clusters = engine.rows("cluster_names")
    return Resolved(
        rows=rows,
        evidence=lines,
        compared=scored.compared,
        largest_block=scored.largest,
        chance=chance,
        learned=scored.learned or bool(settings.labels),
        clusters=clusters,
        merged=rows - clusters,
        review=review,
        parted=len(outcome.parted),
        seconds=watch.seconds,
        model=model,
    )


@dataclass(frozen=True, slots=True)
class _Scored:
    """How many lines, the largest block used, how many pairs, and by what model they were scored."""

    lines: int
    largest: int
    compared: int
    model: Model
    learned: bool


def prepare(
    engine: Engine,
    settings: Settings,
    folder: Path,
    shown: Sequence[str],
    source: Source,
    progress: Callable[[str], None] = lambda _stage: None,
) -> int:
    """Keep `rows` in `folder` as a book that lists can be linked to (`known.open_known`); returns its lines."""
    subject = SUBJECTS[settings.kind]
    scored = _scored(engine, settings, progress, None, _Watch())
    progress("write")
    write_known(engine, subject, scored.model, folder, learned=scored.learned, shown=shown, source=source)
    return scored.lines


def _scored(
    engine: Engine,
    settings: Settings,
    progress: Callable[[str], None],
    known: Known | None,
    watch: _Watch,
) -> _Scored:
    """Leave `scored`."""
    subject = SUBJECTS[settings.kind]
    dialect = dialect_of(engine.kind)
    progress("evidence")
    gather(engine, subject, dialect, settings.extras, settings.source, known)
    lines = engine.rows("evidence")
    watch.lap("evidence")
    progress("candidates")
    largest = _candidates(engine, subject, dialect, lines, settings, linked=known is not None)
    if known:
        largest = max(largest, _meet(engine, known, lines))
    if settings.labels:
        hold(engine, settings.labels)
        engine.run(with_said_pairs())
    compared = engine.rows("candidates")
    if subject.named:
        _compare_names(engine)
    watch.lap("candidates")
    taught = known is not None and known.learned
    model = known.model(subject, dialect) if known and taught else subject.model(dialect)
    usable = settings.learn and not settings.among and not taught and lines >= _LEARN_FROM
    lesson = lesson_of(engine, subject, lines) if usable else None
    progress("scores")
    told = pair_steps.levels(model, named=bool(subject.named))
    # Of a long list in which next to no two rows meet there is nothing to learn.
    if lesson is not None and lesson.num_rows >= _LEARN_FROM:
        model = _levels_and_lesson(engine, subject, model, lesson, lines, told)
        watch.lap("levels and lesson")
        taught = True
    else:
        engine.view(told)
    engine.run(pair_steps.scores(model))
    if not settings.among and not (known and known.learned):
        model = _without_idle_guards(engine, subject, model)
    watch.lap("scores")
    return _Scored(lines, largest, compared, model, taught)


def _levels_and_lesson(
    engine: Engine, subject: Subject, model: Model, lesson: pa.Table, lines: int, told: Step
) -> Model:
    """Leave `levels`; returns the model as the list taught it. Levels need no shares, and Splink keeps one core busy at
    most: the lesson is given beside them."""
    with ThreadPoolExecutor(1) as beside:
        taught = beside.submit(learned, subject, model, lesson, lines)
        # On a cluster a relation that is kept costs a job, and the lesson is short beside it.
        (engine.run if engine.kind == "duckdb" else engine.view)(told)
        return taught.result()


def gather(
    engine: Engine,
    subject: Subject,
    dialect: BatchDialect,
    extras: Extras,
    source: str = "rows",
    known: Known | None = None,
) -> None:
    """From `source` to `evidence`. How rare a value is, is said of what is `known` as well."""
    romanise = _romanise(engine, subject, dialect, source)
    if subject.kind is Kind.PEOPLE:
        _load_nicknames(engine)
    for step in (
        *subject.evidence(dialect, extras, romanise=romanise, source=source),
        *pair_steps.twins(dialect, subject.columns),
        *pair_steps.rarity_steps(
            subject.rarities, subject.pointers, _UNSEEN, subject.signature, known.totals if known else None
        ),
    ):
        if step.name in _KEPT:
            engine.run(step)
        else:
            engine.view(step)
        if known and step.name == "evidence_base":
            known.count(engine)


# Steps whose rows are read more than once, or that would make too large a plan; the others are views,
# for on a cluster every relation that is kept costs a job.
_KEPT = frozenset({"evidence_prints", "prints", "evidence_base", "evidence"})

# A value nobody has been seen with counts as if two hundred people had been asked.
_UNSEEN = 200


def _romanise(engine: Engine, subject: Subject, dialect: BatchDialect, source: str) -> bool:
    """Leave `romanised` (text, plain) for values in scripts that SQL cannot fold. False when there are none."""
    texts = " UNION ".join(
        f"SELECT {column} AS text FROM {source} WHERE {dialect.foreign(column)}" for column in subject.foreign
    )
    engine.run(Step("foreign_texts", f"SELECT text FROM ({texts}) t"))
    found = engine.arrow("foreign_texts").column("text").to_pylist()
    schema = pa.schema([("text", pa.string()), ("plain", pa.string())])
    table = pa.table({"text": found, "plain": [plain(text).lower() for text in found]}, schema=schema)
    engine.load("romanised", schema, table.to_batches())
    return bool(found)


def _load_nicknames(engine: Engine) -> None:
    names = formal_names()
    schema = pa.schema([("name", pa.string()), ("forms", pa.list_(pa.string()))])
    table = pa.table({"name": list(names), "forms": [list(forms) for forms in names.values()]}, schema=schema)
    engine.load("nicknames", schema, table.to_batches())


def _candidates(
    engine: Engine, subject: Subject, dialect: BatchDialect, lines: int, settings: Settings, *, linked: bool
) -> int:
    """Leave `candidates` of the rows among themselves; returns the size of the largest block used."""
    compare_all, least = (_COMPARE_ALL_PICKED, 0) if settings.among else (_COMPARE_ALL, _LEAST_PAIRS)
    if linked:
        least = 0
    keys = subject.keys()
    if lines <= compare_all:
        keys["all"] = "'*'"
    engine.run(pair_steps.keys(dialect, keys))
    engine.run(pair_steps.block_sizes())
    every = compare_all**2 if lines <= compare_all else 0
    largest = _affordable(engine, max(least, _PAIRS_A_ROW * lines, every))
    engine.run(pair_steps.candidates(dialect, largest, settings.first_new))
    return largest


def _meet(engine: Engine, known: Known, lines: int) -> int:
    """Add the known lines that share a key with a new one to `evidence`, and those pairs to `candidates`; returns the
    size of the largest known block used."""
    largest = known.meet(engine, lines)
    engine.run(
        Step(
            "candidates",
            "SELECT id_l, id_r FROM candidates UNION ALL SELECT id_l, id_r FROM known_pairs",
        )
    )
    engine.run(Step("evidence", "SELECT * FROM evidence UNION ALL BY NAME SELECT * FROM known_evidence"))
    return largest


def _affordable(engine: Engine, budget: int) -> int:
    sizes = [row for batch in engine.batches(
        "SELECT size, count(*) AS blocks FROM blocks GROUP BY size ORDER BY size"
    ) for row in batch.to_pylist()]  # fmt: skip
    largest = spent = 0
    for row in sizes:
        spent += row["blocks"] * row["size"] * (row["size"] - 1) // 2
        if spent > budget:
            break
        largest = row["size"]
    return largest


def _compare_names(engine: Engine) -> None:
    """Leave `name_scores` (a, b, alike, how) for the different names that meet in a candidate pair."""
    engine.run(
        Step(
            "name_pairs",
            """
SELECT DISTINCT least(l.stated, r.stated) AS a, greatest(l.stated, r.stated) AS b
FROM candidates p JOIN evidence l ON l.id = p.id_l JOIN evidence r ON r.id = p.id_r
WHERE l.stated <> r.stated""",
        )
    )
    schema = pa.schema([("a", pa.string()), ("b", pa.string()), ("alike", pa.int64()), ("how", pa.string())])
    engine.load("name_scores", schema, _likenesses(engine.batches("SELECT a, b FROM name_pairs"), schema))


def _likenesses(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        left, right = batch.column("a").to_pylist(), batch.column("b").to_pylist()
        found = [company_likeness(one, other) for one, other in zip(left, right, strict=True)]
        yield pa.RecordBatch.from_arrays(
            [
                batch.column("a").cast(pa.string()),
                batch.column("b").cast(pa.string()),
                pa.array([round(1000 * likeness.score) for likeness in found], pa.int64()),
                pa.array([likeness.how.value for likeness in found], pa.string()),
            ],
            schema=schema,
        )


def _without_idle_guards(engine: Engine, subject: Subject, model: Model) -> Model:
    """In a list of names and addresses alone, a different first name at one address is a household, or an
    error. When such pairs are rare beside those that agree, they are errors, and the guard is lifted."""
    if subject.kind is not Kind.PEOPLE or engine.rows("evidence") < _USUAL_FROM:
        return model
    held = " OR ".join(f"g_{name} >= 0" for name in sorted(_GUARD_OWN))
    (counts,) = pa.Table.from_batches(
        engine.batches(
            f"""
SELECT sum(CASE WHEN {held} THEN 1 ELSE 0 END) AS personal,
       sum(CASE WHEN guard IN (0, 1) THEN 1 ELSE 0 END) AS guarded,
       count(*) AS strong
FROM scored WHERE weight > {round(MILLI * (bits_of(0.99) - prior_bits(1 / engine.rows("evidence"))))}"""
        )
    ).to_pylist()
    strong, guarded, personal = (int(counts[name] or 0) for name in ("strong", "guarded", "personal"))
    if personal or strong < _USUAL_FROM // 10 or guarded > _USUAL * strong:
        return model
    return without_force(model, _SHARED_HOME)


def _chance_of(engine: Engine, settings: Settings, lines: int, known: Known | None) -> float:
    if settings.among:
        return 1 / max(settings.among, lines, _FEW)
    if known is None:
        return _chance(engine, lines, 0)
    return _chance(engine, lines, known.lines)


def _chance(engine: Engine, lines: int, known: int) -> float:
    """The odds that two random lines are one, such that the scores add up to as many pairs as it says. Lines that are
    `known` are not compared with each other."""
    if lines + known < 2:
        return 0.5
    tenths = [
        (row["tenth"] / 10, row["pairs"])
        for batch in engine.batches(
            "SELECT CAST(floor(weight / 100.0) AS BIGINT) AS tenth, count(*) AS pairs FROM scored "
            "WHERE weight > 3000 AND guard < 0 GROUP BY 1 ORDER BY 1"
        )
        for row in batch.to_pylist()
    ]
    # A list of a few rows was drawn from a world of many people: it is judged as if it were a hundred rows.
    new, lines = lines, max(lines + known, _FEW)
    every = new * known + new * (new - 1) / 2 if known else lines * (lines - 1) / 2
    chance = 1 / lines
    for _ in range(30):
        bits = prior_bits(chance)
        found = sum(pairs * probability(weight + 0.05 + bits) for weight, pairs in tenths)
        moved = min(max(found / every, 0.02 / lines), 10 / lines, 0.5)
        if abs(math.log(moved / chance)) < 0.01:
            break
        chance = moved
    # A millionth of a step: the logarithm's last digit must not decide anything.
    return float(f"{chance:.6g}")


_FEW = 100


def _odds(chance: float) -> int:
    return round(MILLI * prior_bits(chance))


def _bits_sql(model: Model, odds: int) -> str:
    """SQL for the odds of a scored pair in thousandths of a bit, guards heeded."""
    cases = "".join(
        f" WHEN {place} THEN least(weight + {odds}, {round(guard.most_bits * MILLI)})"
        for place, guard in enumerate(model.guards)
    )
    return f"CASE guard{cases} ELSE weight + {odds} END" if cases else f"weight + {odds}"


def _weighed(engine: Engine, model: Model, odds: int, *, said: bool) -> None:
    """Give `weighed`: scored pairs with the odds in thousandths of a bit, and what a person said of them, if any."""
    bits = _bits_sql(model, odds)
    if not said:
        engine.view(
            Step(
                "weighed",
                f"SELECT s.*, CAST(NULL AS BOOLEAN) AS said, CAST({bits} AS BIGINT) AS bits FROM scored s",
            )
        )
        return
    engine.view(
        Step(
            "weighed",
            f"""
SELECT s.*, p.same AS said,
       CAST(CASE WHEN p.same THEN {_SAID} WHEN NOT p.same THEN -{_SAID} ELSE {bits} END AS BIGINT) AS bits
FROM scored s LEFT JOIN said p ON p.id_l = s.id_l AND p.id_r = s.id_r""",
        )
    )


# Thousandths of a bit of what a person has said: more than all that can be known otherwise.
_SAID = 1_000_000


def _grouped(engine: Engine, model: Model, settings: Settings, chance: float) -> Grouping:
    """Leave `clusters` (row_id, cluster), `cluster_names` and `line_groups` (id, cluster)."""
    odds, source, thresholds = _odds(chance), settings.source, settings.thresholds
    sure, likely = (round(MILLI * bits_of(wanted)) for wanted in (thresholds.merge, thresholds.review))
    _weighed(engine, model, odds, said=bool(settings.labels))
    edges = pa.Table.from_batches(
        engine.batches(f"SELECT id_l, id_r, bits FROM weighed WHERE bits >= {likely}"),
        schema=pa.schema([("id_l", pa.int64()), ("id_r", pa.int64()), ("bits", pa.int64())]),
    )
    grouping = _clustered(engine, edges, sure)
    _thin(engine, model, odds, sure)
    schema = pa.schema([("id", pa.int64()), ("cluster", pa.int64())])
    table = pa.table({"id": list(grouping.root), "cluster": list(grouping.root.values())}, schema=schema)
    engine.load("line_groups", schema, table.to_batches())
    engine.run(
        Step(
            "clusters",
            f"""
SELECT r.row_id,
       CASE WHEN t.id IS NULL THEN r.row_id
            WHEN g.cluster IS NULL AND n.id IS NOT NULL THEN r.row_id
            ELSE coalesce(g.cluster, t.id) END AS cluster
FROM {source} r
LEFT JOIN twins t ON t.row_id = r.row_id
LEFT JOIN line_groups g ON g.id = t.id
LEFT JOIN thin n ON n.id = t.id""",
        )
    )
    engine.view(Step("cluster_names", "SELECT DISTINCT cluster FROM clusters"))
    return grouping


def _thin(engine: Engine, model: Model, odds: int, sure: int) -> None:
    """Leave `thin`: lines that several rows give word for word, yet say so little that a row would not know
    itself (a common name and nothing else). Such rows stay apart."""
    engine.view(Step("copied", "SELECT id AS id_l, id AS id_r FROM evidence WHERE copies > 1"))
    engine.view(pair_steps.levels(model, pairs="copied", name="self_levels"))
    engine.view(pair_steps.scores(model, of="self_levels", name="self_scored"))
    engine.run(Step("thin", f"SELECT id_l AS id FROM self_scored WHERE {_bits_sql(model, odds)} < {sure}"))


def _clustered(engine: Engine, edges: pa.Table, sure: int) -> Grouping:
    left, right, bits = (edges.column(name).to_numpy() for name in ("id_l", "id_r", "bits"))
    if not len(left):
        return Grouping({}, ())
    ids, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    half = len(left)
    part = _parts(ends[:half], ends[half:], len(ids))
    schema = pa.schema([("id", pa.int64()), ("part", pa.int64())])
    engine.load(
        "parts", schema, pa.table({"id": ids, "part": part.astype(np.int64)}, schema=schema).to_batches()
    )
    # Only these parts need thought: all others are joined by sure pairs with nothing against.
    against = pa.Table.from_batches(
        engine.batches(
            """
SELECT s.id_l, s.id_r, s.bits, s.guard >= 0 OR s.said IS NOT NULL AS firm
FROM weighed s JOIN parts l ON l.id = s.id_l JOIN parts r ON r.id = s.id_r
WHERE l.part = r.part AND s.bits < 0"""
        ),
        schema=pa.schema(
            [("id_l", pa.int64()), ("id_r", pa.int64()), ("bits", pa.int64()), ("firm", pa.bool_())]
        ),
    )
    where = dict(zip(ids.tolist(), part.tolist(), strict=True))
    doubtful = {where[item] for item in against.column("id_l").to_pylist()}
    doubtful |= {where[item] for item in left[bits < sure].tolist()}
    doubtful |= {number for number, size in Counter(part.tolist()).items() if size > _MOST_ROWS}
    hard = np.isin(part[ends[:half]], np.fromiter(doubtful, dtype=np.int64, count=len(doubtful)))
    easy_least: dict[int, int] = {}
    for item, number in zip(ids.tolist(), part.tolist(), strict=True):
        if number not in doubtful:
            easy_least.setdefault(number, item)
    root = {item: easy_least[number] for item, number in where.items() if number in easy_least}
    thought = [
        Edge(*edge)
        for edge in zip(left[hard].tolist(), right[hard].tolist(), bits[hard].tolist(), strict=True)
    ]
    doubts = [
        Edge(row["id_l"], row["id_r"], row["bits"] if row["firm"] else max(row["bits"], -MOST_DOUBT))
        for row in against.to_pylist()
    ]
    worked = group(
        (edge for edge in thought if edge.bits >= sure),
        (edge for edge in thought if edge.bits < sure),
        doubts,
        most=_MOST_ROWS,
    )
    root.update(least_of(worked.root))
    return Grouping(root, worked.parted)


def _parts(left: NDArray[np.int64], right: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Which numbers below `count` the pairs connect: each gets the least of its part."""
    part = np.arange(count, dtype=np.int64)
    while True:
        least = np.minimum(part[left], part[right])
        before = part.copy()
        np.minimum.at(part, part[left], least)
        np.minimum.at(part, part[right], least)
        np.minimum.at(part, left, least)
        np.minimum.at(part, right, least)
        part = part[part]
        if np.array_equal(part, before):
            return part


def _judge(engine: Engine, dialect: BatchDialect, model: Model, thresholds: Thresholds, chance: float) -> int:
    """Leave `judged`: pairs that were merged, and pairs for a person to review, with reasons; returns
    how many are for review."""
    odds = _odds(chance)
    likely = round(MILLI * bits_of(thresholds.review))
    engine.view(
        Step(
            "kept_pairs",
            f"""
SELECT s.*, CASE WHEN l.cluster = r.cluster THEN '{Decision.MERGE}' ELSE '{Decision.REVIEW}' END AS decision
FROM weighed s LEFT JOIN line_groups l ON l.id = s.id_l LEFT JOIN line_groups r ON r.id = s.id_r
WHERE s.bits >= {likely}""",
        )
    )
    engine.run(pair_steps.reasons(dialect, model, odds))
    return sum(
        int(row["n"])
        for batch in engine.batches(f"SELECT count(*) AS n FROM judged WHERE decision = '{Decision.REVIEW}'")
        for row in batch.to_pylist()
    )
