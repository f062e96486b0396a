"""From evidence to scored pairs: alike rows folded together, rarity, keys, blocks, candidates, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.model import MILLI, Comparison, Level, Model

# Two row numbers in one BIGINT: pairs are told apart by one comparison instead of two.
_PACK = 2**31


def twins(dialect: BatchDialect, columns: Sequence[str]) -> list[Step]:
    """Rows that give the very same evidence are one line of `evidence_base`; `twins` says which rows those
    are."""
    texts = ", ".join(f"coalesce(CAST({column} AS STRING), '\t')" for column in columns if column != "forms")
    return [
        Step(
            "evidence_prints",
            f"SELECT *, {dialect.hashed(f'concat_ws(chr(10), {texts})')} AS print FROM evidence_rows",
        ),
        Step(
            "prints",
            "SELECT print, min(row_id) AS id, count(*) AS copies FROM evidence_prints GROUP BY print",
        ),
        Step(
            "twins",
            "SELECT e.row_id, p.id FROM evidence_prints e JOIN prints p ON p.print = e.print",
        ),
        Step(
            "evidence_base",
            f"""
SELECT p.id, p.copies, {", ".join(f"e.{column}" for column in columns)}
FROM evidence_prints e JOIN prints p ON p.id = e.row_id""",
        ),
    ]


def rarity_steps(
    rarities: Mapping[str, tuple[float, float]],
    pointers: Sequence[str],
    unseen: int,
    signature: str,
    known: Mapping[str, int] | None = None,
) -> list[Step]:
    """`evidence`: with r_<column>, thousandths of a bit for how rare a value is, and c_<column>,
    thousandths of a
    bit for how many different people (by `signature`) give a value that should point at one.

    The two rows that are being compared do not count: that they agree is the question. `known` says how many lines
    outside of `evidence_base` have a value, by column; how often each is there stands in `known_counts`."""
    steps = []
    for column, (share, most) in rarities.items():
        counted = (
            f"SELECT {column}, count(*) AS n FROM evidence_base WHERE {column} IS NOT NULL GROUP BY {column}"
        )
        if known and column in known:
            counted = (
                f"SELECT {column}, sum(n) AS n FROM ({counted} "
                f"UNION ALL SELECT value, n FROM known_counts WHERE kind = '{column}') b GROUP BY {column}"
            )
        steps.append(
            Step(
                f"rarity_{column}",
                f"""
SELECT {column} AS value,
       CAST(round(-{MILLI} * log2(greatest({2**-most!r}, (greatest(n - 2.0, 0.0) + {unseen * share!r}) / (total + {unseen}.0)))) AS BIGINT)
         AS rarity
FROM (SELECT {column}, CAST(n AS DOUBLE) AS n FROM ({counted}) c) v
CROSS JOIN (SELECT CAST(count({column}) + {known.get(column, 0) if known else 0} AS DOUBLE) AS total FROM evidence_base) t""",
            )
        )
    for column in pointers:
        steps.append(  # noqa: PERF401 - one heading, as above
            Step(
                f"crowd_{column}",
                f"""
