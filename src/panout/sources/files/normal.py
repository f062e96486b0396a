"""The rules of `sources.rules`, for whole columns: each distinct cell of a batch is read once.

The clean common case of text and email is decided by Arrow alone; everything else goes through the very
functions that read a single row, so the two cannot drift apart (a property test compares them all the same).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from panout.batch.letters import Mask, letters
from panout.kernel.fields import FIELDS, Kind
from panout.kernel.suffixes import one_label_suffixes, two_label_suffixes
from panout.sources.files.phones import phones_of
from panout.sources.files.raw import RawBatch, Reject, shown
from panout.sources.files.relations import ARROW_KINDS, ROWS_SCHEMA
from panout.sources.rules.companies import name_key
from panout.sources.rules.dates import DateOrder, parse_date
from panout.sources.rules.emails import (
    EmailGrade,
    GradedEmail,
    desk_words,
    disposable_domains,
    free_domains,
    graded_email,
    is_desk,
    mail_domain,
)
from panout.sources.rules.headers import LOCATION, PERSON_LOCATION, ColumnGuess
from panout.sources.rules.people import PersonName, person_name
from panout.sources.rules.places import Place, region_country, region_name, split_location
from panout.sources.rules.records import (
    COMPANY_PLACE,
    IDENTITY,
    NO_IDENTITY,
    PERSON_PLACE,
    PHONES,
    REASONS,
    SIMPLE_RULES,
    Custom,
    Value,
)
from panout.sources.rules.text import NOTHING, stated
from panout.sources.rules.titles import TitleReading, likely_role, read_title

_TEXT = pa.string()
_NOTHING = pa.array(sorted(NOTHING), _TEXT)
# Only cells that begin like a word for nothing, with a blank, or with what is no ASCII need to be looked up, and only
# those no longer than the longest such word, unless there are blanks around.
_LONGEST_NOTHING = max(len(word.encode()) for word in NOTHING)
_LIKE_NOTHING = np.isin(
    np.arange(256),
    [
        *range(0x21),
        *range(0x7F, 256),
        *(ord(letter) for word in NOTHING for letter in word[:1] + word[:1].upper()),
    ],
)
_MAYBE_BLANK = np.isin(np.arange(256), [*range(0x21), *range(0x7F, 256)])
_SPACE, _AND, _HYPHEN, _DOT = b" &-."
# Distinct cells whose reading is kept for the batches to come; beyond it the memory starts anew.
_REMEMBERED = 32_768
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the columns of one list fill the fields, fixed before its first row is read."""

    file: str
    columns: Mapping[str, tuple[str, ...]]  # field -> headers, the preferred one first
    custom_columns: tuple[str, ...]
    date_orders: Mapping[str, DateOrder]  # per header
    default_country: str | None
    share_country: bool

    def for_row(self) -> Custom:
        """The same, as the row-at-a-time rules take it."""
        orders = {f: self.date_orders[h[0]] for f, h in self.columns.items() if h[0] in self.date_orders}
        return Custom(self.default_country, orders, self.share_country)


def plan_of(
    file: str,
    guesses: Sequence[ColumnGuess],
    date_orders: Mapping[str, DateOrder],
    default_country: str | None,
) -> Plan:
    """Put the guessed columns in the order in which they are asked."""
    columns: dict[str, list[ColumnGuess]] = {}
    for guess in guesses:
        if guess.field is not None:
            columns.setdefault(guess.field, []).append(guess)
    asked = {
        name: tuple(g.header for g in sorted(found, key=lambda g: g.order)) for name, found in columns.items()
    }
    custom = tuple(guess.header for guess in guesses if guess.field is None)
    has_place = any(name in asked for name in (*COMPANY_PLACE, LOCATION))
    has_company = any(name in asked for name in ("company_name", "domain", "website", "company_linkedin"))
    return Plan(
        file, asked, custom, date_orders, default_country, share_country=has_company and not has_place
    )


