"""What changed between two snapshots of a list, as signals: one named SQL step a kind of change.

Only a change from one known value to another is a change: a fact that was unknown before tells nothing about
when it came about. All signals of a comparison bear one date, that of the new snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from panout.batch.steps import Step
from panout.criteria.dialects import Dialect
from panout.kernel.fields import Kind
from panout.kernel.signals import signal_type

VIEWS = frozenset({"same_accounts", "same_contacts", "snapshot_signals"})
"""Steps that cost nothing until they are read."""

ACCOUNT_CHANGES = (
    "hiring_started",
    "hiring_stopped",
    "team_grew",
    "team_shrank",
    "status_changed",
    "tech_changed",
    "renamed",
    "new_company",
)
CONTACT_CHANGES = ("job_changed", "title_changed", "new_person")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a team has grown or shrunk: by at least so many people AND so many per cent of the old number.

    Both, because a start-up of four that hires one has grown by a quarter and tells nothing, and a bank that
    hires fifty has hardly grown at all.
    """

    people: int = 3
    percent: int = 20


def snapshot_steps(
    dialect: Dialect,
    *,
    on: date,
    source: str,
    thresholds: Thresholds | None = None,
    old_accounts: str = "old_accounts",
    new_accounts: str = "accounts",
    old_contacts: str | None = "old_contacts",
    new_contacts: str | None = "contacts",
) -> list[Step]:
    """From two snapshots, each with accounts and contacts of its own, to `snapshot_signals`.

    Ids in the result are those of the new snapshot. `on` dates every signal; `source` names the list. Without
    contacts (None) only the companies are compared.
    """
    line = _Line(dialect, on, source, thresholds or Thresholds(), old_accounts, new_accounts)
    steps = line.account_steps()
    kinds = list(ACCOUNT_CHANGES)
    if old_contacts is not None and new_contacts is not None:
        steps += line.contact_steps(old_contacts, new_contacts)
        kinds += CONTACT_CHANGES
    union = "\nUNION ALL\n".join(f"SELECT * FROM {dialect.quoted(kind)}" for kind in kinds)
    return [*steps, Step("snapshot_signals", union)]


