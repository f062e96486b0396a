"""The few places where batch SQL is said differently on DuckDB and on Spark. Same meaning, same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panout.kernel.errors import BadInput

# Accented and special Latin letters, one for one. `translate` treats code points alike on both engines, while
# their own accent strippers disagree (DuckDB has one, Spark has none).
_ACCENTED = "àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķĺļľłñńņňòóôõöøōŏőŕŗřśŝşšșţťŧțùúûüũūŭůűųŵýÿŷźżž"
_PLAIN = "aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiijkllllnnnnooooooooorrrsssssttttuuuuuuuuuuwyyyzzz"


@dataclass(frozen=True, slots=True)
class BatchDialect:
    """Expressions in, expressions out. Every argument is SQL text."""

    name: str

    @property
    def _spark(self) -> bool:
        return self.name == "spark"

    def fold(self, text: str) -> str:
        """Lower case without accents, for Latin letters; other scripts stay as they are."""
        plain = f"translate(lower({text}), '{_ACCENTED}', '{_PLAIN}')"
        spelt = f"replace(replace(replace({plain}, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')"
        # As many bytes as letters: nothing to spell out. Most names are such, and `translate` is slow.
        length = "octet_length" if self._spark else "strlen"
        return f"CASE WHEN {length}({text}) = length({text}) THEN lower({text}) ELSE {spelt} END"

    def words(self, text: str) -> str:
        """Plain words with one space between: what is no letter or digit of the Latin alphabet parts
        words."""
        everywhere = "" if self._spark else ", 'g'"
        return f"trim(regexp_replace({text}, '[^a-z0-9]+', ' '{everywhere}))"

    def last_word(self, words: str) -> str:
        return f"substring_index({words}, ' ', -1)" if self._spark else f"split_part({words}, ' ', -1)"

    def without_digits(self, text: str) -> str:
        everywhere = "" if self._spark else ", 'g'"
        return f"regexp_replace({text}, '[0-9]+', ''{everywhere})"

    def digits(self, text: str) -> str:
        """Its digits alone."""
        everywhere = "" if self._spark else ", 'g'"
        return f"regexp_replace({text}, '[^0-9]+', ''{everywhere})"

    def domain_in(self, text: str, number: int) -> str:
        """The so-many-th domain (from 1) named in a text of addresses; null when there are fewer."""
        pattern = self.literal("(?:https?://)?(?:www\\.)?([a-z0-9-]+(?:\\.[a-z0-9-]+)+)(?:[/?#][^ ,;]*)?")
        found = f"regexp_extract_all(lower({text}), {pattern}, 1)"
        return f"get({found}, {number - 1})" if self._spark else f"list_extract({found}, {number})"

    def foreign(self, text: str) -> str:
        """Does the text have a letter that `fold` leaves as it is?"""
        pattern = "[^\\x00-\\x7f]"
        literal = self.literal(pattern)
        return (
            f"{self.fold(text)} RLIKE {literal}"
            if self._spark
            else f"regexp_matches({self.fold(text)}, {literal})"
        )

    def best(self, value: str, rank: str) -> str:
        """Aggregate: the value that is not null and has the highest rank. Ranks must differ."""
        known = f"CASE WHEN {value} IS NULL THEN NULL ELSE {rank} END"
        return f"max_by({value}, {known})" if self._spark else f"arg_max({value}, {known})"

    def collected(self, value: str) -> str:
        """Aggregate: all values that are not null, ascending, in one list."""
        if self._spark:
            return f"sort_array(collect_list({value}))"
        return f"list({value} ORDER BY {value}) FILTER (WHERE {value} IS NOT NULL)"

    def united(self, texts: str) -> str:
        """Aggregate: the distinct members of all lists, ascending; null when there is none."""
        if self._spark:
            members = f"array_sort(array_distinct(flatten(collect_list({texts}))))"
            return f"nullif({members}, CAST(array() AS ARRAY<STRING>))"
        return (
            f"nullif(list_sort(list_distinct(flatten(list({texts}) FILTER (WHERE {texts} IS NOT NULL)))), [])"
        )

    @property
    def text(self) -> str:
        """The type of a text."""
        return "STRING" if self._spark else "VARCHAR"

    def listed(self, texts: str) -> str:
        """The members of a list in one text."""
        return f"array_join({texts}, '; ')" if self._spark else f"array_to_string({texts}, '; ')"

    def hashed(self, text: str) -> str:
        """A 64-bit hash for equality inside one run. The engines' values differ; which are equal does not."""
        return f"xxhash64({text})" if self._spark else f"hash({text})"

    def array(self, items: Sequence[str]) -> str:
        inner = ", ".join(items)
        return f"array({inner})" if self._spark else f"[{inner}]"

    def mapped(self, array: str, item: str, expression: str) -> str:
        """Each member of a list through an expression of `item`."""
        if self._spark:
            return f"transform({array}, {item} -> {expression})"
        return f"list_transform({array}, lambda {item}: {expression})"

    def holds(self, array: str, value: str) -> str:
        """Is the value a member of the list? Null when either is null."""
        return f"array_contains({array}, {value})" if self._spark else f"list_contains({array}, {value})"

    def exploded(self, array: str) -> str:
        """One row for each member; stands in a SELECT list."""
        return f"explode({array})" if self._spark else f"unnest({array})"

    def overlap(self, left: str, right: str) -> str:
        """Do two lists share a member? Null when either is null."""
        return f"arrays_overlap({left}, {right})" if self._spark else f"list_has_any({left}, {right})"

    def unpacked(self, whole: str, size: int) -> tuple[str, str]:
        """Quotient and remainder of two whole numbers."""
        return (f"{whole} div {size}" if self._spark else f"{whole} // {size}"), f"{whole} % {size}"

    def days(self, date: str) -> str:
        """Days since 1970-01-01."""
        return (
            f"datediff({date}, DATE '1970-01-01')"
            if self._spark
            else f"date_diff('day', DATE '1970-01-01', {date})"
        )

    def literal(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\") if self._spark else text
        return "'" + escaped.replace("'", "\\'" if self._spark else "''") + "'"

    def quoted(self, name: str) -> str:
        mark = "`" if self._spark else '"'
        return mark + name.replace(mark, mark * 2) + mark

    def from_json(self, json: str, key: str) -> str:
        """A member of a flat JSON object, as text."""
        if self._spark:
            return f"get_json_object({json}, {self.literal(f'$[{chr(39)}{key}{chr(39)}]')})"
        return f"json_extract_string({json}, {self.literal(f'$.{chr(34)}{key}{chr(34)}')})"


_KNOWN = {name: BatchDialect(name) for name in ("duckdb", "spark")}


def dialect_of(kind: str) -> BatchDialect:
    """By the engine's name."""
    if kind not in _KNOWN:
        raise BadInput(f"there is no engine called '{kind}'", mend="Say duckdb or spark.")
    return _KNOWN[kind]
