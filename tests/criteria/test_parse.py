"""A wrong text is told where it is wrong and what to write; nothing else ever comes out."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panout.criteria.errors import CriteriaError
from panout.criteria.grammar import GRAMMAR
from panout.criteria.parse import DEEPEST, LONGEST, MOST, parse
from panout.criteria.schema import CATALOGUE
from panout.criteria.tree import Tree
from tests.criteria.constructs import HOSTILE, TEXTS


def complaint(text: str, schema=CATALOGUE) -> CriteriaError:
    with pytest.raises(CriteriaError) as caught:
        parse(text, schema)
    return caught.value


def read(text: str) -> Tree | CriteriaError:
    try:
        return parse(text)
    except CriteriaError as error:
        return error


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("employes > 5", 1, "unknown field 'employes'. Did you mean 'employees'?"),
        ("zzz > 5", 1, "unknown field 'zzz'. A field that only your list has is written custom.zzz."),
        ('hiring and industy = "x"', 12, "unknown field 'industy'. Did you mean 'industry'?"),
        ("industry > 5", 12, "'industry' is text; '>' needs a number or a date."),
        ('industry >= "a"', 13, "'industry' is text; '>=' needs a number or a date."),
        ("industry = 5", 12, "'industry' is text; 5 is not."),
        ("industry = software", 12, "cannot read 'software' here. Text goes in quotes: \"software\"."),
        ('employees = "50"', 13, "'employees' is a whole number; \"50\" is not."),
        ("employees > 10.5", 13, "'employees' is a whole number; 10.5 is not."),
        ("employees > 2024-01-01", 13, "'employees' is a whole number; the date 2024-01-01 is not."),
        ("employees bewteen 5 and 9", 11, "Did you mean 'between'?"),
        ("employees between 9 and 5", 19, "the range runs backwards"),
        ("employees > 99999999999999999", 13, "the number is too large"),
        ("employees > 50%", 15, "without a percent sign"),
        ("employees any of (5)", 11, "need a list of texts"),
        ('industry any of ("x")', 10, 'Write industry in ("...", "...").'),
        ('technologies = "x"', 16, "'technologies' is a list of texts"),
        ("employees contains 5", 20, "a text is needed here"),
        ('employees contains "5"', 11, "`contains` needs text"),
        ('title contains ""', 16, "at least one letter or digit"),
        ('title has word "--"', 16, "at least one letter or digit"),
        ("employees", 1, "alone says nothing"),
        ("hiring > true", 10, "yes or no; '>' needs a number or a date"),
        ("hiring = 1", 10, "Write hiring = true, or hiring = false."),
        ("employees = true", 13, "'employees' is a whole number, not yes or no"),
        ("employees within 5 days", 18, "`within` needs a date"),
        ("founded within 5 days", 16, "count in years"),
        ("last_contacted within 5 dys", 25, "Did you mean 'days'?"),
        ("last_contacted within 1.5 days", 23, "a span is a whole number"),
        ("last_contacted > 2024-02-30", 18, "'2024-02-30' is not a date"),
        ('signal("x") > 5', 13, "only `within` can follow it"),
        ('signal("x") older than 5 days', 13, "only `within` can follow it"),
        ('signal("x").strenth > 5', 13, "Did you mean 'strength'?"),
        ('signal("")', 8, "a signal type has a name"),
        ("(hiring", 8, "the text ends too early. Expected"),
        ("hiring)", 7, "cannot read ')' here"),
        ("hiring and", 11, "the text ends too early"),
        ("hiring && hiring", 8, "Write `and`."),
        ("industry = “x”", 12, 'Use straight quotes: "...".'),
        ('industry = "x', 12, "The closing quote is missing."),
        ("custom.x = 2024-01-01", 12, "a custom field is text or a number"),
        ('custom.x in (1, "a")', 17, "mixes numbers and texts"),
        ("", 1, "the text is empty"),
        (" # nothing but a remark", 24, "the text ends too early"),
        ("industry = '\x00'", 13, "U+0000"),
        ("industry = '\ud800'", 13, "U+D800"),
    ],
)
def test_an_error_has_a_place_and_a_mend(text, column, said):
    error = complaint(text)
    assert said in str(error)
    assert (error.line, error.column) == (1, column)
    assert error.where == f"line 1, column {column}"


def test_the_caret_stands_under_the_place():
    error = complaint("hiring\n  and employes > 5")
    assert (error.line, error.column) == (2, 7)
    assert error.picture == "  and employes > 5\n      ^"


def test_the_caret_finds_its_place_in_a_very_long_line():
    error = complaint("hiring or " * 300 + "employes > 5")
    line, caret = error.picture.split("\n")
    assert line[len(caret) - 1 :].startswith("employes > 5")
    assert len(line) <= 100


def test_a_signal_type_that_nobody_detects_is_questioned():
    schema = CATALOGUE.plus(signals=["hiring_started", "funding"])
    assert "Did you mean 'hiring_started'?" in str(complaint('signal("hiring_startd")', schema))
    assert "There is funding or hiring_started." in str(complaint('signal("zzz")', schema))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "hiring" + ")" * 10_000,
        "not " * 10_000 + "hiring",
        "not (" * 10_000 + "hiring" + ")" * 10_000,
        "(" * 10_000,
        "(hiring and " * 5_000,
    ],
)
def test_ten_thousand_levels_are_refused_at_once(text):
    start = time.process_time()
    assert f"nested more than {DEEPEST} levels deep" in str(complaint(text))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * (LONGEST // 2 - 1),
        '"' * LONGEST,
        "'\"" * (LONGEST // 2),
        "hiring or " * (LONGEST // 10),
        "a" * LONGEST,
        "9" * LONGEST,
        "employees = " + "1_" * (LONGEST // 2 - 6),
        "# " * (LONGEST // 2),
        "\n" * LONGEST,
        "industry " + "starts " * (LONGEST // 7 - 2),
        "employees in (" + "1," * (LONGEST // 2 - 7),
        'custom."' + "\\" * (LONGEST - 8),
        "as " * (LONGEST // 3),
        "not " + "\t" * (LONGEST - 4),
    ],
)
def test_the_longest_texts_are_refused_in_bounded_time(text):
    start = time.process_time()
    complaint(text)
    assert time.process_time() - start < 5


def test_parentheses_in_a_text_or_a_remark_are_not_levels():
    parse('industry = "' + "(" * 1_000 + '" # ' + "(" * 1_000)


def test_reasonable_depth_is_fine():
    tree = parse("(not " * (DEEPEST // 2) + "hiring" + ")" * (DEEPEST // 2))
    assert str(tree).count("not") == DEEPEST // 2


def test_a_huge_text_is_refused_unread():
    assert f"{LONGEST:,} is the most" in str(complaint("x" * (LONGEST + 1)))


def test_too_many_conditions_are_refused():
    parse(" or ".join(["hiring"] * MOST))
    assert "more than 1,000 conditions" in str(complaint(" or ".join(["hiring"] * (MOST + 1))))


def test_ten_thousand_values_in_a_list_are_fine():
    assert len(parse(f"employees in ({', '.join(map(str, range(10_000)))})").values) == 10_000


@pytest.mark.parametrize(
    ("loose", "plain"),
    [
        ("EMPLOYEES >= 1_000 AND Hiring", "employees >= 1000 and hiring"),
        ("employees == 10k", "employees = 10000"),
        ("revenue <> 1.5M", "revenue != 1500000"),
        ("revenue = .5", "revenue = 0.5"),
        ("employees 50..500", "employees between 50 and 500"),
        ("(hiring and (opted_out and hiring))", "hiring and opted_out and hiring"),
        ("hiring is not true", "not hiring"),
        ("employees is not known", "employees is unknown"),
        ("tags contains 'VIP'", 'tags any of ("VIP")'),
        ("last_contacted < today - 2 weeks", "last_contacted < as of - 2 weeks"),
        ("last_contacted = '2024-01-31'", "last_contacted = 2024-01-31"),
        ("last_contacted within the last 1 years", "last_contacted within 1 year"),
        ('signal("B", "a", "b")', 'signal("b", "a")'),
        ('count( signal("a") within last 5 days)>1', 'count(signal("a") within 5 days) > 1'),
        ('country in ("DE", "DE",)', 'country in ("DE")'),
        ("hiring # and so on\n and opted_out", "hiring and opted_out"),
        (r'industry = "a\\b\"c\d"', r'industry = "a\\b\"c\\d"'),
    ],
)
def test_ways_to_write_the_same(loose, plain):
    assert str(parse(loose)) == plain
    assert parse(plain) == parse(loose)


@pytest.mark.parametrize("text", TEXTS)
def test_plain_text_reads_as_the_same_tree(text):
    assert parse(str(parse(text))) == parse(text)


_PIECES = st.sampled_from(
    [
        *(
            "employees",
            "industry",
            "hiring",
            "tags",
            "founded",
            "last_contacted",
            "custom.",
            "signal",
            "count",
        ),
        *("and", "or", "not", "in", "is", "between", "within", "older than", "any of", "as of", "known", "x"),
        *(
            "(",
            ")",
            ",",
            "..",
            ".",
            "=",
            "<",
            "!=",
            '"',
            "'",
            "\\",
            "-",
            "+",
            "#",
            "\n",
            "%",
            "\x00",
            "\u2028",
        ),
        *("5", "1.5m", "10k", "2024-01-01", "30 days", '"a"', '("a", "b")', "1_0", "0" * 400, "9" * 400),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(_PIECES, max_size=14).map(" ".join),
        st.lists(_PIECES, max_size=10).map("".join),
    )
)
@example("employees = 1" + "0" * 5_000)
@example("revenue = 0." + "0" * 5_000 + "1")
@example("employees = \u0661")
def test_any_text_is_a_tree_or_a_complaint(text):
    told = read(text)
    if isinstance(told, CriteriaError):
        assert told.line >= 1
        assert told.column >= 1
        assert told.picture.endswith("^")
    else:
        assert parse(str(told)) == told


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_outside_quotes_is_no_criterion(hostile):
    complaint(f"industry = {hostile} x")


def test_no_word_of_the_language_is_a_field():
    words = {
        word
        for word in GRAMMAR.lower().replace("|", " ").replace("/", " ").split()
        if word in CATALOGUE.fields
    }
    assert words == set()