@dataclass(slots=True)
class _Work:
    """A batch while its columns are read."""

    plan: Plan
    raw: RawBatch
    fields: dict[str, pa.Array] = made(default_factory=dict)
    unread: list[tuple[str, str, pa.Array]] = made(default_factory=list)  # header, reason, mask

    @property
    def length(self) -> int:
        return int(self.raw.cells.num_rows)

    def nothing(self, kind: pa.DataType) -> pa.Array:
        return pa.nulls(self.length, kind)

    def get(self, name: str) -> pa.Array:
        found = self.fields.get(name)
        return found if found is not None else self.nothing(ROWS_SCHEMA.field(name).type)

    def cells(self, name: str) -> list[tuple[str, pa.Array]]:
        return [(header, self.raw.cells.column(header)) for header in self.plan.columns.get(name, ())]


def normal_rows(raw: RawBatch, plan: Plan, next_id: int) -> tuple[pa.RecordBatch, list[Reject], list[Reject]]:
    """The used rows of a batch in `ROWS_SCHEMA`, its rejects (unread rows and rows about nobody), its
    warnings."""
    work = _Work(plan, raw)
    for name, kind in FIELDS.items():
        if name in plan.columns:
            if name in SIMPLE_RULES:
                work.fields[name] = _simple(work, name)
            elif kind.kind is Kind.DATE:
                work.fields[name] = _dates(work, name)
            elif kind.kind is Kind.TEXT and name not in _OWN_WAY:
                work.fields[name] = _plain(work, name)
    _places(work)
    _phones(work)
    _names(work)
    _roles(work)
    _emails(work)
    if "website" in work.fields:
        sites = domains(work.fields["website"])
        work.fields["domain"] = pc.coalesce(work.get("domain"), sites)
    work.fields["name_key"] = mapped(work.get("company_name"), _name_key, _TEXT)
    return _finished(work, next_id)


_OWN_WAY = frozenset({"email", "email_grade", "phone", "mobile", "company_phone", "full_name"})


def mapped(cells: pa.Array, rule: Callable[[str], Value], kind: pa.DataType) -> pa.Array:
    """A rule applied to a column, once for each distinct cell."""
    coded = cells.dictionary_encode()
    found = [rule(cell) for cell in coded.dictionary.to_pylist()]
    return pa.array(found, kind).take(coded.indices)


