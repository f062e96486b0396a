"""Companies: the evidence a row gives, the questions asked of two rows, and the keys under which rows may
meet."""

from __future__ import annotations

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.model import Comparison, Guard, Level, Model
from panout.resolve.rules.shared import PLATFORM_DOMAINS, RECORD_ID_LENGTH
from panout.resolve.steps.people import Extras, near

COLUMNS = (
    "name", "compact", "stated", "former", "dom", "core", "also1", "also2", "also3", "also4", "linkedin", "record", "phone", "street", "postcode", "city",
    "country", "founded", "industry", "one_liner", "pitch",
)  # fmt: skip
FOREIGN = ("name_key", "city")
POINTERS = ("dom", "linkedin", "phone", "one_liner", "pitch")
RARITIES = {"name": (0.0005, 15.0), "city": (0.004, 12.0), "industry": (0.02, 8.0), "street": (0.0005, 14.0)}
# Two names that begin alike are taken for one company's by whoever counts who shares a number or a domain.
SIGNATURE = "substr(compact, 1, 5)"
LESSONS = (
    "l.dom = r.dom",
    "l.name = r.name",
    "l.core = r.core",
    "l.phone = r.phone",
    "l.one_liner = r.one_liner",
)

# So many of the domains that a list states beside a company's own are looked at.
_STATED = (1, 2, 3, 4)
# A long text that is word for word the same was copied from one page.
_PITCH = 80


def evidence_steps(
    dialect: BatchDialect, extras: Extras, *, romanise: bool, source: str = "rows"
) -> list[Step]:
    """From `source` to `evidence_rows`: one line for each row that names a company."""

    def words(column: str) -> str:
        folded = dialect.fold(f"r.{column}")
        return dialect.words(f"coalesce(x_{column}.plain, {folded})" if romanise else folded)

    joins = "".join(
        f"\nLEFT JOIN romanised x_{column} ON x_{column}.text = r.{column}" for column in FOREIGN if romanise
    )
    platforms = ", ".join(f"'{domain}'" for domain in sorted(PLATFORM_DOMAINS))
    domain = "lower(coalesce(r.domain, CASE WHEN r.email_free THEN NULL ELSE r.email_domain END))"
    stated = ", ".join(dialect.from_json("r.custom", header) for header in extras.domains)
    also = (
        [dialect.domain_in(f"concat_ws(' ', {stated})", number) for number in _STATED]
        if stated
        else [f"CAST(NULL AS {dialect.text})"] * len(_STATED)
    )
    former = dialect.mapped("r.former_names", "f", f"replace({dialect.words(dialect.fold('f'))}, ' ', '')")
    return [
        Step(
            "evidence_plain",
            f"""
SELECT r.row_id, nullif({words("name_key")}, '') AS name, trim(r.company_name) AS stated, {former} AS former,
       CASE WHEN {domain} IN ({platforms}) THEN NULL ELSE {domain} END AS dom, {also[0]} AS also1, {also[1]} AS also2,
       {also[2]} AS also3, {also[3]} AS also4,
       lower(r.company_linkedin) AS linkedin,
       CASE WHEN length(r.company_record_id) >= {RECORD_ID_LENGTH} THEN r.company_record_id END AS record,
       r.company_phone AS phone, nullif({dialect.words(dialect.fold("r.address"))}, '') AS street,
       nullif(replace({dialect.words("lower(r.postal_code)")}, ' ', ''), '') AS postcode,
       nullif({words("city")}, '') AS city, r.country, r.founded, nullif(lower(trim(r.industry)), '') AS industry,
       CASE WHEN length(r.one_liner) >= 12 THEN nullif({dialect.words(dialect.fold("r.one_liner"))}, '') END
         AS one_liner,
       CASE WHEN length(r.description) >= {_PITCH} THEN md5({dialect.words(dialect.fold("r.description"))}) END AS pitch
FROM {source} r{joins}
WHERE r.company_name IS NOT NULL OR r.domain IS NOT NULL OR r.company_linkedin IS NOT NULL""",
        ),
        Step(
            "evidence_rows",
            """
SELECT row_id, name, replace(name, ' ', '') AS compact, stated, former, dom, split_part(dom, '.', 1) AS core,
       also1, also2, also3, also4, linkedin, record, phone, street, postcode, city, country, founded, industry, one_liner, pitch
FROM evidence_plain""",
        ),
    ]


# A redirect, an old site, a second domain: the list says where one leads.
_LEADS = " OR ".join(
    [f"also{n}_{one} = dom_{other}" for n in _STATED for one, other in ("lr", "rl")] + ["also1_l = also1_r"]
)