@dataclass(frozen=True, slots=True)
class _Line:
    dialect: Dialect
    on: date
    source: str
    thresholds: Thresholds
    old_accounts: str
    new_accounts: str

    def account_steps(self) -> list[Step]:
        """Each new account beside the old one it was, then a step for each kind of change.

        A record id of the source is the surest: names and domains change, which is the point. But ids of two
        different sources may coincide, so they are believed only where most of the pairs they make agree on a
        domain or a name. Then come the same account, domain, LinkedIn page, and a former name.
        """
        old, new = self.dialect.quoted(self.old_accounts), self.dialect.quoted(self.new_accounts)
        agree = f"o.domain = n.domain OR {self.name('o.company_name')} = {self.name('n.company_name')}"
        former = (
            f"SELECT DISTINCT account_id, {self.name('former')} AS mark FROM "
            f"(SELECT account_id, {self.dialect.each('former_names')} AS former FROM {new}) AS told"
        )
        named = f"SELECT account_id, {self.name('company_name')} AS mark FROM {old}"
        id_ = "account_id"
        return [
            self.trust("record_ids_hold", old, new, "company_record_id", agree),
            *self.matching(
                id_,
                "same_accounts",
                {
                    "by_record": (
                        _marks(old, id_, "company_record_id", "(SELECT hold FROM record_ids_hold)"),
                        _marks(new, id_, "company_record_id"),
                    ),
                    "by_account": (_marks(old, id_, id_), _marks(new, id_, id_)),
                    "by_domain": (_marks(old, id_, "domain"), _marks(new, id_, "domain")),
                    "by_linkedin": (
                        _marks(old, id_, "company_linkedin"),
                        _marks(new, id_, "company_linkedin"),
                    ),
                    "by_former_name": (named, former),
                },
            ),
            *(self.change(kind, old, new) for kind in self.account_changes()),
            self.newcomers("new_company", new, id_, "same_accounts", "is on the list for the first time"),
        ]

    def contact_steps(self, old_contacts: str, new_contacts: str) -> list[Step]:
        """The same for people. A LinkedIn profile goes along to the next job; an address at work does not."""
        old, new = self.dialect.quoted(old_contacts), self.dialect.quoted(new_contacts)
        agree = (
            "o.email = n.email OR o.linkedin = n.linkedin OR "
            f"{self.name('o.full_name')} = {self.name('n.full_name')}"
        )
        id_ = "contact_id"
        return [
            self.trust("person_ids_hold", old, new, "contact_record_id", agree),
            *self.matching(
                id_,
                "same_contacts",
                {
                    "person_by_record": (
                        _marks(old, id_, "contact_record_id", "(SELECT hold FROM person_ids_hold)"),
                        _marks(new, id_, "contact_record_id"),
                    ),
                    "person_by_linkedin": (_marks(old, id_, "linkedin"), _marks(new, id_, "linkedin")),
                    "person_by_id": (_marks(old, id_, id_), _marks(new, id_, id_)),
                    "person_by_email": (_marks(old, id_, "email"), _marks(new, id_, "email")),
                },
            ),
            self.job_changed(old, new),
            self.title_changed(old, new),
            self.newcomers("new_person", new, id_, "same_contacts", "is on the list for the first time"),
        ]

    # Who is who

    def trust(self, name: str, old: str, new: str, record_id: str, agree: str) -> Step:
        """One row: whether record ids mean the same in both snapshots."""
        return Step(
            name,
            f"SELECT coalesce(2 * sum(CASE WHEN {agree} THEN 1 ELSE 0 END) >= count(*), FALSE) AS hold\n"
            f"FROM {old} AS o JOIN {new} AS n ON o.{record_id} = n.{record_id}",
        )

    def matching(self, id_: str, name: str, marks: dict[str, tuple[str, str]]) -> list[Step]:
        """A step per mark, surest first, each among those whom the steps before left over; then all of them.

        A mark that two on one side share decides nothing: better a change missed than one made up.
        """
        steps: list[Step] = []
        for step, (old, new) in marks.items():
            sides = []
            for told, column in ((old, "old_id"), (new, "new_id")):
                left = "".join(
                    f" AND NOT EXISTS (SELECT 1 FROM {done.name} AS p WHERE p.{column} = t.{id_})"
                    for done in steps
                )
                sides.append(
                    f"(SELECT mark, min({id_}) AS {column} FROM ({told}) AS t "
                    f"WHERE mark IS NOT NULL AND mark <> ''{left} GROUP BY mark HAVING count(*) = 1)"
                )
            # An account has many former names, which may lead to several others: one pair each way is enough.
            steps.append(
                Step(
                    step,
                    "SELECT min(old_id) AS old_id, new_id FROM (\n"
                    f"  SELECT old_id, min(new_id) AS new_id\n  FROM {sides[0]} AS o\n  JOIN {sides[1]} AS n "
                    "ON o.mark = n.mark\n  GROUP BY old_id\n) AS pair\nGROUP BY new_id",
                )
            )
        union = "\nUNION ALL\n".join(f"SELECT old_id, new_id FROM {step.name}" for step in steps)
        return [*steps, Step(name, union)]

    def name(self, text: str) -> str:
        """A name as it is compared: words without case, punctuation and legal form."""
        words = f"trim({self.dialect.words(text)})"
        return f"regexp_replace({words}, {self.dialect.literal(_LEGAL_FORMS)}, '')"

    # What changed

    def account_changes(self) -> dict[str, tuple[str, str, str]]:
        """For each kind: when it happened, how strong it is, and the words that prove it; `o` was, `n` is."""
        text = self.dialect.types[Kind.TEXT]
        by, percent = self.thresholds.people, self.thresholds.percent
        change = "abs(n.employees - o.employees)"
        far = f"o.employees > 0 AND {change} >= {by} AND {change} * 100 >= o.employees * {percent}"
        # A fifth more is .6, twice as many is 1.
        strength = f"least(CAST(1 AS DOUBLE), 0.5 + 0.5 * {change} / o.employees)"
        team = f"concat('team of ', CAST(n.employees AS {text}), ', was ', CAST(o.employees AS {text}))"
        added, removed = self.tools("n", "o"), self.tools("o", "n")
        return {
            "hiring_started": ("NOT o.hiring AND n.hiring", "", "'was not hiring, now is'"),
            "hiring_stopped": ("o.hiring AND NOT n.hiring", "", "'was hiring, now is not'"),
            "team_grew": (f"n.employees > o.employees AND {far}", strength, team),
            "team_shrank": (f"n.employees < o.employees AND {far}", strength, team),
            "status_changed": (
                f"{self.dialect.folded('o.status')} <> {self.dialect.folded('n.status')}",
                "",
                "concat('status ', n.status, ', was ', o.status)",
            ),
            "tech_changed": (
                (
                    "o.technologies IS NOT NULL AND n.technologies IS NOT NULL "
                    f"AND ({added} <> '' OR {removed} <> '')"
                ),
                "",
                (
                    f"concat_ws('; ', CASE WHEN {added} <> '' THEN concat('now uses ', {added}) END, "
                    f"CASE WHEN {removed} <> '' THEN concat('no longer uses ', {removed}) END)"
                ),
            ),
            "renamed": (
                f"{self.name('o.company_name')} <> {self.name('n.company_name')}",
                "",
                "concat('now ', n.company_name, ', was ', o.company_name)",
            ),
        }

    def tools(self, this: str, other: str) -> str:
        """The technologies of one snapshot that the other does not have, as one text."""
        return self.dialect.listed_without(f"{this}.technologies", f"{other}.technologies")

    def change(self, kind: str, old: str, new: str) -> Step:
        happened, strength, proof = self.account_changes()[kind]
        rows = (
            f"{new} AS n JOIN same_accounts AS p ON p.new_id = n.account_id "
            f"JOIN {old} AS o ON o.account_id = p.old_id"
        )
        return self.signals(kind, rows, happened, proof, strength=strength)

    def newcomers(self, kind: str, new: str, id_: str, pairs: str, proof: str) -> Step:
        unmatched = f"NOT EXISTS (SELECT 1 FROM {pairs} AS p WHERE p.new_id = n.{id_})"
        return self.signals(kind, f"{new} AS n", unmatched, self.dialect.literal(proof))

    def job_changed(self, old: str, new: str) -> Step:
        """Another company, by every key that both snapshots know of the two."""
        here, there = self.dialect.quoted(self.new_accounts), self.dialect.quoted(self.old_accounts)
        rows = (
            f"{new} AS n JOIN same_contacts AS p ON p.new_id = n.contact_id "
            f"JOIN {old} AS o ON o.contact_id = p.old_id "
            f"JOIN {here} AS na ON na.account_id = n.account_id "
            f"JOIN {there} AS oa ON oa.account_id = o.account_id "
            "LEFT JOIN same_accounts AS s ON s.old_id = o.account_id"
        )
        happened = (
            "coalesce(s.new_id, '') <> n.account_id AND coalesce(oa.domain <> na.domain, TRUE) "
            f"AND coalesce({self.name('oa.company_name')} <> {self.name('na.company_name')}, TRUE)"
        )
        now, was = (f"coalesce({one}.company_name, {one}.domain, 'another company')" for one in ("na", "oa"))
        return self.signals("job_changed", rows, happened, f"concat('now at ', {now}, ', was at ', {was})")

    def title_changed(self, old: str, new: str) -> Step:
        """Another title where no change of job explains it."""
        rows = (
            f"{new} AS n JOIN same_contacts AS p ON p.new_id = n.contact_id "
            f"JOIN {old} AS o ON o.contact_id = p.old_id"
        )
        folded = [f"trim({self.dialect.words(title)})" for title in ("o.title", "n.title")]
        happened = (
            f"{folded[0]} <> {folded[1]} "
            "AND NOT EXISTS (SELECT 1 FROM job_changed AS j WHERE j.contact_id = n.contact_id)"
        )
        return self.signals("title_changed", rows, happened, "concat('now ', n.title, ', was ', o.title)")

    def signals(self, kind: str, rows: str, happened: str, proof: str, *, strength: str = "") -> Step:
        """The rows where it happened, as signals about `n`."""
        type_ = signal_type(kind)
        text = self.dialect.types[Kind.TEXT]
        personal = kind in CONTACT_CHANGES
        contact = "n.contact_id" if personal else f"CAST(NULL AS {text})"
        subject = "n.contact_id" if personal else "n.account_id"
        mark = f"concat({self.dialect.literal(f'{kind}|{self.on}|')}, {subject})"
        return Step(
            kind,
            f"SELECT concat('s', substr(md5({mark}), 1, 16)) AS signal_id,\n"
            f"  {self.dialect.literal(kind)} AS type,\n"
            f"  {self.dialect.literal(type_.level.value)} AS level, n.account_id, {contact} AS contact_id,\n"
            f"  {self.dialect.literal(self.on)} AS {self.dialect.quoted('date')},\n"
            f"  {strength or self.dialect.literal(type_.strength)} AS strength,\n"
            f"  {self.dialect.literal(self.source)} AS source,\n  {proof} AS evidence\n"
            f"FROM {rows}\nWHERE {happened}",
        )


# Dropped from the end of a name, so that "Acme" that becomes "Acme, Inc." has not been renamed.
_LEGAL_FORMS = (
    "( (inc|incorporated|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|kg|ug|se|sa|sas|sarl|bv|nv|ab|oy"
    "|as|aps|plc|pty|pte|srl|spa|sl|kk|pbc))+$"
)


def _marks(table: str, id_: str, column: str, believed: str = "TRUE") -> str:
    return f"SELECT {id_}, {column} AS mark FROM {table} WHERE {believed}"