class Remembered(dict[str, Value]):
    """What a rule said of each text so far: the same few come again in every batch. `read` is the rule."""

    def __init__(self, rule: Callable[[str], Value], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._rule, self._most = rule, most
        self.read: Callable[[str], Value] = self.__getitem__

    def __missing__(self, text: str) -> Value:
        if len(self) >= self._most:
            self.clear()
        found = self[text] = self._rule(text)
        return found


@cache
def _rule(name: str) -> Callable[[str], Value]:
    return Remembered(SIMPLE_RULES[name]).read


_name_key = Remembered(name_key).read
_domain = SIMPLE_RULES["domain"]


def blank(cells: pa.Array) -> pa.Array:
    """Which cells hold white space at most; of NULLs anything may be said."""
    text = letters(cells)
    empty = text.lengths == 0
    # What Arrow trims as white space is a blank, a control character, or no ASCII.
    like = ~empty & _MAYBE_BLANK[text.first()] & _MAYBE_BLANK[text.last()]
    if like.any():
        few = pc.equal(pc.utf8_trim_whitespace(cells.filter(pa.array(like))), "")
        empty[like] = pc.fill_null(few, True).to_numpy(zero_copy_only=False)
    return pa.array(empty)


def says_something(cells: pa.Array) -> pa.Array:
    """Which cells state anything at all (True or False, never NULL)."""
    text = letters(cells)
    said = pc.and_(pc.is_valid(cells), pa.array(text.lengths > 0))
    first = text.first()
    like = (text.lengths <= _LONGEST_NOTHING) | _MAYBE_BLANK[first] | _MAYBE_BLANK[text.last()]
    like &= (text.lengths > 0) & _LIKE_NOTHING[first]
    if not like.any():
        return said
    few = cells.filter(pa.array(like))
    words = pc.utf8_lower(pc.utf8_trim_whitespace(few))
    something = pc.and_(pc.is_valid(few), pc.invert(pc.is_in(words, _NOTHING)))
    return pc.replace_with_mask(said, pa.array(like), something)


def _only_stated(cells: pa.Array) -> pa.Array:
    return pc.if_else(says_something(cells), cells, pa.scalar(None, _TEXT))


def _simple(work: _Work, name: str) -> pa.Array:
    return _by_rule(work, name, _rule(name), ARROW_KINDS[FIELDS[name].kind])


def _by_rule(work: _Work, name: str, rule: Callable[[str], Value], kind: pa.DataType) -> pa.Array:
    kept = work.nothing(kind)
    for header, column in work.cells(name):
        cells = pc.if_else(pc.is_null(kept), _only_stated(column), pa.scalar(None, _TEXT))
        usual = _USUAL.get(name)
        found = usual(cells) if usual else mapped(cells, rule, kind)
        _note(work, header, name, cells, found)
        kept = found if kept.null_count == len(kept) else _coalesced(kept, found)
    return kept


_PROFILE = r"^https?://(?:www\.)?linkedin\.com/in/(?P<slug>[A-Za-z0-9-]+)/?$"


def profiles(cells: pa.Array) -> pa.Array:
    """Profile addresses hardly repeat; the usual form of them is rewritten by Arrow, the others one by
    one."""
    slugs = pc.extract_regex(cells, _PROFILE).flatten()[0]
    usual = pc.binary_join_element_wise("https://www.linkedin.com/in/", pc.ascii_lower(slugs), "")
    return _completed(cells, usual, "linkedin")


# A bare domain, or the address of its front page, in a form whose parts need no second look. RE2.
_SITE = (
    r"^(?P<scheme>https?://)?(?P<www>[wW][wW][wW]\.)?"
    r"(?P<host>[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:\.[A-Za-z0-9](?:-?[A-Za-z0-9])*)*\.[A-Za-z]{2,24})/?$"
)
_LONGEST_SITE = 63


def _sites(cells: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Scheme, www and host of usual addresses, in lower case; NULL for the others."""
    short = pc.if_else(
        pc.less_equal(pc.binary_length(cells), _LONGEST_SITE), cells, pa.scalar(None, cells.type)
    )
    scheme, www, host = (pc.ascii_lower(part) for part in pc.extract_regex(short, _SITE).flatten())
    # Of two www the second is part of the name, and not for the first glance.
    once = pc.if_else(pc.starts_with(host, "www."), pa.scalar(None, _TEXT), host)
    return scheme, www, once


def websites(cells: pa.Array) -> pa.Array:
    """Front pages are written out by Arrow, other addresses one by one."""
    coded = cells.dictionary_encode()
    scheme, www, host = _sites(coded.dictionary)
    scheme = pc.if_else(pc.equal(scheme, ""), "https://", scheme)
    usual = pc.binary_join_element_wise(scheme, www, host, "")
    return _completed(coded.dictionary, usual, "website").take(coded.indices)


def domains(cells: pa.Array) -> pa.Array:
    """Ordinary names of two labels are told by columns, others by the rule, once for each host, however its addresses
    are written."""
    known = _registered(cells)
    odd = pc.and_(pc.is_valid(cells), pc.is_null(known))
    if not pc.any(odd, min_count=0).as_py():
        return known
    return _patched(known, odd, lambda _: _domains_of_sites(cells.filter(odd)))


def _domains_of_sites(cells: pa.Array) -> pa.Array:
    coded = cells.dictionary_encode()
    _, _, hosts = _sites(coded.dictionary)
    found = _registered(hosts)
    names = pc.coalesce(hosts, coded.dictionary)
    rest = mapped(pc.if_else(pc.is_null(found), names, pa.scalar(None, _TEXT)), _domain, _TEXT)
    return pc.coalesce(found, rest).take(coded.indices)


def _registered(hosts: pa.Array) -> pa.Array:
    """acme.com is registered as it stands, where com is a suffix and acme.com is none. NULL: the rule must be asked."""
    plain = _two_labels(hosts)
    names = hosts.filter(pa.array(plain))
    tops = pc.split_pattern(names, ".").flatten()[1::2]
    one, two = _suffixes()
    plain[plain] = pc.and_(pc.is_in(tops, one), pc.invert(pc.is_in(names, two))).to_numpy(
        zero_copy_only=False
    )
    return pc.if_else(pa.array(plain), hosts, pa.scalar(None, _TEXT))


def _two_labels(hosts: pa.Array) -> Mask:
    """Which cells are a name like acme.com and nothing else: lower case, one dot, no two marks side by side."""
    text = letters(hosts)
    marks = (text.bytes_ == _DOT) | (text.bytes_ == _HYPHEN)
    odd = ~(marks | _between(text.bytes_, "a", "z") | _between(text.bytes_, "0", "9"))
    odd[1:] |= marks[1:] & marks[:-1]
    edges = np.isin(text.first(), [_DOT, _HYPHEN]) | np.isin(text.last(), [_DOT, _HYPHEN])
    dots = pc.fill_null(pc.count_substring(hosts, "."), 0).to_numpy()
    fit: Mask = (dots == 1) & (text.lengths <= _LONGEST_SITE) & ~edges & ~text.holding(odd)
    return fit


def _between(bytes_: npt.NDArray[np.uint8], first: str, last: str) -> Mask:
    # What is less than the first comes out very large.
    return bytes_ - np.uint8(ord(first)) <= np.uint8(ord(last) - ord(first))


@cache
def _suffixes() -> tuple[pa.Array, pa.Array]:
    return pa.array(sorted(one_label_suffixes()), _TEXT), pa.array(sorted(two_label_suffixes()), _TEXT)


def _completed(cells: pa.Array, usual: pa.Array, name: str) -> pa.Array:
    """What is known, and the other cells that state something by the rule."""
    odd = pc.and_(pc.is_valid(cells), pc.is_null(usual))
    if not pc.any(odd, min_count=0).as_py():
        return usual
    return _patched(usual, odd, lambda _: mapped(cells.filter(odd), SIMPLE_RULES[name], _TEXT))


_USUAL: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "linkedin": profiles,
    "website": websites,
    "domain": domains,
}


def _coalesced(first: pa.Array, second: pa.Array) -> pa.Array:
    if second.null_count == len(second):
        return first
    if pa.types.is_list(first.type):
        pairs = zip(first.to_pylist(), second.to_pylist(), strict=True)
        return pa.array([one if one is not None else other for one, other in pairs], first.type)
    return pc.coalesce(first, second)


def _note(work: _Work, header: str, name: str, cells: pa.Array, found: pa.Array) -> None:
    """Remember the cells that stated something and could not be read."""
    if name in REASONS and found.null_count > cells.null_count:
        work.unread.append((header, REASONS[name], pc.and_(pc.is_valid(cells), pc.is_null(found))))


def _plain(work: _Work, name: str) -> pa.Array:
    kept = work.nothing(_TEXT)
    for _, column in work.cells(name):
        kept = pc.coalesce(kept, tidied(column))
    return kept


def tidied(column: pa.Array) -> pa.Array:
    """`stated` for a column: clean cells pass, the others are tidied one by one."""
    cells = _only_stated(column)
    odd = _untidy(cells)
    if not odd.any():
        return cells
    return _patched(cells, pc.and_(pa.array(odd), pc.is_valid(cells)), lambda few: mapped(few, stated, _TEXT))


def _untidy(cells: pa.Array) -> Mask:
    """Which cells `rules.text.tidy` might change, empty ones aside: odd letters, blanks doubled or at an end."""
    text = letters(cells)
    spaces = text.bytes_ == _SPACE
    marked = ~(spaces | _between(text.bytes_, "!", "~")) | (text.bytes_ == _AND)
    marked[1:] |= spaces[1:] & spaces[:-1]
    edges = (text.lengths > 0) & ((text.first() == _SPACE) | (text.last() == _SPACE))
    found: Mask = text.holding(marked) | edges
    return found


def _patched(cells: pa.Array, odd: pa.Array, rule: Callable[[pa.Array], pa.Array]) -> pa.Array:
    return pc.replace_with_mask(cells, odd, rule(cells.filter(odd)))


def _dates(work: _Work, name: str) -> pa.Array:
    kept = work.nothing(pa.date32())
    for header, column in work.cells(name):
        order = work.plan.date_orders.get(work.plan.columns[name][0], DateOrder.MONTH_FIRST)
        cells = pc.if_else(pc.is_null(kept), _only_stated(column), pa.scalar(None, _TEXT))
        found = mapped(cells, lambda cell, order=order: parse_date(cell, order), pa.date32())  # type: ignore[misc]
        _note(work, header, name, cells, found)
        kept = pc.coalesce(kept, found)
    return kept


def _places(work: _Work) -> None:
    for source, fields in ((LOCATION, COMPANY_PLACE), (PERSON_LOCATION, PERSON_PLACE)):
        columns = work.cells(source)
        if columns:
            cells = pc.coalesce(*[_only_stated(column) for _, column in columns])
            _split_places(work, cells, fields)
        region, country = fields[3], fields[4]
        if region in work.fields:
            regions = work.fields[region]
            work.fields[country] = pc.coalesce(work.get(country), mapped(regions, region_country, _TEXT))
            work.fields[region] = _paired(regions, work.fields[country], region_name)
    if work.plan.share_country:
        work.fields["country"] = pc.coalesce(work.get("country"), work.get("person_country"))


def _split_places(work: _Work, cells: pa.Array, fields: Sequence[str]) -> None:
    coded = cells.dictionary_encode()
    places: list[Place] = [split_location(cell) for cell in coded.dictionary.to_pylist()]
    parts = (
        [place.address for place in places],
        [place.postal_code for place in places],
        [place.city for place in places],
        [place.region for place in places],
        [place.country for place in places],
    )
    for name, part in zip(fields, parts, strict=True):
        found = pa.array(part, _TEXT).take(coded.indices)
        work.fields[name] = pc.coalesce(work.get(name), found)


def _paired(cells: pa.Array, lands: pa.Array, rule: Callable[[str, str | None], str | None]) -> pa.Array:
    """A rule of a cell and its row's country, once for each distinct pair."""
    joined = pc.binary_join_element_wise(pc.fill_null(lands, ""), cells, _BETWEEN)
    coded = joined.dictionary_encode()
    found = []
    for pair in coded.dictionary.to_pylist():
        land, _, cell = pair.partition(_BETWEEN)
        found.append(rule(cell, land or None))
    return pa.array(found, _TEXT).take(coded.indices)


def _phones(work: _Work) -> None:
    for name, own in PHONES:
        if name not in work.plan.columns:
            continue
        other = "country" if own == "person_country" else "person_country"
        lands = pc.coalesce(work.get(own), work.get(other), pa.scalar(work.plan.default_country, _TEXT))
        kept = work.nothing(_TEXT)
        for header, column in work.cells(name):
            cells = pc.if_else(pc.is_null(kept), _only_stated(column), pa.scalar(None, _TEXT))
            if cells.null_count == len(cells):
                continue
            found = phones_of(cells, lands)
            _note(work, header, name, cells, found)
            kept = pc.coalesce(kept, found)
        work.fields[name] = kept


def _names(work: _Work) -> None:
    first, last = work.get("first_name"), work.get("last_name")
    given = pc.or_(pc.is_valid(first), pc.is_valid(last))
    # Arrow's own way to skip NULLs in a join loses rows where all are NULL (seen in 26.0).
    both = pc.binary_join_element_wise(pc.fill_null(first, ""), pc.fill_null(last, ""), " ")
    joined = pc.if_else(given, pc.utf8_trim_whitespace(both), pa.scalar(None, _TEXT))
    if "full_name" not in work.plan.columns:
        work.fields["full_name"] = joined
        return
    full, first_found, last_found = (work.nothing(_TEXT) for _ in range(3))
    for header, column in work.cells("full_name"):
        cells = pc.if_else(pc.is_null(full), _only_stated(column), pa.scalar(None, _TEXT))
        coded = cells.dictionary_encode()
        names: list[PersonName | None] = [person_name(cell) for cell in coded.dictionary.to_pylist()]
        found = pa.array([name.full if name else None for name in names], _TEXT).take(coded.indices)
        _note(work, header, "full_name", cells, found)
        firsts = pa.array([name.first if name else None for name in names], _TEXT).take(coded.indices)
        lasts = pa.array([name.last if name else None for name in names], _TEXT).take(coded.indices)
        first_found = pc.if_else(pc.is_valid(full), first_found, firsts)
        last_found = pc.if_else(pc.is_valid(full), last_found, lasts)
        full = pc.coalesce(full, found)
    work.fields["full_name"] = pc.coalesce(full, joined)
    work.fields["first_name"] = pc.if_else(given, first, first_found)
    work.fields["last_name"] = pc.if_else(given, last, last_found)


def _roles(work: _Work) -> None:
    """Seniority, department and buying role: as stated in columns of their own, else as the title has
    them."""
    coded = work.get("title").dictionary_encode()
    titles: list[TitleReading] = [read_title(title) for title in coded.dictionary.to_pylist()]
    ranks = pa.array([title.seniority for title in titles], _TEXT).take(coded.indices)
    places = pa.array([title.department for title in titles], _TEXT).take(coded.indices)
    roles = pa.array([title.buying_role for title in titles], _TEXT).take(coded.indices)
    work.fields["seniority"] = pc.coalesce(work.get("seniority"), ranks)
    work.fields["department"] = pc.coalesce(work.get("department"), places)
    stated_role = pc.coalesce(work.get("buying_role"), roles)
    guessed = _paired(work.fields["seniority"], work.fields["department"], _likely)
    work.fields["buying_role"] = pc.coalesce(stated_role, guessed)


def _likely(rank: str, department: str | None) -> str | None:
    return likely_role(rank, department)


def _emails(work: _Work) -> None:
    kept, grades, domains = (work.nothing(_TEXT) for _ in range(3))
    free = work.nothing(pa.bool_())
    any_stated = pa.array([False] * work.length, pa.bool_()) if work.cells("email") else None
    for header, column in work.cells("email"):
        said = says_something(column)
        any_stated = pc.or_(any_stated, said)
        cells = pc.if_else(pc.and_(pc.is_null(kept), said), column, pa.scalar(None, _TEXT))
        if cells.null_count == len(cells):
            continue
        found, grade, registered, is_free = _graded(cells)
        _note(work, header, "email", cells, found)
        kept, grades = pc.coalesce(kept, found), pc.coalesce(grades, grade)
        domains, free = pc.coalesce(domains, registered), pc.coalesce(free, is_free)
    if any_stated is not None:
        bad = pc.and_(any_stated, pc.is_null(kept))
        grades = pc.if_else(bad, pa.scalar(EmailGrade.INVALID.value, _TEXT), grades)
    work.fields |= {"email": kept, "email_grade": grades, "email_domain": domains, "email_free": free}


def _graded(cells: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    # Blanks around an address do no harm to it.
    lowered = pc.ascii_trim(pc.ascii_lower(cells), characters=" ")
    plain = pc.and_(
        pc.match_substring_regex(lowered, PLAIN_EMAIL), pc.less_equal(pc.binary_length(lowered), 64)
    )
    plain = pc.fill_null(plain, False)
    share = pc.sum(plain).as_py() or 0
    if share == len(cells):
        return _graded_plain(lowered)
    if not share:
        return _graded_singly(cells)
    odd = pc.invert(plain)
    easy, hard = _graded_plain(lowered.filter(plain)), _graded_singly(cells.filter(odd))
    places = pa.concat_arrays([pc.indices_nonzero(plain), pc.indices_nonzero(odd)])
    back = pc.sort_indices(places)
    easy_first = [pa.concat_arrays([_exact(a, b.type), b]) for a, b in zip(easy, hard, strict=True)]
    one, two, three, four = (column.take(back) for column in easy_first)
    return one, two, three, four


# Addresses that need no second look once they are in lower case. RE2; `parse_email` accepts all of these.
PLAIN_EMAIL = r"^[a-z0-9](?:\.?[a-z0-9_+-])*@(?:[a-z0-9](?:-?[a-z0-9])*\.)+[a-z]{2,24}$"
_PARTS = r"^(?P<local>[^@]+)@(?P<domain>[^@]+)$"
_DESK_LIKE = f"^(?:{'|'.join(sorted(desk_words()))})"


def _graded_plain(emails: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    """Grades by distinct domain; only locals that begin like a desk are looked at one by one."""
    local, host = pc.extract_regex(emails, _PARTS).flatten()
    registered, free, grade = mail_domains(host)
    likely = pc.match_substring_regex(local, _DESK_LIKE)
    desks = pc.replace_with_mask(
        likely, likely, pa.array(map(is_desk, local.filter(likely).to_pylist()), pa.bool_())
    )
    role = pc.and_(desks, pc.not_equal(grade, EmailGrade.DISPOSABLE.value))
    return (
        emails,
        pc.if_else(role, EmailGrade.ROLE.value, grade),
        registered,
        free,
    )


def mail_domains(hosts: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """`mail_domain` of each host: the registered domain, whether it is free, and a person's grade there."""
    registered = _registered(hosts)
    free_names, thrown_away = _providers()
    free = pc.is_in(registered, free_names)
    grade = pc.if_else(
        free,
        EmailGrade.FREE.value,
        pc.if_else(pc.is_in(registered, thrown_away), EmailGrade.DISPOSABLE.value, EmailGrade.WORK.value),
    )
    odd = pc.and_(pc.is_valid(hosts), pc.is_null(registered))
    if not pc.any(odd, min_count=0).as_py():
        return registered, free, grade
    coded = hosts.filter(odd).dictionary_encode()
    asked = [mail_domain(name) for name in coded.dictionary.to_pylist()]
    grades = [EmailGrade.DISPOSABLE if one.disposable else one.personal_grade for one in asked]
    answers = (
        pa.array([one.registered for one in asked], _TEXT),
        pa.array([one.free for one in asked], pa.bool_()),
        pa.array(grades, _TEXT),
    )
    one, two, three = (
        pc.replace_with_mask(known, odd, answer.take(coded.indices))
        for known, answer in zip((registered, free, grade), answers, strict=True)
    )
    return one, two, three


@cache
def _providers() -> tuple[pa.Array, pa.Array]:
    return pa.array(sorted(free_domains()), _TEXT), pa.array(sorted(disposable_domains()), _TEXT)


def _graded_singly(cells: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    coded = cells.dictionary_encode()
    graded: list[GradedEmail | None] = [graded_email(cell) for cell in coded.dictionary.to_pylist()]
    return (
        pa.array([str(found.address) if found else None for found in graded], _TEXT).take(coded.indices),
        pa.array([found.grade.value if found else None for found in graded], _TEXT).take(coded.indices),
        pa.array([found.domain if found else None for found in graded], _TEXT).take(coded.indices),
        pa.array([found.free if found else None for found in graded], pa.bool_()).take(coded.indices),
    )


def _custom(work: _Work) -> pa.Array:
    """The custom columns of each row as one JSON object, NULL when it has none."""
    members = []
    for header in work.plan.custom_columns:
        cells = tidied(work.raw.cells.column(header))
        if cells.null_count < len(cells):
            member = pc.binary_join_element_wise(
                ", ", json.dumps(header, ensure_ascii=False), ": ", json_text(cells), ""
            )
            members.append(pc.fill_null(member, ""))
    if not members:
        return work.nothing(_TEXT)
    inside = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, ""), 2)
    return pc.if_else(
        pc.equal(inside, ""), pa.scalar(None, _TEXT), pc.binary_join_element_wise("{", inside, "}", "")
    )


def json_text(cells: pa.Array) -> pa.Array:
    """Tidy text (no control characters) as JSON strings."""
    escaped = pc.replace_substring(pc.replace_substring(cells, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise('"', escaped, '"', "")


def _finished(work: _Work, next_id: int) -> tuple[pa.RecordBatch, list[Reject], list[Reject]]:
    named = pc.or_(pc.is_valid(work.get("full_name")), pc.is_valid(work.get("linkedin")))
    of_company = pc.or_(pc.is_valid(work.get("company_name")), pc.is_valid(work.get("domain")))
    at_desk = pc.fill_null(pc.equal(work.get("email_grade"), EmailGrade.ROLE.value), False)
    addressed = pc.and_not(pc.is_valid(work.get("email")), pc.and_(of_company, at_desk))
    work.fields["kind"] = pc.if_else(pc.or_(named, addressed), "person", "company")
    work.fields["custom"] = _custom(work)
    used = pa.array([False] * work.length, pa.bool_())
    for name in IDENTITY:
        used = pc.or_(used, pc.is_valid(work.get(name)))
    work.fields["row"] = work.raw.numbers
    work.fields["file"] = pa.array([work.plan.file], _TEXT).take(pa.array([0] * work.length, pa.int32()))
    work.fields["row_id"] = work.nothing(pa.int64())
    arrays = [work.get(column.name) for column in ROWS_SCHEMA]
    rows = pa.record_batch(
        [_exact(a, column.type) for a, column in zip(arrays, ROWS_SCHEMA, strict=True)], schema=ROWS_SCHEMA
    )
    rejects = list(work.raw.rejects)
    if not pc.all(used, min_count=0).as_py():
        for place in pc.indices_nonzero(pc.invert(used)).to_pylist():
            cells = [cell for column in work.raw.cells.columns if (cell := column[place].as_py())]
            rejects.append(
                Reject(work.raw.numbers[place].as_py(), None, shown(" | ".join(cells)), NO_IDENTITY)
            )
        rows = rows.filter(used)
    ids = pa.array(range(next_id, next_id + rows.num_rows), pa.int64())
    return rows.set_column(0, ROWS_SCHEMA.field("row_id"), ids), rejects, _warnings(work, used)


def _exact(array: pa.Array, kind: pa.DataType) -> pa.Array:
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return whole if whole.type == kind else whole.cast(kind)


def _warnings(work: _Work, used: pa.Array) -> list[Reject]:
    """One line for each unread cell of a used row; a rejected row has its one line among the rejects."""
    found = []
    for header, reason, mask in work.unread:
        column = work.raw.cells.column(header)
        for place in pc.indices_nonzero(pc.and_(mask, used)).to_pylist():
            number = work.raw.numbers[place].as_py()
            found.append(Reject(number, header, shown(column[place].as_py()), reason))
    return found