SELECT value, CAST(round(2 * {MILLI} * log2(CAST(people AS DOUBLE))) AS BIGINT) AS crowd
FROM (
  SELECT value, count(*) AS people
  FROM (SELECT {column} AS value, {signature} AS who FROM evidence_base WHERE {column} IS NOT NULL GROUP BY 1, 2) s
  GROUP BY value HAVING count(*) > 1
) v""",
            )
        )
    rare = "".join(f",\n       coalesce(rarity_{c}.rarity, 0) AS r_{c}" for c in rarities)
    crowded = "".join(f",\n       coalesce(crowd_{c}.crowd, 0) AS c_{c}" for c in pointers)
    joins = "".join(f"\nLEFT JOIN rarity_{c} ON rarity_{c}.value = e.{c}" for c in rarities)
    joins += "".join(f"\nLEFT JOIN crowd_{c} ON crowd_{c}.value = e.{c}" for c in pointers)
    steps.append(Step("evidence", f"SELECT e.*{rare}{crowded}\nFROM evidence_base e{joins}"))
    return steps


def keys(dialect: BatchDialect, expressions: Mapping[str, str]) -> Step:
    """One line for each row and key. Keys are hashed: a number is cheaper to group and join than its text."""
    hashed = [
        dialect.hashed(f"'{kind.rstrip('+')}' || '|' || {expression}")
        if dialect.name == "duckdb"
        else f"CASE WHEN {expression} IS NULL THEN NULL ELSE "
        + dialect.hashed(f"'{kind.rstrip('+')}' || '|' || {expression}")
        + " END"
        for kind, expression in expressions.items()
    ]
    guarded = [
        f"CASE WHEN {expression} IS NULL THEN NULL ELSE {item} END" if dialect.name == "duckdb" else item
        for item, expression in zip(hashed, expressions.values(), strict=True)
    ]
    return Step(
        "row_keys",
        f"""
SELECT id, key FROM (SELECT id, {dialect.exploded(dialect.array(guarded))} AS key FROM evidence) k
WHERE key IS NOT NULL""",
    )


def block_sizes() -> Step:
    return Step("blocks", "SELECT key, count(*) AS size FROM row_keys GROUP BY key HAVING count(*) > 1")


def candidates(dialect: BatchDialect, largest: int, first_new: int = 0) -> Step:
    """Pairs that share a key which at most `largest` rows have, each pair once, with at least one new row."""
    left, right = dialect.unpacked("pair", _PACK)
    usable = f"(SELECT k.id, k.key FROM row_keys k JOIN blocks b ON b.key = k.key WHERE b.size <= {largest})"
    return Step(
        "candidates",
        f"""
SELECT {left} AS id_l, {right} AS id_r
FROM (
  SELECT DISTINCT l.id * {_PACK} + r.id AS pair
  FROM {usable} l JOIN {usable} r ON l.key = r.key AND l.id < r.id AND r.id >= {first_new}
) p""",
    )


def level_case(comparison: Comparison) -> str:
    """SQL for the number of the level that holds; -1 when there is nothing to compare."""
    cases = "".join(
        f" WHEN {level.sql} THEN {place}" for place, level in enumerate(comparison.levels) if level.sql
    )
    return f"CASE WHEN {comparison.unknown} THEN -1{cases} ELSE {len(comparison.levels) - 1} END"


def weight_case(comparison: Comparison) -> str:
    """SQL for the thousandths of a bit that the level is worth."""
    cases = "".join(
        f" WHEN {place} THEN {level_weight(level)}" for place, level in enumerate(comparison.levels)
    )
    return f"CASE g_{comparison.name}{cases} ELSE 0 END"


def level_weight(level: Level) -> str:
    weight = str(level.weight)
    if level.rarity:
        weight += f" + {level.rarity}"
    if level.crowd:
        weight += f" - {level.crowd}"
    return weight


def _worth(model: Model) -> list[str]:
    """SQL for what the pair's values are worth beyond their level: the lesser rarity, the greater crowd."""
    levels = [level for comparison in model.comparisons for level in comparison.levels]
    rare = sorted({level.rarity for level in levels if level.rarity})
    crowded = sorted({level.crowd for level in levels if level.crowd})
    worth = [f"CAST(least({name}_l, {name}_r) AS INTEGER) AS {name}" for name in rare]
    return worth + [f"CAST(greatest({name}_l, {name}_r) AS INTEGER) AS {name}" for name in crowded]


def _worthy(model: Model) -> list[str]:
    """The columns of the evidence that `_worth` is told of."""
    return sorted({c for q in model.comparisons for v in q.levels for c in (v.rarity, v.crowd) if c})


