"""Resolution of a list, or of a list against what is known: evidence, candidates, scores, groups, reasons."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from panout.batch.dialects import BatchDialect, dialect_of
from panout.batch.engine import Engine
from panout.batch.linkage import ComparisonSpec, LevelSpec, Shares, learn, learn_from_labels
from panout.batch.steps import Step
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
# Pairs compared for each row, and at least. Blocks are used from the smallest up until this is spent, so
# that one
# name that 20,000 people have cannot make 200 million pairs.
_PAIRS_A_ROW = 5
_LEAST_PAIRS = 400_000
# From so many lines of evidence on, Splink learns from the list itself; below, the shipped shares are better.
_LEARN_FROM = 500
# Lines that a model is learned from. More change the shares in the third digit and cost seconds.
_LESSON_ROWS = 8_000
# What the shipped shares count for against what is seen, in pairs.
_TRUST_SHIPPED = 50
_TRUST_STRANGERS = 1_000
# Nobody is copied more often than this; larger groups are two, or a shared value.
_MOST_ROWS = 200
# Below, a list of names and addresses is too short to say what is usual in it.
_USUAL_FROM = 500
_USUAL = 0.35
_SHARED_HOME = frozenset({"household", "office"})
_NO_FORCE = 1000.0
_GUARD_OWN = frozenset({"email", "phone", "linkedin", "identity", "dob"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How to resolve. `labels` are pairs of row ids that people say are one. Rows below `first_new` are known
    already: they are not compared with each other. `source` is the relation that holds the rows, shaped like
    `rows`. `among`: these were picked out of so many because each has another that looks like it; what is usual
    in the list, or likely, cannot be seen in such a choice, so it is not looked for there."""

    kind: Kind
    thresholds: Thresholds = field(default_factory=Thresholds)
    extras: Extras = field(default_factory=Extras)
    learn: bool = True
    labels: tuple[tuple[int, int], ...] = ()
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
    engine: Engine, settings: Settings, progress: Callable[[str], None] = lambda _stage: None
) -> Resolved:
    """Find the rows of `rows` that are one person or one company."""
    subject = SUBJECTS[settings.kind]
    dialect = dialect_of(engine.kind)
    watch = _Watch()
    progress("evidence")
    gather(engine, subject, dialect, settings.extras, settings.source)
    lines = engine.rows("evidence")
    watch.lap("evidence")
    progress("candidates")
    largest = _candidates(engine, subject, dialect, lines, settings)
    compared = engine.rows("candidates")
    if subject.named:
        _compare_names(engine)
    watch.lap("candidates")
    shipped = shipped_model(subject, dialect)
    usable = settings.learn and not settings.among and lines >= _LEARN_FROM
    model = shipped
    if usable or settings.labels:
        progress("learning")
        model = _learned(engine, subject, shipped, settings, lines)
        watch.lap("learning")
    progress("scores")
    engine.run(pair_steps.scores(model, named=bool(subject.named)))
    if settings.among:
        chance = 1 / max(settings.among, lines, _FEW)
    else:
        model = _without_idle_guards(engine, subject, model)
        chance = _chance(engine, lines)
    watch.lap("scores")
    progress("clusters")
    outcome = _grouped(engine, model, settings.thresholds, chance, settings.source)
    watch.lap("clusters")
    progress("reasons")
    review = _judge(engine, dialect, model, settings.thresholds, chance)
    watch.lap("reasons")
    rows = engine.rows(settings.source)
    clusters = engine.rows("cluster_names")
    return Resolved(
        rows=rows,
        evidence=lines,
        compared=compared,
        largest_block=largest,
        chance=chance,
        learned=usable or bool(settings.labels),
        clusters=clusters,
        merged=rows - clusters,
        review=review,
        parted=len(outcome.parted),
        seconds=watch.seconds,
        model=model,
    )


def gather(
    engine: Engine, subject: Subject, dialect: BatchDialect, extras: Extras, source: str = "rows"
) -> None:
    """From `source` to `evidence`."""
    romanise = _romanise(engine, subject, dialect, source)
    if subject.kind is Kind.PEOPLE:
        _load_nicknames(engine)
    for step in (
        *subject.evidence(dialect, extras, romanise=romanise, source=source),
        *pair_steps.twins(dialect, subject.columns),
        *pair_steps.rarity_steps(subject.rarities, subject.pointers, _UNSEEN, subject.signature),
    ):
        if step.name in _KEPT:
            engine.run(step)
        else:
            engine.view(step)


# Steps whose rows are read more than once, or that would make too large a plan; the others are views, for
# on a
# cluster every relation that is kept costs a job.
_KEPT = frozenset({"evidence_prints", "prints", "evidence_base", "evidence"})

# A value nobody has been seen with counts as if two hundred people had been asked.
_UNSEEN = 200