def company_model(dialect: BatchDialect) -> Model:
    """The questions, with the shares (m, u) that ship with Panout; see docs/guide/resolve.md.

    `alike` and `how` come from `rules.names`, for pairs of different names (thousandths, and the kind of
    likeness).
    """
    former = (
        f"coalesce({dialect.holds('former_l', 'compact_r')}, FALSE) "
        f"OR coalesce({dialect.holds('former_r', 'compact_l')}, FALSE)"
    )
    name = Comparison(
        "name",
        "name_l IS NULL OR name_r IS NULL",
        (
            Level("branch", "how = 'branch'", "one name, another place or division", 0.03, 0.002, fixed=True),
            Level("form", "how = 'form'", "one name, another legal form", 0.05, 0.0005, fixed=True),
            Level("exact", "name_l = name_r", "same name", 0.60, 0.0005, rarity="r_name"),
            Level("compact", "compact_l = compact_r", "same name but for spaces", 0.05, 0.00003, fixed=True),
            Level("former", former, "former name of the other", 0.03, 0.00001, fixed=True),
            Level("same", "how = 'same'", "name nearly the same", 0.10, 0.00005, fixed=True),
            Level("alike", "how = 'alike'", "name alike", 0.06, 0.0003, fixed=True),
            Level(
                "acronym", "how = 'acronym'", "name is the initials of the other", 0.02, 0.0003, fixed=True
            ),
            Level("some", "alike >= 600", "name partly alike", 0.03, 0.003, fixed=True),
            Level("else", "", "another name", 0.05, 0.99, fixed=True),
        ),
    )
    domain = Comparison(
        "domain",
        f"(dom_l IS NULL OR dom_r IS NULL) AND NOT coalesce({_LEADS}, FALSE) "
        "AND NOT coalesce((dom_r IS NULL AND core_l = compact_r) OR (dom_l IS NULL AND core_r = compact_l), FALSE)",
        (
            Level("exact", "dom_l = dom_r", "same web domain", 0.75, 0.000005, crowd="c_dom"),
            Level("alias", _LEADS, "one web domain leads to the other", 0.5, 2e-8, fixed=True),
            Level(
                "core",
                "core_l = core_r AND length(core_l) >= 4",
                "same domain under another ending",
                0.06,
                0.00005,
            ),
            # A slip of the finger is not made in the name and in the domain alike.
            Level(
                "own",
                "compact_l <> compact_r AND core_l = compact_l AND core_r = compact_r",
                "each name has a web domain of its own",
                0.03,
                0.97,
                fixed=True,
            ),
            Level("near", near("dom", 2, 8), "web domain nearly the same", 0.05, 0.0001),
            Level(
                "named",
                "(dom_r IS NULL AND core_l = compact_r) OR (dom_l IS NULL AND core_r = compact_l)",
                "the web domain of one is the name of the other",
                0.3,
                0.0005,
                fixed=True,
            ),
            Level(
                "within",
                "least(length(core_l), length(core_r)) >= 5 AND (instr(core_l, core_r) > 0 OR instr(core_r, core_l) > 0)",
                "one web domain within the other",
                0.04,
                0.0004,
            ),
            Level("else", "", "another web domain", 0.12, 0.999),
        ),
    )
    linkedin = Comparison(
        "linkedin",
        "linkedin_l IS NULL OR linkedin_r IS NULL",
        (
            Level("exact", "linkedin_l = linkedin_r", "same LinkedIn page", 0.92, 1e-8, crowd="c_linkedin"),
            Level("else", "", "another LinkedIn page", 0.08, 0.9999),
        ),
    )
    record = Comparison(
        "record",
        "record_l IS NULL OR record_r IS NULL OR record_l <> record_r",
        (
            Level("exact", "record_l = record_r", "same record at the source", 0.9, 1e-6, fixed=True),
            Level("else", "", "", 1.0, 1.0, fixed=True),
        ),
    )
    phone = Comparison(
        "phone",
        "phone_l IS NULL OR phone_r IS NULL",
        (
            Level("exact", "phone_l = phone_r", "same phone", 0.6, 1e-6, crowd="c_phone"),
            Level("else", "", "another phone", 0.4, 0.999),
        ),
    )
    place = Comparison(
        "place",
        "(city_l IS NULL OR city_r IS NULL) AND (street_l IS NULL OR street_r IS NULL)",
        (
            Level("street", "street_l = street_r", "same street address", 0.4, 0.0005, rarity="r_street"),
            Level("street_near", near("street", 3, 8), "street address nearly the same", 0.1, 0.0005),
            Level("city", "city_l = city_r", "same city", 0.4, 0.01, rarity="r_city"),
            Level("city_near", near("city", 1, 5), "city nearly the same", 0.02, 0.001),
            Level("else", "", "another city", 0.2, 0.97),
        ),
    )
    country = Comparison(
        "country",
        "country_l IS NULL OR country_r IS NULL OR coalesce(city_l = city_r, FALSE)",
        (
            Level("exact", "country_l = country_r", "same country", 0.95, 0.35),
            Level("else", "", "another country", 0.05, 0.65),
        ),
    )
    founded = Comparison(
        "founded",
        "founded_l IS NULL OR founded_r IS NULL",
        (
            Level("exact", "founded_l = founded_r", "founded the same year", 0.85, 0.06),
            Level("near", "abs(founded_l - founded_r) <= 1", "founded about the same year", 0.07, 0.10),
            Level("else", "", "founded another year", 0.08, 0.84),
        ),
    )
    industry = Comparison(
        "industry",
        "industry_l IS NULL OR industry_r IS NULL",
        (
            Level("exact", "industry_l = industry_r", "same industry", 0.75, 0.08, rarity="r_industry"),
            Level("else", "", "another industry", 0.25, 0.92),
        ),
    )
    pitch = Comparison(
        "pitch",
        "(one_liner_l IS NULL OR one_liner_r IS NULL) AND (pitch_l IS NULL OR pitch_r IS NULL)",
        (
            Level("text", "pitch_l = pitch_r", "same description word for word", 0.45, 1e-6, crowd="c_pitch"),
            Level("exact", "one_liner_l = one_liner_r", "same one-liner", 0.25, 5e-6, crowd="c_one_liner"),
            Level(
                "near",
                "length(one_liner_l) >= 20 AND levenshtein(one_liner_l, one_liner_r) * 4 <= length(one_liner_l)",
                "one-liner nearly the same",
                0.05,
                0.00002,
            ),
            Level("else", "", "another description", 0.25, 0.9999),
        ),
    )
    asked = (name, domain, linkedin, record, phone, place, country, founded, industry, pitch)
    branch = Guard(
        "subsidiary",
        "g_name = 0 AND g_linkedin <> 0 AND g_record <> 0",
        "a branch or subsidiary: the names differ by a place",
        -6.0,
    )
    namesake = Guard(
        "office",
        f"g_name = {len(name.levels) - 1} AND g_linkedin <> 0 AND g_record <> 0 AND g_domain NOT IN (0, 1, 2) "
        "AND g_pitch NOT IN (0, 1, 2) AND (g_phone = 0 OR g_place >= 0)",
        "another name, and only an address or a number in common",
        -6.0,
    )
    one_domain = (
        f"g_name = {len(name.levels) - 1} AND g_domain = 0 AND g_linkedin <> 0 AND g_record <> 0 "
        "AND g_pitch NOT IN (0, 1, 2)"
    )
    # "Acme Energy" and "Acme Foods": what their pairs with rows of "Acme" are worth in sum must not join them.
    siblings = Guard(
        "siblings",
        f"{one_domain} AND alike >= 350",
        "one domain and a word of the name in common: companies of a group",
        -60.0,
    )
    brands = Guard(
        "brands",
        one_domain,
        "two names at one domain: companies of a group, or one that was renamed",
        4.0,
    )
    return Model("companies", COLUMNS, asked, (branch, namesake, siblings, brands))