def levels(model: Model, *, pairs: str = "candidates", named: bool = False, name: str = "levels") -> Step:
    """Each pair with the level of every comparison, the guard that held (-1: none), and what the shared values are worth.
    Shares play no part, so that it can be told while they are being learned. `named`: the likeness of names comes from
    `name_scores`."""
    both = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in (*model.columns, *_worthy(model)))
    asked = ",\n         ".join(f"{level_case(q)} AS g_{q.name}" for q in model.comparisons)
    told = ", ".join([*(f"g_{q.name}" for q in model.comparisons), *_worth(model)])
    guard = "".join(f" WHEN {g.sql} THEN {place}" for place, g in enumerate(model.guards))
    guarded = f"CASE{guard} ELSE -1 END" if guard else "-1"
    likeness = ", n.alike, n.how" if named else ", CAST(NULL AS BIGINT) AS alike, CAST(NULL AS STRING) AS how"
    stated = (
        "\n    LEFT JOIN name_scores n ON n.a = least(l.stated, r.stated) AND n.b = greatest(l.stated, r.stated)"
        if named
        else ""
    )
    return Step(
        name,
        f"""
SELECT id_l, id_r, {told}, {guarded} AS guard
FROM (
  SELECT *,
         {asked}
  FROM (
    SELECT p.id_l, p.id_r{likeness}, {both}
    FROM {pairs} p JOIN evidence l ON l.id = p.id_l JOIN evidence r ON r.id = p.id_r{stated}
  ) j
) g""",
    )


def scores(model: Model, *, of: str = "levels", name: str = "scored") -> Step:
    """The pairs of `levels` with their weight in thousandths of a bit."""
    names = ", ".join(f"g_{q.name}" for q in model.comparisons)
    total = " +\n       ".join(weight_case(q) for q in model.comparisons)
    return Step(
        name, f"SELECT id_l, id_r, {names}, guard,\n       CAST({total} AS BIGINT) AS weight\nFROM {of}"
    )


def reasons(dialect: BatchDialect, model: Model, odds: int) -> Step:
    """`judged`: the kept pairs with probability and reasons, the weightiest words first by the order of
    asking."""
    parts = [
        "CASE WHEN said THEN 'a person says that they are one' WHEN NOT said THEN 'a person says that they are two' END"
    ]
    for comparison in model.comparisons:
        cases = "".join(
            f" WHEN {place} THEN concat({dialect.literal(level.words)}, ' ', {_signed(level_weight(level))})"
            for place, level in enumerate(comparison.levels)
            if level.words
        )
        parts.append(f"CASE g_{comparison.name}{cases} END")
    guards = "".join(
        f" WHEN {place} THEN {dialect.literal(guard.words)}" for place, guard in enumerate(model.guards)
    )
    if guards:
        parts.append(f"CASE guard{guards} END")
    both = "".join(f", l.{c} AS {c}_l, r.{c} AS {c}_r" for c in _worthy(model))
    worth = "".join(f", {told}" for told in _worth(model))
    joined = f"concat_ws('; ', {', '.join(parts)}, concat('before any comparison ', {_signed(str(odds))}))"
    return Step(
        "judged",
        f"""
SELECT id_l, id_r, bits, 1.0 / (1.0 + power(2.0, -least(greatest(bits / {MILLI}.0, -60.0), 60.0))) AS probability,
       decision, {joined} AS reasons
FROM (
  SELECT *{worth} FROM (
    SELECT k.*{both} FROM kept_pairs k JOIN evidence l ON l.id = k.id_l JOIN evidence r ON r.id = k.id_r
  ) b
) p""",
    )


def _signed(weight: str) -> str:
    """Bits with a sign and one decimal, in whole numbers, so that both engines write the same."""
    tenths = f"CAST(round(abs({weight}) / 100.0) AS BIGINT)"
    sign = f"CASE WHEN {weight} < 0 THEN '-' ELSE '+' END"
    whole = f"CAST(CAST(floor({tenths} / 10.0) AS BIGINT) AS STRING)"
    return f"concat({sign}, {whole}, '.', CAST({tenths} % 10 AS STRING))"
