"""Rules read a column at a time say what they say of each cell; also where cells are nearly of the usual form."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panout.sources.files.normal import blank, domains, mail_domains, says_something, tidied
from panout.sources.files.phones import phones_of
from panout.sources.rules.emails import EmailGrade, mail_domain
from panout.sources.rules.phones import phone
from panout.sources.rules.text import NOTHING, stated
from panout.sources.rules.webs import domain

LANDS = [
    None,
    "US",
    "CA",
    "GB",
    "DE",
    "FR",
    "IT",
    "ES",
    "NL",
    "CH",
    "AT",
    "NO",
    "IL",
    "RU",
    "AR",
    "JM",
    "AU",
    "XX",
]
STARTS = [
    "",
    "+",
    "00",
    "0",
    "1",
    "+1",
    "+44",
    "+440",
    "+49",
    "+490",
    "+39",
    "+7",
    "+33",
    "+55",
    "+358",
    "+999",
    "00",
]
NUMBERS = st.builds(
    str.__add__,
    st.sampled_from(STARTS),
    st.one_of(
        st.text("0123456789", min_size=5, max_size=13),
        st.text("01", min_size=6, max_size=11),
        st.text("0123456789 ()-./+x\u00a0", max_size=18),
        st.just("(0)30 1234567"),
        st.text("5", min_size=7, max_size=11),
    ),
)
COLUMN = st.lists(
    st.tuples(st.one_of(st.none(), NUMBERS, st.text(max_size=4)), st.sampled_from(LANDS)), max_size=12
)


@settings(max_examples=400, deadline=None)
@given(COLUMN)
@example(
    [("+39 06 1234567", "DE"), ("(218) 555-7152", "US"), ("1 218 555 7152", "CA"), ("044 857 51 44", "CH")]
)
@example(
    [("2222222222", "US"), ("+1 222 222 2222", None), ("018632515267", "IL"), ("+49 (0)30 1234567", "DE")]
)
@example([("911544967", "ES"), ("349115449", "ES"), ("+34911544967", "ES"), ("0034911544967", "ES")])
@example(
    [("+47 (0)2123456", None), ("+47 02123456", "NO"), ("(0)2123456", "NO"), ("02123456", "NO"), (None, None)]
)
def test_phones_of_a_column_are_those_of_its_cells(column: list[tuple[str | None, str | None]]) -> None:
    cells, lands = (
        pa.array(part, pa.string()) for part in (zip(*column, strict=True) if column else ([], []))
    )
    found = phones_of(cells, lands).to_pylist()
    assert found == [None if cell is None else phone(cell, land) for cell, land in column]


LABELS = st.sampled_from(
    ["acme", "a", "x-y", "-x", "x-", "a--b", "www", "co", "github", "xn--mller-kva", "Acme", "1a", "7"]
)
TOPS = st.sampled_from(
    [
        "com",
        "de",
        "uk",
        "co.uk",
        "github.io",
        "io",
        "ck",
        "kawasaki.jp",
        "test",
        "example",
        "nowhere",
        "рф",
        "1",
        "c",
    ]
)
HOSTS = st.one_of(
    st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(LABELS, max_size=3), TOPS),
    st.sampled_from(
        ["gmail.com", "mail.gmail.com", "mailinator.com", "n.a", "localhost", "a..b", "linkedin.com", "."]
    ),
)
SITES = st.builds(
    lambda front, host, path: front + host + path,
    st.sampled_from(["", "", "http://", "https://www.", "www.", " ", "HTTPS://"]),
    HOSTS,
    st.sampled_from(["", "", "/", "/team", ":80", " "]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.none(), SITES), max_size=12))
@example(["linkedin.com/in/x", "linkedin.com", "www.com", "www.ck", "city.kawasaki.jp", "x.city.kawasaki.jp"])
def test_domains_of_a_column_are_those_of_its_cells(column: list[str | None]) -> None:
    found = domains(pa.array(column, pa.string())).to_pylist()
    assert found == [None if cell is None else domain(cell) for cell in column]


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTS.filter(lambda host: host == host.lower()), min_size=1, max_size=12))
def test_mail_hosts_of_a_column_are_those_of_its_cells(column: list[str]) -> None:
    registered, free, grades = mail_domains(pa.array(column, pa.string()))
    asked = [mail_domain(host) for host in column]
    assert registered.to_pylist() == [one.registered for one in asked]
    assert free.to_pylist() == [one.free for one in asked]
    assert grades.to_pylist() == [
        EmailGrade.DISPOSABLE.value if one.disposable else one.personal_grade.value for one in asked
    ]


WORDS = st.one_of(
    st.none(),
    st.builds(
        lambda before, word, shout, after: before + (word.upper() if shout else word) + after,
        st.text(" \t\u00a0\u2003\x1c", max_size=3),
        st.sampled_from(
            [*sorted(NOTHING), "x", "nana", "tbd.", "&amp;", "a  b", "a b ", "\u212a.a.", "é", "\x7f"]
        ),
        st.booleans(),
        st.text(" \t\u00a0\u2003\x1c", max_size=3),
    ),
    st.text(max_size=30),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=12), st.integers(0, 3))
@example(
    [
        "R&amp;D",
        "R & D",
        "a  b",
        " a",
        "b ",
        "c",
        "",
        None,
        "N/A",
        " n/a ",
        "na",
        "\u2003",
        "x\x7f",
        "\u212a.A.",
    ],
    1,
)
def test_what_says_nothing_in_a_column_says_nothing_in_its_cells(
    column: list[str | None], start: int
) -> None:
    # A slice of a column begins in the middle of its bytes.
    cells, column = pa.array(column, pa.string()).slice(start), column[start:]
    assert says_something(cells).to_pylist() == [
        cell is not None and cell.strip().lower() not in NOTHING for cell in column
    ]
    assert tidied(cells).to_pylist() == [
        stated(cell) if cell is not None and cell.strip().lower() not in NOTHING else None for cell in column
    ]
    blanks = blank(cells).to_pylist()
    assert all(
        found == (not cell.strip()) for found, cell in zip(blanks, column, strict=True) if cell is not None
    )