def _romanise(engine: Engine, subject: Subject, dialect: BatchDialect, source: str) -> bool:
    """Leave `romanised` (text, plain) for values in scripts that SQL cannot fold. False when there are
    none."""
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
    engine: Engine, subject: Subject, dialect: BatchDialect, lines: int, settings: Settings
) -> int:
    """Leave `candidates`; returns the size of the largest block used."""
    compare_all, least = (_COMPARE_ALL_PICKED, 0) if settings.among else (_COMPARE_ALL, _LEAST_PAIRS)
    keys = subject.keys()
    if lines <= compare_all:
        keys["all"] = "'*'"
    engine.run(pair_steps.keys(dialect, keys))
    engine.run(pair_steps.block_sizes())
    every = compare_all**2 if lines <= compare_all else 0
    largest = _affordable(engine, max(least, _PAIRS_A_ROW * lines, every))
    engine.run(pair_steps.candidates(dialect, largest, settings.first_new))
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


def shipped_model(subject: Subject, dialect: BatchDialect) -> Model:
    """The questions with the shares that ship with Panout (resolve/shares.json)."""
    shares = json.loads(files("panout.resolve").joinpath("shares.json").read_text(encoding="utf-8"))
    return subject.model(dialect).learned(
        {
            comparison: {level: (pair[0], pair[1]) for level, pair in levels.items()}
            for comparison, levels in shares.get(subject.kind.value, {}).items()
        }
    )


def splink_comparisons(model: Model) -> list[ComparisonSpec]:
    """The part of the model that Splink can be shown: comparisons of columns, without names compared in
    Python."""
    return [
        ComparisonSpec(
            comparison.name,
            comparison.unknown,
            tuple(
                LevelSpec(level.name, level.sql, level.m, level.u, level.fixed) for level in comparison.levels
            ),
        )
        for comparison in model.comparisons
        if not any("how = " in level.sql or "alike >= " in level.sql for level in comparison.levels)
    ]


def _learned(engine: Engine, subject: Subject, model: Model, settings: Settings, lines: int) -> Model:
    """The model with shares learned from the list; the same on every engine, for it is learned on one."""
    # DuckDB's dialect whatever the engine: the lesson is given there.
    local = shipped_model(subject, dialect_of("duckdb"))
    lesson = _lesson(engine, subject, lines)
    used = _with_values(lesson, local)
    comparisons = [spec for spec in splink_comparisons(local) if spec.name in used]
    chance = 3 / lines
    learned: Shares = {}
    if settings.learn and lines >= _LEARN_FROM:
        learned = learn(lesson, comparisons, subject.lessons, 3 / lesson.num_rows)
        model = _blended(model, learned, _TRUST_SHIPPED, lesson.num_rows, chance)
    if settings.labels:
        labelled = _labelled(engine, settings.labels)
        taught = learn_from_labels(_evidence_of(engine, subject, labelled), comparisons, labelled, chance)
        model = _blended(
            model,
            {q: {n: (m, None) for n, (m, _) in v.items()} for q, v in taught.items()},
            20,
            0,
            chance,
            labelled.num_rows,
        )
    return model


def _lesson(engine: Engine, subject: Subject, lines: int) -> pa.Table:
    """All lines, or those of whole blocks of candidates: a sample of single rows would lose the pairs."""
    columns = ", ".join(f"e.{column}" for column in subject.columns)
    if lines <= _LESSON_ROWS:
        sql = f"SELECT e.id, {columns} FROM evidence e ORDER BY e.id"
    else:
        engine.run(
            Step(
                "lesson_ids",
                f"""
SELECT id FROM (
  SELECT id_l AS id FROM candidates WHERE id_l % {max(1, lines // (_LESSON_ROWS // 2))} = 0
  UNION SELECT id_r AS id FROM candidates WHERE id_l % {max(1, lines // (_LESSON_ROWS // 2))} = 0
) t ORDER BY id LIMIT {3 * _LESSON_ROWS}""",
            )
        )
        sql = f"SELECT e.id, {columns} FROM evidence e JOIN lesson_ids t ON t.id = e.id ORDER BY e.id"
    return pa.Table.from_batches(engine.batches(sql))


def _evidence_of(engine: Engine, subject: Subject, labels: pa.Table) -> pa.Table:
    columns = ", ".join(f"e.{column}" for column in subject.columns)
    engine.load("label_pairs", labels.schema, labels.to_batches())
    return pa.Table.from_batches(
        engine.batches(
            f"SELECT e.id, {columns} FROM evidence e WHERE e.id IN "
            "(SELECT id_l FROM label_pairs UNION SELECT id_r FROM label_pairs) ORDER BY e.id"
        )
    )


def _labelled(engine: Engine, labels: tuple[tuple[int, int], ...]) -> pa.Table:
    twins = dict(_pairs_of(engine, "SELECT row_id, id FROM twins"))
    ends = [(twins.get(a, a), twins.get(b, b)) for a, b in labels if twins.get(a, a) != twins.get(b, b)]
    ordered = sorted({(min(pair), max(pair)) for pair in ends})
    return pa.table({"id_l": [a for a, _ in ordered], "id_r": [b for _, b in ordered]})


