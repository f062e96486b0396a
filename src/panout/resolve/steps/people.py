"""People: the evidence a row gives, the questions asked of two rows, and the keys under which rows may
meet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.model import Comparison, Guard, Level, Model
from panout.resolve.rules.shared import PLATFORM_DOMAINS, ROLE_LOCALS


@dataclass(frozen=True, slots=True)
class Extras:
    """Headers of columns without a field of their own that identify people or companies all the same."""

    identity: tuple[str, ...] = ()
    street_number: tuple[str, ...] = ()
    street_more: tuple[str, ...] = ()
    town: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


# Folded headers, without spaces and marks, of what the list's reader keeps as custom columns.
_IDENTITY = frozenset(
    [
        "ssn",
        "socsecid",
        "socialsecurity",
        "socialsecuritynumber",
        "socialsecurityno",
        "sin",
        "nino",
        "nationalinsurancenumber",
        "nationalid",
        "nationalidnumber",
        "personalnumber",
        "personalid",
        "personnummer",
        "taxid",
        "taxnumber",
        "steuerid",
        "passport",
        "passportnumber",
        "driverslicense",
        "driverlicense",
        "licensenumber",
        "cpf",
        "curp",
        "dni",
        "nif",
    ]
)
_STREET_NUMBER = frozenset(["streetnumber", "streetno", "housenumber", "houseno", "hausnummer"])
_STREET_MORE = frozenset(["address2", "addressline2", "street2", "unit", "apartment", "apt", "flat", "suite"])
_TOWN = frozenset(["suburb", "town", "locality", "village", "ort"])


# Domains that lead to the company's own, or did.
_DOMAINS = frozenset(
    [
        "aliasdomain", "aliasdomains", "alternatedomain", "alternatedomains", "alternativedomain", "domainalias",
        "domainaliases", "finaldomain", "finalurl", "formerdomain", "formerdomains", "formerwebsite", "newdomain",
        "newwebsite", "olddomain", "oldwebsite", "otherdomain", "otherdomains", "otherwebsites", "previousdomain",
        "previouswebsite", "redirect", "redirectdomain", "redirects", "redirectsto", "redirecturl", "secondarydomain",
        "websitealias",
    ]
)  # fmt: skip


def extras_of(headers: Sequence[str]) -> Extras:
    """Which custom columns are evidence. A column of any other name (cluster, group, segment) never is."""

    def among(known: frozenset[str]) -> tuple[str, ...]:
        return tuple(header for header in headers if re.sub(r"[^a-z0-9]", "", header.lower()) in known)

    return Extras(among(_IDENTITY), among(_STREET_NUMBER), among(_STREET_MORE), among(_TOWN), among(_DOMAINS))


COLUMNS = (
    "first",
    "last",
    "given",
    "forms",
    "email",
    "email_bare",
    "local",
    "mail_domain",
    "phone1",
    "phone2",
    "linkedin",
    "identity",
    "dob",
    "dob_y",
    "dob_m",
    "dob_d",
    "dom",
    "company",
    "title",
    "street",
    "street2",
    "postcode",
    "city",
    "region",
)


def evidence_steps(
    dialect: BatchDialect, extras: Extras, *, romanise: bool, source: str = "rows"
) -> list[Step]:
    """From `source` to `evidence_rows`: one line a person's row, each value folded to plain words or null."""

    def words(column: str) -> str:
        known = (
            f"coalesce(x_{column}.plain, {dialect.fold(f'r.{column}')})"
            if romanise
            else dialect.fold(f"r.{column}")
        )
        return dialect.words(known)

    def custom(headers: Sequence[str]) -> str:
        found = [f"{dialect.from_json('r.custom', header)}" for header in headers]
        return f"coalesce({', '.join([*found, 'NULL'])})" if found else "CAST(NULL AS STRING)"

    joins = "".join(
        f"\nLEFT JOIN romanised x_{column} ON x_{column}.text = r.{column}" for column in FOREIGN if romanise
    )
    lacks_company = "r.company_name IS NULL AND r.domain IS NULL"
    street = f"coalesce(r.person_address, CASE WHEN {lacks_company} THEN r.address END)"
    roles = ", ".join(f"'{local}'" for local in sorted(ROLE_LOCALS))
    platforms = ", ".join(f"'{domain}'" for domain in sorted(PLATFORM_DOMAINS))
    plain = Step(
        "evidence_plain",
        f"""
SELECT r.row_id,
       {words("first_name")} AS first0, {words("last_name")} AS last0, {words("full_name")} AS full0,
       CASE WHEN r.email_grade IN ('role', 'disposable', 'invalid') THEN NULL ELSE lower(r.email) END AS email0,
       r.email_free, lower(r.email_domain) AS mail_domain0,
       coalesce(r.mobile, r.phone) AS phone1, CASE WHEN r.mobile <> r.phone THEN r.phone END AS phone2,
       lower(r.linkedin) AS linkedin, nullif({dialect.words(f"lower({custom(extras.identity)})")}, '') AS identity,
       CAST(r.birth_date AS STRING) AS dob, year(r.birth_date) AS dob_y, month(r.birth_date) AS dob_m,
       day(r.birth_date) AS dob_d,
       lower(coalesce(r.domain, CASE WHEN r.email_free THEN NULL ELSE r.email_domain END)) AS dom0,
       nullif({words("name_key")}, '') AS company, nullif({words("title")}, '') AS title,
       nullif({dialect.words(f"lower(concat_ws(' ', {custom(extras.street_number)}, {street}))")}, '') AS street,
       nullif({dialect.words(f"lower({custom(extras.street_more)})")}, '') AS street2,
       nullif(replace({dialect.words(f"lower(coalesce(r.person_postal_code, CASE WHEN {lacks_company} THEN r.postal_code END))")}, ' ', ''), '') AS postcode,
       nullif({dialect.words(dialect.fold(f"coalesce(r.person_city, {custom(extras.town)}, CASE WHEN {lacks_company} THEN r.city END)"))}, '') AS city,
       nullif({dialect.words(dialect.fold(f"coalesce(r.person_region, CASE WHEN {lacks_company} THEN r.region END)"))}, '') AS region
FROM {source} r{joins}
WHERE r.kind = 'person'""",
    )
    named = Step(
        "evidence_named",
        f"""
SELECT p.*,
       nullif(CASE WHEN first0 <> '' OR last0 <> '' THEN first0
            WHEN instr(full0, ' ') > 0 THEN trim(substr(full0, 1, length(full0) - length({dialect.last_word("full0")})))
            END, '') AS first,
       nullif(CASE WHEN first0 <> '' OR last0 <> '' THEN last0 ELSE {dialect.last_word("full0")} END, '') AS last,
       CASE WHEN split_part(split_part(email0, '@', 1), '+', 1) IN ({roles}) THEN NULL ELSE email0 END AS email,
       CASE WHEN dom0 IN ({platforms}) THEN NULL ELSE dom0 END AS dom,
       CASE WHEN email_free THEN NULL ELSE mail_domain0 END AS mail_domain
FROM evidence_plain p""",
    )
    whole = Step(
        "evidence_rows",
        f"""
SELECT n.row_id, n.first, n.last, split_part(n.first, ' ', 1) AS given, f.forms,
       n.email, {dialect.without_digits("n.email")} AS email_bare,
       split_part(split_part(n.email, '@', 1), '+', 1) AS local, n.mail_domain,
       n.phone1, n.phone2, n.linkedin, n.identity, n.dob, n.dob_y, n.dob_m, n.dob_d,
       n.dom, n.company, n.title, n.street, n.street2, n.postcode, n.city, n.region
FROM evidence_named n LEFT JOIN nicknames f ON f.name = split_part(n.first, ' ', 1)""",
    )
    return [plain, named, whole]


