"""Who wins a field when several rows are one. `steps.golden` says the same in SQL.

The rule, in order, for every field by itself (an empty cell never wins):

1. where a value can be better made, the better made one wins: a name in mixed case before one that shouts or
   whispers; an email of a better grade before a worse one;
2. a person's row of the latest `last_contacted` wins: it was true most recently;
3. the row that knows most fields wins: exports of a record beat hasty lists;
4. a company's value that most rows give wins;
5. the row read first wins.

Lists of texts are united. A wish not to be contacted, from any row, stays: `do_not_call` and `opted_out`
are true
when one row says so. `last_contacted` is the latest.
"""

from __future__ import annotations

from panout.sources.rules.emails import EmailGrade

# Names that people write by hand; a better made one wins before anything else is asked.
WRITTEN_NAMES = frozenset({"company_name", "full_name", "first_name", "last_name", "title"})

# Any row's yes stands, whatever the other rows say.
WISHES = frozenset({"do_not_call", "opted_out"})

# From the best to the worst, as `sources` grades an address; what is not listed counts as unknown.
EMAIL_GRADES = (
    EmailGrade.WORK,
    EmailGrade.FREE,
    EmailGrade.UNKNOWN,
    EmailGrade.ROLE,
    EmailGrade.DISPOSABLE,
    EmailGrade.INVALID,
)


def well_written(name: str) -> int:
    """2 for mixed case (or a script without case), 1 for an all-lower name, 0 for a long one that shouts.

    Up to four capitals are an acronym, not a shout.
    """
    if name == name.upper() and name != name.lower() and len(name) > 4:
        return 0
    if name == name.lower() and name != name.upper():
        return 1
    return 2


def email_worth(grade: str | None) -> int:
    """Higher is better; an unknown or unlisted grade stands in the middle, where 'unknown' is."""
    known = EmailGrade(grade) if grade in EMAIL_GRADES else EmailGrade.UNKNOWN
    return len(EMAIL_GRADES) - EMAIL_GRADES.index(known)
