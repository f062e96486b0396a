"""What DuckDB, Spark and PostgreSQL say differently, and the one place where values become SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from panout.criteria.text import CAPITALS, GAPS, NUMBER, SMALL
from panout.kernel.fields import Kind


class Dialect(ABC):
    """About ten primitives. Arguments called `text`, `texts`, `json` are SQL; the others are values."""

    name: str
    types: Mapping[Kind, str]

    # Values and names: nothing else in the house may write a literal

    @abstractmethod
    def text_literal(self, value: str) -> str:
        """A text, such that no setting of the engine can read it as anything else."""

    @abstractmethod
    def quoted(self, name: str) -> str:
        """A name of a column or relation."""

    def literal(self, value: str | float | date | bool | None) -> str:
        """Any value. Texts with U+0000 raise ValueError: PostgreSQL cannot hold them."""
        match value:
            case None:
                return "NULL"
            case bool():
                return "TRUE" if value else "FALSE"
            case int():
                return str(value)
            case float():
                return f"CAST({self.text_literal(repr(value))} AS {self.types[Kind.NUMBER]})"
            case date():
                return f"DATE '{value.year:04d}-{value.month:02d}-{value.day:02d}'"
            case str():
                if "\x00" in value:
                    raise ValueError("a text with U+0000 cannot be written in SQL")
                return self.text_literal(value)

    def cast(self, expression: str, kind: Kind) -> str:
        return f"CAST({expression} AS {self.types[kind]})"

    # Text

    @abstractmethod
    def folded(self, text: str) -> str:
        """Lower case, one letter for one letter, as `criteria.text.fold`."""

    @abstractmethod
    def contains(self, text: str, part: str) -> str: ...

    @abstractmethod
    def starts(self, text: str, part: str) -> str: ...

    @abstractmethod
    def ends(self, text: str, part: str) -> str: ...

    @abstractmethod
    def words(self, text: str) -> str:
        """The folded words between single blanks, as `criteria.text.words` (or more blanks at the ends)."""

    # Lists and custom fields

    @abstractmethod
    def holds_any(self, texts: str, values: Sequence[str]) -> str:
        """Whether the list holds one of the folded values. NULL for a NULL list; NULLs inside are skipped."""

    @abstractmethod
    def custom(self, json: str, key: str) -> str:
        """The text under a key of a JSON object, NULL when absent."""

    @abstractmethod
    def number(self, text: str) -> str:
        """The text as a number, NULL unless it is written as `criteria.text.NUMBER`."""

    @abstractmethod
    def known_texts(self, texts: Sequence[str]) -> str:
        """A list of those texts (SQL) that are not NULL, in their order; empty where all are."""

    @abstractmethod
    def each(self, texts: str) -> str:
        """In a SELECT list: one row for each text of a list."""

    @abstractmethod
    def listed_without(self, texts: str, others: str) -> str:
        """Those texts of a list that another does not have, whatever their case: one text, parted by ", "."""

    # Days

    def days_between(self, later: str, earlier: str) -> str:
        """Whole days from one date (SQL) to another, as a whole number."""
        return f"({later} - {earlier})"

    def plus_days(self, day: str, days: int) -> str:
        """A date (SQL) moved by so many days."""
        return f"({day} + {days})"


@dataclass(frozen=True)
class DuckDB(Dialect):
    """DuckDB 2."""

    name = "duckdb"
    types = MappingProxyType(
        {
            Kind.TEXT: "VARCHAR",
            Kind.NUMBER: "DOUBLE",
            Kind.INTEGER: "BIGINT",
            Kind.DATE: "DATE",
            Kind.BOOLEAN: "BOOLEAN",
            Kind.TEXTS: "VARCHAR[]",
        }
    )

    def text_literal(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def folded(self, text: str) -> str:
        return f"lower({text})"

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {self.literal(part)})"

    def starts(self, text: str, part: str) -> str:
        return f"starts_with({text}, {self.literal(part)})"

    def ends(self, text: str, part: str) -> str:
        return f"ends_with({text}, {self.literal(part)})"

    def words(self, text: str) -> str:
        return f"(' ' || regexp_replace({self.folded(text)}, {self.literal(GAPS)}, ' ', 'g') || ' ')"

    def holds_any(self, texts: str, values: Sequence[str]) -> str:
        # One list_contains a value: four times faster here than list_has_any.
        folded = f"list_transform({texts}, lambda one: {self.folded('one')})"
        return " OR ".join(f"list_contains({folded}, {self.literal(value)})" for value in values)

    def custom(self, json: str, key: str) -> str:
        pointer = "/" + key.replace("~", "~0").replace("/", "~1")
        return f"json_extract_string({json}, {self.literal(pointer)})"

    def number(self, text: str) -> str:
        return (
            f"CASE WHEN regexp_full_match({text}, {self.literal(NUMBER)}) THEN TRY_CAST({text} AS DOUBLE) END"
        )

    def known_texts(self, texts: Sequence[str]) -> str:
        listed = ", ".join([*texts, "CAST(NULL AS VARCHAR)"])
        return f"list_filter([{listed}], lambda one: one IS NOT NULL)"

    def each(self, texts: str) -> str:
        return f"unnest({texts})"

    def listed_without(self, texts: str, others: str) -> str:
        folded = f"list_transform({others}, lambda other: {self.folded('other')})"
        left = f"list_filter({texts}, lambda one: NOT list_contains({folded}, {self.folded('one')}))"
        return f"array_to_string({left}, ', ')"


@dataclass(frozen=True)
class Spark(Dialect):
    """Spark 4."""

    name = "spark"
    types = MappingProxyType(
        {
            Kind.TEXT: "STRING",
            Kind.NUMBER: "DOUBLE",
            Kind.INTEGER: "BIGINT",
            Kind.DATE: "DATE",
            Kind.BOOLEAN: "BOOLEAN",
            Kind.TEXTS: "ARRAY<STRING>",
        }
    )

    def text_literal(self, value: str) -> str:
        # Quotes and backslashes mean different things by setting, and ${...} is replaced even inside a text:
        # whatever is not plain travels as bytes.
        if value.isprintable() and not set(value) & set("'\"\\$`"):
            return f"'{value}'"
        return f"decode(X'{value.encode().hex()}', 'UTF-8')"

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def folded(self, text: str) -> str:
        # Spark's full lower case differs from the simple one in these two capitals alone.
        return f"lower(translate({text}, {self.literal(CAPITALS)}, {self.literal(SMALL)}))"

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {self.literal(part)})"

    def starts(self, text: str, part: str) -> str:
        return f"startswith({text}, {self.literal(part)})"

    def ends(self, text: str, part: str) -> str:
        return f"endswith({text}, {self.literal(part)})"

    def words(self, text: str) -> str:
        return f"concat(' ', regexp_replace({self.folded(text)}, {self.literal(GAPS)}, ' '), ' ')"

    def holds_any(self, texts: str, values: Sequence[str]) -> str:
        wanted = ", ".join(self.literal(value) for value in values)
        return f"exists({texts}, one -> coalesce({self.folded('one')} IN ({wanted}), FALSE))"

    def custom(self, json: str, key: str) -> str:
        return f"try_element_at(from_json({json}, 'MAP<STRING, STRING>'), {self.literal(key)})"

    def number(self, text: str) -> str:
        # \z, because $ would let a line break pass.
        whole = self.literal(f"^(?:{NUMBER})\\z")
        return f"CASE WHEN {text} RLIKE {whole} THEN try_cast({text} AS DOUBLE) END"

    def known_texts(self, texts: Sequence[str]) -> str:
        listed = ", ".join([*texts, "CAST(NULL AS STRING)"])
        return f"filter(array({listed}), one -> one IS NOT NULL)"

    def each(self, texts: str) -> str:
        return f"explode({texts})"

    def listed_without(self, texts: str, others: str) -> str:
        folded = f"transform({others}, other -> {self.folded('other')})"
        return f"array_join(filter({texts}, one -> NOT array_contains({folded}, {self.folded('one')})), ', ')"

    def days_between(self, later: str, earlier: str) -> str:
        return f"datediff({later}, {earlier})"

    def plus_days(self, day: str, days: int) -> str:
        return f"date_add({day}, {days})"


@dataclass(frozen=True)
class PostgreSQL(Dialect):
    """PostgreSQL 17 or newer; lists are arrays and custom fields are jsonb.

    `collation` decides what lower case is. The built-in one knows every letter whatever the database was made
    with; on an older server give the name of a Unicode collation that it has.
    """

    collation: str = "pg_c_utf8"

    name = "postgresql"
    types = MappingProxyType(
        {
            Kind.TEXT: "text",
            Kind.NUMBER: "double precision",
            Kind.INTEGER: "bigint",
            Kind.DATE: "date",
            Kind.BOOLEAN: "boolean",
            Kind.TEXTS: "text[]",
        }
    )

    def text_literal(self, value: str) -> str:
        # E'' reads a backslash one way under every setting; a percent sign would be the driver's placeholder.
        plain = value.replace("'", "''")
        if "\\" in plain or "%" in plain:
            return "E'" + plain.replace("\\", "\\\\").replace("%", "\\x25") + "'"
        return f"'{plain}'"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def folded(self, text: str) -> str:
        return f"lower({text} COLLATE {self.quoted(self.collation)})"

    def contains(self, text: str, part: str) -> str:
        return f"(strpos({text}, {self.literal(part)}) > 0)"

    def starts(self, text: str, part: str) -> str:
        return f"starts_with({text}, {self.literal(part)})"

    def ends(self, text: str, part: str) -> str:
        return f"(right({text}, {len(part)}) = {self.literal(part)})"

    def words(self, text: str) -> str:
        return f"(' ' || regexp_replace({self.folded(text)}, {self.literal(GAPS)}, ' ', 'g') || ' ')"

    def holds_any(self, texts: str, values: Sequence[str]) -> str:
        wanted = ", ".join(self.literal(value) for value in values)
        held = f"{self.folded('one.value')} IN ({wanted})"
        some = f"EXISTS (SELECT 1 FROM unnest({texts}) AS one(value) WHERE {held})"
        return f"CASE WHEN {texts} IS NOT NULL THEN {some} END"

    def custom(self, json: str, key: str) -> str:
        return f"({json} ->> {self.literal(key)})"

    def number(self, text: str) -> str:
        whole = self.literal(f"^(?:{NUMBER})$")
        return f"CASE WHEN {text} ~ {whole} THEN CAST({text} AS double precision) END"

    def known_texts(self, texts: Sequence[str]) -> str:
        listed = ", ".join([*texts, "CAST(NULL AS text)"])
        return f"array_remove(ARRAY[{listed}], NULL)"

    def each(self, texts: str) -> str:
        return f"unnest({texts})"

    def listed_without(self, texts: str, others: str) -> str:
        folded = f"SELECT {self.folded('other')} FROM unnest({others}) AS told(other)"
        return (
            f"(SELECT coalesce(string_agg(one, ', '), '') FROM unnest({texts}) AS listed(one) "
            f"WHERE {self.folded('one')} NOT IN ({folded}))"
        )


DUCKDB = DuckDB()
SPARK = Spark()
POSTGRESQL = PostgreSQL()
DIALECTS: Mapping[str, Dialect] = MappingProxyType({one.name: one for one in (DUCKDB, SPARK, POSTGRESQL)})