# Columns that may hold other scripts.
FOREIGN = ("first_name", "last_name", "full_name", "name_key", "title")

# Values that point at one person: how many different people give one tells what it is worth.
POINTERS = ("email", "phone1", "phone2", "linkedin", "identity", "street")

# Values whose rarity counts, with the share of people that a value has which nobody here has seen (a guess
# that
# stands for two hundred people), and the rarest that is believed, in bits (rarer ones are mostly misspelt).
RARITIES = {
    "first": (0.004, 13.0),
    "last": (0.001, 15.0),
    "city": (0.004, 12.0),
    "dom": (0.001, 16.0),
    "company": (0.001, 16.0),
    "title": (0.01, 9.0),
}
UNSEEN = 200


def near(column: str, edits: int, shortest: int) -> str:
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"least(length({left}), length({right})) >= {shortest} "
        f"AND abs(length({left}) - length({right})) <= {edits} AND levenshtein({left}, {right}) <= {edits}"
    )


_SWAPPED = "first_l = last_r AND last_l = first_r"
# Cheap tests before dear ones: letters are counted only where the first of them agree.
_EMAILS_MEET = "(substr(email_l, 1, 1) = substr(email_r, 1, 1) OR mail_domain_l = mail_domain_r)"
_SWAPPED_NEAR = (
    "(last_l = first_r AND substr(first_l, 1, 1) = substr(last_r, 1, 1)) "
    "OR (first_l = last_r AND substr(last_l, 1, 1) = substr(first_r, 1, 1)) "
    "OR (substr(first_l, 1, 1) = substr(last_r, 1, 1) AND substr(last_l, 1, 1) = substr(first_r, 1, 1) "
    "AND length(first_l) >= 4 AND length(last_l) >= 4 AND levenshtein(first_l, last_r) <= 2 "
    "AND levenshtein(last_l, first_r) <= 2 AND levenshtein(first_l, first_r) > 2)"
)
# One name known on one side only, and written into the other's box.
_CROSSED = (
    "(first_l = last_r AND (last_l IS NULL OR first_r IS NULL)) "
    "OR (last_l = first_r AND (first_l IS NULL OR last_r IS NULL))"
)