def _pairs_of(engine: Engine, sql: str) -> Iterator[tuple[int, int]]:
    for batch in engine.batches(sql):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _with_values(lesson: pa.Table, model: Model) -> frozenset[str]:
    """Comparisons whose columns hold anything at all; the others would only slow the lesson down."""
    filled = {name for name in lesson.column_names if lesson.column(name).null_count < lesson.num_rows}
    return frozenset(
        comparison.name
        for comparison in model.comparisons
        if any(f"{name}_l" in level.sql for name in filled for level in comparison.levels)
    )


def _blended(
    model: Model,
    seen: Mapping[str, Mapping[str, tuple[float | None, float | None]]],
    trust: float,
    lines: int,
    chance: float,
    pairs: float | None = None,
) -> Model:
    """Shares seen, weighed against those shipped. A share among strangers is freed of the copies that random
    pairs hold as well, and that of a value which should point at one person stays as shipped: chance does not
    make two people give one address."""
    copies = pairs if pairs is not None else max(1.0, chance * lines * lines / 2)
    strangers = min(200_000.0, lines * lines / 2)
    shares: dict[str, dict[str, tuple[float, float]]] = {}
    for comparison in model.comparisons:
        for level in comparison.levels:
            m, u = seen.get(comparison.name, {}).get(level.name, (None, None))
            new_m = level.m if m is None else (m * copies + level.m * trust) / (copies + trust)
            new_u = level.u
            if u is not None and not level.crowd:
                new_u = (max(0.0, u - chance * new_m) * strangers + level.u * _TRUST_STRANGERS) / (
                    strangers + _TRUST_STRANGERS
                )
            shares.setdefault(comparison.name, {})[level.name] = (max(new_m, 1e-4), max(new_u, 1e-12))
    return model.learned(shares)


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
    kept = tuple(guard for guard in model.guards if guard.name not in _SHARED_HOME)
    # Scores name guards by their number: the lifted ones stay in their places, without force.
    idle = {guard.name: replace(guard, most_bits=_NO_FORCE) for guard in model.guards if guard not in kept}
    return replace(model, guards=tuple(idle.get(guard.name, guard) for guard in model.guards))


def _chance(engine: Engine, lines: int) -> float:
    """The odds that two random lines are one, such that the scores add up to as many pairs as it says."""
    if lines < 2:
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
    lines = max(lines, _FEW)
    every = lines * (lines - 1) / 2
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


def _grouped(engine: Engine, model: Model, thresholds: Thresholds, chance: float, source: str) -> Grouping:
    """Leave `clusters` (row_id, cluster), `cluster_names` and `line_groups` (id, cluster)."""
    odds = _odds(chance)
    sure, likely = (round(MILLI * bits_of(wanted)) for wanted in (thresholds.merge, thresholds.review))
    bits = _bits_sql(model, odds)
    engine.view(Step("weighed", f"SELECT s.*, {bits} AS bits FROM scored s"))
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
    selves = pair_steps.scores(model, pairs="copied", named=False, name="self_scored")
    engine.view(selves)
    engine.run(Step("thin", f"SELECT id_l AS id FROM self_scored WHERE {_bits_sql(model, odds)} < {sure}"))


def _clustered(engine: Engine, edges: pa.Table, sure: int) -> Grouping:
    left, right, bits = (edges.column(name).to_numpy() for name in ("id_l", "id_r", "bits"))
    if not len(left):
        return Grouping({}, ())
    ids, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    half = len(left)
    graph = coo_array((np.ones(half), (ends[:half], ends[half:])), shape=(len(ids), len(ids)))
    _, part = connected_components(graph, directed=False)
    schema = pa.schema([("id", pa.int64()), ("part", pa.int64())])
    engine.load(
        "parts", schema, pa.table({"id": ids, "part": part.astype(np.int64)}, schema=schema).to_batches()
    )
    # Only these parts need thought: all others are joined by sure pairs with nothing against.
    against = pa.Table.from_batches(
        engine.batches(
            """
SELECT s.id_l, s.id_r, s.bits, s.guard FROM weighed s JOIN parts l ON l.id = s.id_l JOIN parts r ON r.id =
s.id_r
WHERE l.part = r.part AND s.bits < 0"""
        ),
        schema=pa.schema(
            [("id_l", pa.int64()), ("id_r", pa.int64()), ("bits", pa.int64()), ("guard", pa.int32())]
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
        Edge(row["id_l"], row["id_r"], row["bits"] if row["guard"] >= 0 else max(row["bits"], -MOST_DOUBT))
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


def _judge(engine: Engine, dialect: BatchDialect, model: Model, thresholds: Thresholds, chance: float) -> int:
    """Leave `judged`: pairs that were merged, and pairs for a person to review, with reasons; returns how
    many
    are for review."""
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