def key_expressions() -> dict[str, str]:
    """Keys under which two companies may meet; null where a row lacks a part."""
    return {
        "dom": "dom",
        "dom+": "also1",
        "dom++": "also2",
        "dom+++": "also3",
        "dom++++": "also4",
        "core": "core",
        "core+": "compact",
        "linkedin": "linkedin",
        "record": "record",
        "phone": "phone",
        "one_liner": "one_liner",
        "pitch": "pitch",
        "name_city": "split_part(name, ' ', 1) || '|' || city",
        "word": "CASE WHEN length(split_part(name, ' ', 1)) >= 4 THEN split_part(name, ' ', 1) END",
        "word+": "CASE WHEN instr(name, ' ') > 0 AND length(split_part(name, ' ', 2)) >= 4 "
        "THEN split_part(name, ' ', 2) END",
        "word++": "CASE WHEN length(split_part(name, ' ', 3)) >= 4 THEN split_part(name, ' ', 3) END",
        "stem": "substr(compact, 1, 5)",
        "stem_core": "substr(core, 1, 5)",
        "tail": "substr(compact, -5)",
        "street": "street",
        "street_postcode": "street || '|' || postcode",
        "opening": "substr(one_liner, 1, 20)",
        "city_industry": "city || '|' || industry || '|' || CAST(founded AS STRING)",
    }