def people_model(dialect: BatchDialect) -> Model:
    """The questions, with the shares (m, u) that ship with Panout; see docs/guide/resolve.md."""
    first = Comparison(
        "first",
        f"(first_l IS NULL OR first_r IS NULL) AND NOT coalesce({_CROSSED}, FALSE)",
        (
            Level("crossed", _CROSSED, "the one name known is the other's other name", 0.01, 0.002),
            Level("exact", "first_l = first_r", "same first name", 0.72, 0.005, rarity="r_first"),
            Level("swapped", _SWAPPED, "first and last name the other way round", 0.03, 0.0000005),
            Level("swapped_near", _SWAPPED_NEAR, "names the other way round, nearly", 0.01, 0.00001),
            Level("alias", dialect.overlap("forms_l", "forms_r"), "nickname of the first name", 0.05, 0.003),
            Level(
                "initial",
                "(length(given_l) = 1 OR length(given_r) = 1) AND substr(given_l, 1, 1) = substr(given_r, 1, 1)",
                "initial of the first name",
                0.02,
                0.005,
            ),
            Level("given", "given_l = given_r", "first of the first names the same", 0.03, 0.003),
            Level(
                "named",
                f"forms_l IS NOT NULL AND forms_r IS NOT NULL AND NOT {dialect.overlap('forms_l', 'forms_r')}",
                "another first name",
                0.01,
                0.5,
            ),
            Level(
                "near",
                f"({near('first', 1, 3)}) OR ({near('first', 2, 6)})",
                "first name nearly the same",
                0.10,
                0.006,
            ),
            Level(
                "close",
                "(length(given_l) >= 3 AND substr(given_r, 1, length(given_l)) = given_l) "
                "OR (length(given_r) >= 3 AND substr(given_l, 1, length(given_r)) = given_r) "
                "OR (least(length(first_l), length(first_r)) >= 5 "
                "AND levenshtein(first_l, first_r) * 5 <= 2 * greatest(length(first_l), length(first_r)))",
                "first name alike",
                0.02,
                0.015,
            ),
            Level("else", "", "another first name", 0.02, 0.96),
        ),
    )
    last = Comparison(
        "last",
        f"last_l IS NULL OR last_r IS NULL OR (first_l <> first_r AND ({_SWAPPED} OR {_SWAPPED_NEAR})) "
        f"OR (last_l <> last_r AND coalesce({_CROSSED}, FALSE))",
        (
            Level("exact", "last_l = last_r", "same last name", 0.78, 0.001, rarity="r_last"),
            Level(
                "part",
                "instr(concat(' ', last_l, ' '), concat(' ', last_r, ' ')) > 0 "
                "OR instr(concat(' ', last_r, ' '), concat(' ', last_l, ' ')) > 0",
                "last name a part of the other",
                0.02,
                0.0005,
            ),
            Level(
                "near",
                f"({near('last', 1, 3)}) OR ({near('last', 2, 5)})",
                "last name nearly the same",
                0.12,
                0.004,
            ),
            Level(
                "close",
                "(length(last_l) = 1 OR length(last_r) = 1) AND substr(last_l, 1, 1) = substr(last_r, 1, 1) "
                "OR (least(length(last_l), length(last_r)) >= 5 "
                "AND levenshtein(last_l, last_r) * 5 <= 2 * greatest(length(last_l), length(last_r)))",
                "last name alike",
                0.03,
                0.015,
            ),
            Level("else", "", "another last name", 0.03, 0.97),
        ),
    )
    email = Comparison(
        "email",
        "email_l IS NULL OR email_r IS NULL",
        (
            Level("exact", "email_l = email_r", "same email", 0.65, 2e-9, crowd="c_email"),
            Level(
                "near",
                f"email_bare_l <> email_bare_r AND {_EMAILS_MEET} AND {near('email', 2, 8)} "
                "AND levenshtein(local_l, local_r) * 4 <= length(local_l)",
                "email nearly the same",
                0.10,
                0.00001,
            ),
            Level(
                "close",
                f"email_bare_l <> email_bare_r AND {_EMAILS_MEET} "
                "AND abs(length(email_l) - length(email_r)) * 4 <= length(email_l) "
                "AND levenshtein(email_l, email_r) * 4 <= length(email_l) "
                "AND levenshtein(local_l, local_r) * 3 <= length(local_l)",
                "email alike",
                0.03,
                0.0004,
            ),
            Level(
                "local",
                "local_l = local_r AND length(local_l) >= 5",
                "same mailbox name at another domain",
                0.06,
                0.004,
                fixed=True,
            ),
            Level(
                "colleague",
                "mail_domain_l = mail_domain_r",
                "another mailbox at the same company",
                0.06,
                0.6,
                fixed=True,
            ),
            Level("else", "", "another email", 0.25, 0.99),
        ),
    )
    phone = Comparison(
        "phone",
        "phone1_l IS NULL OR phone1_r IS NULL",
        (
            Level(
                "exact",
                "phone1_l = phone1_r OR phone1_l = phone2_r OR phone2_l = phone1_r OR phone2_l = phone2_r",
                "same phone",
                0.6,
                2e-8,
                crowd="c_phone1",
            ),
            Level("else", "", "another phone", 0.4, 0.999),
        ),
    )
    linkedin = Comparison(
        "linkedin",
        "linkedin_l IS NULL OR linkedin_r IS NULL",
        (
            Level(
                "exact", "linkedin_l = linkedin_r", "same LinkedIn profile", 0.93, 1e-9, crowd="c_linkedin"
            ),
            Level("else", "", "another LinkedIn profile", 0.07, 0.9999),
        ),
    )
    identity = Comparison(
        "identity",
        "identity_l IS NULL OR identity_r IS NULL",
        (
            Level("exact", "identity_l = identity_r", "same personal number", 0.8, 1e-9, crowd="c_identity"),
            Level("near", near("identity", 2, 6), "personal number nearly the same", 0.15, 0.0001),
            Level("else", "", "another personal number", 0.05, 0.9999),
        ),
    )
    dob = Comparison(
        "dob",
        "dob_l IS NULL OR dob_r IS NULL",
        (
            Level("exact", "dob_l = dob_r", "same date of birth", 0.72, 0.00006),
            Level(
                "near",
                "levenshtein(dob_l, dob_r) <= 1 OR (dob_y_l = dob_y_r AND dob_m_l = dob_d_r AND dob_d_l = dob_m_r)",
                "date of birth one digit off, or day and month exchanged",
                0.12,
                0.0012,
            ),
            Level(
                "close",
                "levenshtein(dob_l, dob_r) <= 2 "
                "AND (dob_y_l = dob_y_r OR (dob_m_l = dob_m_r AND dob_d_l = dob_d_r) OR abs(dob_y_l - dob_y_r) IN (1, 10))",
                "date of birth two digits off",
                0.06,
                0.006,
            ),
            Level("year", "abs(dob_y_l - dob_y_r) <= 1", "born about the same year", 0.05, 0.05),
            Level("else", "", "another date of birth", 0.04, 0.94),
        ),
    )
    employer = Comparison(
        "employer",
        "NOT ((dom_l IS NOT NULL AND dom_r IS NOT NULL) OR (company_l IS NOT NULL AND company_r IS NOT NULL))",
        (
            Level("domain", "dom_l = dom_r", "same company domain", 0.55, 0.0005, rarity="r_dom"),
            Level("name", "company_l = company_r", "same company name", 0.15, 0.0005, rarity="r_company"),
            Level(
                "near",
                # "Fund 2" is not "Fund 3" misspelt.
                f"({near('company', 2, 6)} AND {dialect.digits('company_l')} = {dialect.digits('company_r')}) OR instr(company_l || ' ', company_r || ' ') = 1 "
                "OR instr(company_r || ' ', company_l || ' ') = 1",
                "company name alike",
                0.08,
                0.0006,
            ),
            Level("else", "", "another company", 0.22, 0.99),
        ),
    )
    title = Comparison(
        "title",
        "title_l IS NULL OR title_r IS NULL",
        (
            Level("exact", "title_l = title_r", "same title", 0.6, 0.01, rarity="r_title"),
            Level(
                "part",
                "instr(concat(' ', title_l, ' '), concat(' ', title_r, ' ')) > 0 "
                f"OR instr(concat(' ', title_r, ' '), concat(' ', title_l, ' ')) > 0 OR ({near('title', 3, 8)})",
                "title alike",
                0.12,
                0.02,
            ),
            Level("else", "", "another title", 0.28, 0.95),
        ),
    )
    street = Comparison(
        "street",
        "street_l IS NULL OR street_r IS NULL",
        (
            Level("exact", "street_l = street_r", "same street address", 0.62, 0.00002, crowd="c_street"),
            Level(
                "near",
                f"({near('street', 3, 8)}) OR instr(street_l, street_r) > 0 OR instr(street_r, street_l) > 0",
                "street address nearly the same",
                0.22,
                0.0002,
            ),
            Level(
                "close",
                "levenshtein(street_l, street_r) * 5 <= 2 * greatest(length(street_l), length(street_r))",
                "street address alike",
                0.06,
                0.01,
            ),
            Level("else", "", "another street address", 0.10, 0.98),
        ),
    )
    street2 = Comparison(
        "street2",
        "street2_l IS NULL OR street2_r IS NULL",
        (
            Level("exact", "street2_l = street2_r", "same second address line", 0.7, 0.001),
            Level("near", f"({near('street2', 3, 6)})", "second address line nearly the same", 0.15, 0.002),
            Level("else", "", "another second address line", 0.15, 0.99),
        ),
    )
    postcode = Comparison(
        "postcode",
        "postcode_l IS NULL OR postcode_r IS NULL",
        (
            Level("exact", "postcode_l = postcode_r", "same postal code", 0.8, 0.001),
            Level("near", near("postcode", 1, 4), "postal code one character off", 0.08, 0.02),
            Level("else", "", "another postal code", 0.12, 0.98),
        ),
    )
    city = Comparison(
        "city",
        "city_l IS NULL OR city_r IS NULL",
        (
            Level("exact", "city_l = city_r", "same city", 0.72, 0.01, rarity="r_city"),
            Level(
                "near",
                f"({near('city', 2, 4)}) OR ({near('city', 3, 8)})",
                "city nearly the same",
                0.12,
                0.003,
            ),
            Level("else", "", "another city", 0.16, 0.98),
        ),
    )
    region = Comparison(
        "region",
        "region_l IS NULL OR region_r IS NULL",
        (
            Level("exact", "region_l = region_r", "same region", 0.88, 0.15),
            Level("else", "", "another region", 0.12, 0.85),
        ),
    )
    asked = (
        first, last, email, phone, linkedin, identity, dob, employer, title, street, street2, postcode, city, region,
    )  # fmt: skip
    return Model("people", COLUMNS, asked, _guards(asked))


# Each address begins with its owner's first name, and neither name begins the other.
_OWN_MAILBOXES = (
    "instr(local_l, given_l) = 1 AND instr(local_r, given_r) = 1 "
    "AND instr(given_l, given_r) = 0 AND instr(given_r, given_l) = 0"
)
# Bits: a pair that a guard finds to be two people is that, whatever else they share.
_ANOTHER = -12.0
_BESIDE_NAMES = (
    "email",
    "phone",
    "linkedin",
    "identity",
    "dob",
    "employer",
    "street",
    "street2",
    "postcode",
    "city",
)


def _guards(asked: Sequence[Comparison]) -> tuple[Guard, ...]:
    number = {
        (comparison.name, level.name): place
        for comparison in asked
        for place, level in enumerate(comparison.levels)
    }

    def held(comparison: str, *levels: str) -> str:
        return f"g_{comparison} IN ({', '.join(str(number[comparison, level]) for level in levels)})"

    own = (
        f"({held('email', 'exact')} OR ({held('email', 'near')} AND NOT coalesce({_OWN_MAILBOXES}, FALSE)) "
        f"OR {held('linkedin', 'exact')} OR {held('identity', 'exact', 'near')})"
    )
    born = held("dob", "exact", "near")
    sure = f"({held('linkedin', 'exact')} OR {held('identity', 'exact')} OR {held('dob', 'exact')} OR {held('phone', 'exact')})"
    return (
        Guard(
            "household",
            f"{held('first', 'else', 'named')} AND NOT {own} AND NOT {born}",
            "another first name, and only what a household or an office shares",
            _ANOTHER,
        ),
        Guard(
            "office",
            f"{held('last', 'else')} AND NOT {own} AND NOT {born} AND NOT {held('first', 'crossed', 'swapped')}",
            "another last name, and only what an office or a household shares",
            _ANOTHER,
        ),
        Guard(
            "names_alone",
            " AND ".join(f"g_{name} = -1" for name in _BESIDE_NAMES),
            "nothing but names to compare",
            4.0,
        ),
        Guard(
            "profiles",
            f"{held('linkedin', 'else')} AND NOT {held('email', 'exact')} AND NOT {held('identity', 'exact')}",
            "two LinkedIn profiles",
            4.0,
        ),
        Guard(
            "generation",
            f"{held('dob', 'else')} AND abs(dob_y_l - dob_y_r) >= 15 AND NOT {own}",
            "born a generation apart",
            _ANOTHER,
        ),
        Guard(
            "page",
            f"{held('first', 'else', 'named')} AND {held('last', 'else')} AND {held('linkedin', 'exact')} "
            f"AND NOT {held('email', 'exact')} AND NOT {held('identity', 'exact', 'near')} AND NOT {born}",
            "neither name the same: a profile that a team gives",
            _ANOTHER,
        ),
        # Namesakes at one company are told apart by a number in their addresses, and by little else.
        Guard(
            "numbered",
            f"mail_domain_l = mail_domain_r AND email_bare_l = email_bare_r AND email_l <> email_r AND NOT {sure}",
            "addresses at one company that only a number tells apart",
            _ANOTHER,
        ),
        Guard(
            "namesakes",
            f"{held('title', 'else')} AND {held('city', 'else')} AND g_email <> {number['email', 'exact']} "
            f"AND NOT {held('street', 'exact', 'near')} AND NOT {sure}",
            "one name, but another title in another city",
            4.0,
        ),
        # Of a family at work, Lena and Lina have a surname, a domain and a town in common, and their addresses differ as
        # their names do. A slip spoils a name and leaves the address, or the other way round.
        Guard(
            "mailboxes",
            f"{held('first', 'near', 'close')} AND NOT {sure} AND ({held('email', 'colleague')} "
            f"OR ({held('email', 'near', 'close', 'local')} AND {_OWN_MAILBOXES}))",
            "first names not quite the same, each with a mailbox of their own",
            4.0,
        ),
    )


SIGNATURE = "coalesce(substr(first, 1, 1), '') || coalesce(substr(last, 1, 1), '')"

# Pairs among which strangers and copies are both common, from which the model is taught.
LESSONS = (
    "l.dob = r.dob",
    "l.first = r.first",
    "l.last = r.last AND l.first = r.first",
    "l.dom = r.dom",
    "l.postcode = r.postcode",
)


def key_expressions() -> dict[str, str]:
    """Keys under which two people may meet, the surest first; null where a row lacks a part.

    A common value makes a large block, which is left out; the finer keys below it still bring the right ones
    together (a name, then the name at a company, in a city, born that day).
    """
    name = "least(first, last) || '|' || greatest(first, last)"
    initial = "substr(first, 1, 1)"
    # What follows a plus only tells keys of one kind apart.
    return {
        "email": "email",
        "linkedin": "linkedin",
        "phone": "phone1",
        "phone+": "phone2",
        "identity": "identity",
        "name": name,
        "name_dom": f"{name} || '|' || dom",
        "name_company": f"{name} || '|' || company",
        "name_city": f"{name} || '|' || city",
        "name_dob": "dob || '|' || first",
        "last_dob": "dob || '|' || last",
        "local": "CASE WHEN length(local) >= 5 THEN local END",
        "local_name": "local || '|' || last",
        "last_dom": f"last || '|' || {initial} || '|' || dom",
        "first_dom": "first || '|' || dom",
        "last_company": f"last || '|' || {initial} || '|' || company",
        "first_company": "first || '|' || company",
        "dob": "dob",
        "dob_initials": f"dob || '|' || {initial}",
        "last_city": f"last || '|' || {initial} || '|' || city",
        "first_city": "first || '|' || substr(last, 1, 1) || '|' || city",
        "last_postcode": "last || '|' || postcode",
        "first_postcode": "first || '|' || postcode",
        "street_last": "street || '|' || substr(last, 1, 3)",
        "street_first": "street || '|' || substr(first, 1, 3)",
        "street_postcode": "street || '|' || postcode",
        "first": "first",
        "last": "last",
        "street": "street",
        "street2": "street2",
        "postcode_first": f"postcode || '|' || {initial}",
        "postcode_last": "postcode || '|' || substr(last, 1, 1)",
        "city_first": f"city || '|' || {initial}",
        "city_last": "city || '|' || substr(last, 1, 1)",
        "stem": "substr(first, 1, 3) || '|' || substr(last, 1, 4)",
    }
