"""Are two names one? Companies and people: scripts, legal forms, order, initials, abbreviations,
misspellings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA

from panout.kernel.suffixes import suffix_length
from panout.resolve.rules.nicknames import formal_names, same_first_name
from panout.sources.rules.companies import name_key
from panout.sources.rules.text import fold

# At and above, two names are one; see docs/guide/resolve.md for what the score is made of.
SAME = 0.80


class How(StrEnum):
    """In what way two company names are related."""

    SAME = "same"
    ALIKE = "alike"
    ACRONYM = "acronym"
    BRANCH = "branch"  # one is the other at a place: "Acme Germany"
    FORM = "form"  # one name under two legal forms: "Acme AG", "Acme GmbH"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` from 0 to 1."""

    score: float
    how: How


# Written short in one list and in full in the next. The short form stands for each of the long ones.
_SHORT = {
    "intl": "international", "int": "international", "natl": "national", "nat": "national", "mfg": "manufacturing",
    "mfr": "manufacturer", "tech": "technology", "technologies": "technology", "techs": "technology",
    "sys": "system", "systems": "system", "svc": "service", "svcs": "service", "services": "service",
    "serv": "service", "sol": "solution", "solutions": "solution", "grp": "group", "gp": "group", "hldg": "holding",
    "hldgs": "holding", "holdings": "holding", "bros": "brothers", "assn": "association",
    "univ": "university", "inst": "institute", "dept": "department", "govt": "government", "mgmt": "management",
    "mgt": "management", "mktg": "marketing", "dev": "development", "eng": "engineering", "engg": "engineering",
    "elec": "electric", "electr": "electric", "chem": "chemical", "chemicals": "chemical", "pharm": "pharmaceutical",
    "pharma": "pharmaceutical", "pharmaceuticals": "pharmaceutical", "lab": "laboratory", "labs": "laboratory",
    "laboratories": "laboratory", "ind": "industry", "inds": "industry", "indus": "industry",
    "industries": "industry", "ent": "enterprise", "enterprises": "enterprise", "prod": "product",
    "prods": "product", "products": "product", "distr": "distribution", "transp": "transport",
    "transportation": "transport", "log": "logistics", "fin": "finance", "financial": "finance",
    "ins": "insurance", "inv": "investment", "invest": "investment", "investments": "investment",
    "constr": "construction", "const": "construction", "ctr": "center", "centre": "center", "cntr": "center",
    "st": "saint", "mt": "mount", "ft": "fort", "comm": "communication", "comms": "communication",
    "communications": "communication", "telecom": "telecommunication", "telecommunications": "telecommunication",
    "corp": "corporation", "res": "research", "rsch": "research", "med": "medical", "hosp": "hospital",
    "acad": "academy", "bldg": "building", "coop": "cooperative", "equip": "equipment", "fed": "federal",
    "found": "foundation", "gov": "government", "lib": "library", "organisation": "organization", "org": "organization",
    "rly": "railway", "sch": "school", "soc": "society", "util": "utilities", "wks": "works", "svgs": "savings",
    "mach": "machinery", "restaurants": "restaurant", "rest": "restaurant", "theatre": "theater", "fibre": "fiber",
    "colour": "color", "defence": "defense", "aluminium": "aluminum", "jewellery": "jewelry", "labour": "labor",
    "gebr": "brothers", "gebruder": "brothers", "gebrueder": "brothers", "hnos": "brothers", "hermanos": "brothers",
    "fratelli": "brothers", "flli": "brothers", "freres": "brothers", "irmaos": "brothers",
    "cia": "company", "cie": "company", "companhia": "company", "compania": "company", "compagnie": "company",
    "compagnia": "company", "kompania": "company", "sharika": "company",
    "ets": "etablissements", "ste": "societe", "fa": "firma", "gruppe": "group", "groupe": "group", "grupo": "group",
    "gruppo": "group", "grupa": "group", "jituan": "group", "universitat": "university", "universitaet": "university",
    "universite": "university", "universidad": "university", "universita": "university", "universiteit": "university",
    "bank": "bank", "banco": "bank", "banque": "bank", "banca": "bank", "banka": "bank", "banken": "bank",
    "foundation": "foundation", "stiftung": "foundation", "stichting": "foundation", "fondation": "foundation",
    "fundacion": "foundation", "fundacao": "foundation", "fundacja": "foundation", "fondazione": "foundation",
    "electronics": "electronic", "elektronik": "electronic", "elektronika": "electronic", "electronica": "electronic",
    "elettronica": "electronic", "electronique": "electronic", "electroniques": "electronic",
    "elektro": "electric", "electro": "electric", "versicherung": "insurance", "versicherungen": "insurance",
    "assurance": "insurance", "assurances": "insurance", "seguros": "insurance", "assicurazioni": "insurance",
    "klinik": "clinic", "clinica": "clinic", "clinique": "clinic", "klinika": "clinic", "energie": "energy",
    "energia": "energy", "industrie": "industry", "industria": "industry", "industrias": "industry",
    "transporte": "transport", "transportes": "transport", "trasporti": "transport", "transports": "transport",
    "logistik": "logistics", "logistica": "logistics", "logistique": "logistics", "uni": "university",
    "universitet": "university", "doctor": "dr", "of": "of", "de": "of", "di": "of", "del": "of", "della": "of",
    "des": "of", "du": "of", "do": "of", "dos": "of", "da": "of",
    "soft": "software", "sw": "software", "amer": "american", "am": "american", "gen": "general", "genl": "general",
    "cos": "company", "companies": "company", "envtl": "environmental", "distrs": "distributors", "contl": "continental",
    "koninklijke": "royal", "kgl": "royal", "sankt": "saint", "sainte": "saint", "sharikat": "company", "mtn": "mountain",
    "cty": "county", "twp": "township", "wm": "william", "chas": "charles", "thos": "thomas",
    "und": "and", "et": "and", "y": "and", "e": "and", "n": "and", "i": "and",
}  # fmt: skip

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_ROMAN = ["ii", "iii", "iv"]
_NUMBERS = (
    {word: number for number, word in enumerate(_UNITS) if number}
    | {word: number for number, word in enumerate(_ORDINALS, 1)}
    | {word: ten for ten, word in zip(range(20, 100, 10), _TENS, strict=True)}
    | {f"{word[:-1]}ieth": ten for ten, word in zip(range(20, 100, 10), _TENS, strict=True)}
)

# What a company is: that two names agree in it says less than that they agree in what it is called.
_KINDS = frozenset(
    [
        "bank",
        "university",
        "hotel",
        "school",
        "hospital",
        "college",
        "foundation",
        "insurance",
        "clinic",
        "restaurant",
        "museum",
        "church",
        "academy",
        "airlines",
    ]
)

# Words that tell companies apart but little: their presence on one side is a matter of who typed.
_GENERIC = frozenset(
    [
        "and",
        "the",
        "of",
        "for",
        "de",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "der",
        "die",
        "das",
        "von",
        "van",
        "du",
        "da",
        "do",
        "group",
        "holding",
        "company",
        "etablissements",
        "firma",
        "societe",
        "stores",
        "corporation",
        "international",
        "global",
        "worldwide",
        "service",
        "solution",
        "system",
        "technology",
        "software",
        "consulting",
        "consultants",
        "partner",
        "partners",
        "associates",
        "industry",
        "enterprise",
        "product",
        "management",
        "development",
        "laboratory",
        "network",
        "online",
        "web",
        "digital",
        "media",
        "studio",
        "studios",
        "team",
        "app",
        "hq",
        "io",
        "com",
        "net",
        "org",
        "ai",
        "gmbh",
        "inc",
        "ltd",
        "llc",
        "plc",
        "co",
        "sa",
        "ag",
        "bv",
    ]
)

# Places and divisions that make a branch or a subsidiary of the rest of the name.
_PLACES = frozenset(
    [
        "africa",
        "america",
        "americas",
        "american",
        "apac",
        "asia",
        "asian",
        "australia",
        "australian",
        "austria",
        "balkans",
        "baltic",
        "bavaria",
        "belgium",
        "benelux",
        "berlin",
        "brasil",
        "brazil",
        "britain",
        "british",
        "bulgaria",
        "california",
        "canada",
        "canadian",
        "central",
        "chile",
        "china",
        "chinese",
        "colombia",
        "croatia",
        "czech",
        "dach",
        "danmark",
        "denmark",
        "deutschland",
        "dubai",
        "east",
        "eastern",
        "egypt",
        "emea",
        "england",
        "espana",
        "estonia",
        "europe",
        "european",
        "finland",
        "france",
        "french",
        "german",
        "germany",
        "greece",
        "hamburg",
        "hellas",
        "holland",
        "hongkong",
        "hungary",
        "iberia",
        "iceland",
        "india",
        "indian",
        "indonesia",
        "ireland",
        "irish",
        "israel",
        "italia",
        "italy",
        "italian",
        "japan",
        "japanese",
        "kenya",
        "korea",
        "latam",
        "latvia",
        "lithuania",
        "london",
        "luxembourg",
        "malaysia",
        "mexico",
        "middle",
        "milan",
        "morocco",
        "munich",
        "nederland",
        "netherlands",
        "nigeria",
        "nordic",
        "nordics",
        "north",
        "northern",
        "norge",
        "norway",
        "norwegian",
        "osterreich",
        "oesterreich",
        "pacific",
        "paris",
        "peru",
        "philippines",
        "poland",
        "polska",
        "portugal",
        "romania",
        "rus",
        "russia",
        "russian",
        "schweiz",
        "scotland",
        "singapore",
        "slovakia",
        "slovenia",
        "south",
        "southern",
        "spain",
        "suisse",
        "sverige",
        "sweden",
        "swedish",
        "swiss",
        "switzerland",
        "taiwan",
        "texas",
        "thailand",
        "tokyo",
        "turkey",
        "turkiye",
        "uae",
        "uk",
        "ukraine",
        "usa",
        "vietnam",
        "wales",
        "west",
        "western",
        "york",
        "zurich",
        *[
            "afghanistan",
            "albania",
            "algeria",
            "angola",
            "argentina",
            "armenia",
            "azerbaijan",
            "bahamas",
            "bahrain",
            "bangladesh",
            "belarus",
            "bolivia",
            "bosnia",
            "botswana",
            "cambodia",
            "cameroon",
            "caribbean",
            "congo",
            "cuba",
            "cyprus",
            "ecuador",
            "ethiopia",
            "gabon",
            "ghana",
            "guatemala",
            "guinea",
            "haiti",
            "honduras",
            "iran",
            "iraq",
            "jamaica",
            "kazakhstan",
            "kosovo",
            "kuwait",
            "kyrgyzstan",
            "laos",
            "lebanon",
            "liberia",
            "libya",
            "macedonia",
            "madagascar",
            "malawi",
            "mali",
            "malta",
            "mauritius",
            "moldova",
            "mongolia",
            "montenegro",
            "mozambique",
            "myanmar",
            "namibia",
            "nepal",
            "nicaragua",
            "niger",
            "oman",
            "pakistan",
            "panama",
            "paraguay",
            "qatar",
            "rwanda",
            "senegal",
            "serbia",
            "somalia",
            "sudan",
            "syria",
            "tanzania",
            "tunisia",
            "uganda",
            "uruguay",
            "uzbekistan",
            "venezuela",
            "yemen",
            "zambia",
            "zealand",
            "zimbabwe",
            "scandinavia",
            "srbija",
            "hrvatska",
            "romania",
            "magyarorszag",
            "eesti",
            "latvija",
            "lietuva",
            "suomi",
            "ceska",
            "slovensko",
            "belgie",
            "belgique",
            "belgien",
            "osterreich",
            "italien",
            "frankreich",
            "mexicana",
            "argentina",
        ],
    ]
)

# Titles, ranks and particles around a person's name; particles are kept for order but weigh little.
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "fr",
        "hon",
        "herr",
        "frau",
        "mme",
        "mlle",
        "sr",
        "sra",
        "don",
        "dona",
        "dipl",
        "ing",
        "mag",
        "phd",
        "md",
        "mba",
        "jr",
        "senior",
        "junior",
        "esq",
        "haji",
        "hajji",
        "sheikh",
        "shaikh",
        "shaykh",
        "sayyid",
        "president",
        "general",
        "colonel",
        "captain",
        "major",
        "ayatollah",
        "mullah",
        "hafiz",
        "ii",
        "iii",
        "iv",
        "med",
        *[
            "dott",
            "dottssa",
            "avv",
            "sig",
            "sigra",
            "signor",
            "signora",
            "lic",
            "licda",
            "eng",
            "shri",
            "smt",
            "mgr",
            "mudr",
            "judr",
            "phdr",
            "mvdr",
            "bc",
            "cpa",
            "cfa",
            "pmp",
            "dds",
            "dmd",
            "jd",
            "llm",
            "llb",
            "fca",
            "fcca",
            "acca",
            "msc",
            "bsc",
            "rn",
            "sgt",
            "lt",
            "col",
            "capt",
            "cmdr",
            "brig",
            "monsieur",
            "madame",
            "senor",
            "senora",
            "univ",
            "dra",
            "arch",
            "arq",
            "drs",
            "mevr",
            "dhr",
            "esquire",
            "cissp",
            "shrm",
        ],
    ]
)
_PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ben",
        "ibn",
        "bint",
        "von",
        "van",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "ter",
        "ten",
        "zu",
        "zur",
        "af",
        "av",
        "y",
        "e",
        "abu",
        "umm",
    ]
)


def company_likeness(left: str, right: str) -> Likeness:
    """How alike two company names are, whatever their script, legal form, order of words and spelling."""
    ways = [_whole_likeness(one, other) for one in _called(left) for other in _called(right)]
    return max(ways, key=lambda likeness: (likeness.score, likeness.how.value))


def _whole_likeness(left: str, right: str) -> Likeness:
    one, other = _company(left), _company(right)
    if not one.words or not other.words:
        return Likeness(0.0, How.DIFFERENT)
    cut = one.cut | other.cut
    likeness = _words_likeness(one.words, other.words, cut)
    if likeness.how is How.BRANCH and one.places != other.places:
        # "Acme (UK)" is "Acme UK".
        here, there = ((*name.words, *sorted(name.places)) for name in (one, other))
        likeness = max(likeness, _words_likeness(here, there, cut), key=lambda found: found.score)
    if one.addressed != other.addressed and likeness.score >= SAME:
        # "Apollo" is like "apollo.io", but many are called so; "Handl" is not "handle.com".
        sure = likeness.score >= _SURE
        likeness = Likeness(_SURE - 0.01, How.ALIKE) if sure else Likeness(SAME - 0.01, How.DIFFERENT)
    if likeness.score < SAME and one.script != other.script:
        likeness = max(likeness, _said_alike(one, other, cut), key=lambda found: found.score)
    if likeness.score < SAME and one.joined == other.joined:
        likeness = Likeness(1.0, How.SAME)
    if likeness.score >= SAME and one.form and other.form and one.form != other.form:
        return Likeness(SAME - 0.01, How.FORM)
    if likeness.score >= SAME and one.places != other.places and one.places and other.places:
        return Likeness(SAME - 0.01, How.BRANCH)
    if likeness.score < SAME and one.compact == other.compact:
        return Likeness(1.0, How.SAME)
    if likeness.score < SAME and (
        _is_acronym(one.words, other.stated) or _is_acronym(other.words, one.stated)
    ):
        return Likeness(0.85, How.ACRONYM)
    return likeness


def _said_alike(one: _Company, other: _Company, cut: frozenset[str]) -> Likeness:
    """Names in two scripts, by their sound: the same word is romanised in several ways."""
    if "abjad" in {one.script, other.script}:
        mine, yours = ("".join(map(_bones, name.words)) for name in (one, other))
        score = _compact_likeness(mine, yours) if min(len(mine), len(yours)) >= 4 else 0.0
        return Likeness(min(score, 0.85), How.ALIKE if score >= SAME else How.DIFFERENT)
    mine_words, your_words = ([_sound(word) for word in name.words] for name in (one, other))
    found = _words_likeness(mine_words, your_words, cut)
    if found.score < SAME:
        score = _compact_likeness("".join(mine_words), "".join(your_words), letters=5)
        found = Likeness(score, How.ALIKE if score >= SAME else How.DIFFERENT)
    return Likeness(min(found.score, 0.85), How.ALIKE) if found.score >= SAME else found


def _bones(word: str) -> str:
    """The consonants, which is all that Arabic and Hebrew write of most words."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouwy]", "", word.removeprefix("al")))


def _words_likeness(one: Sequence[str], other: Sequence[str], cut: frozenset[str] = frozenset()) -> Likeness:
    if one == other or "".join(one) == "".join(other):
        return Likeness(1.0, How.SAME)
    if any(told(*sides) for told in (_is_acronym, _is_ampersand) for sides in ((one, other), (other, one))):
        return Likeness(0.85, How.ACRONYM)
    matched = _align(one, other, cut)
    left_over = [word for place, word in enumerate(one) if place not in matched.left]
    right_over = [word for place, word in enumerate(other) if place not in matched.right]
    if _is_branch(left_over, right_over):
        return Likeness(SAME - 0.01, How.BRANCH)
    if _numbers_differ(one, other):
        return Likeness(SAME - 0.01, How.DIFFERENT)
    score = _score(one, other, matched)
    if _may_be_slips(one, other, matched) and not _exchanged(one, other):
        score = max(score, _compact_likeness("".join(one), "".join(other)))
    how = How.SAME if score >= _SURE else How.ALIKE if score >= SAME else How.DIFFERENT
    return Likeness(score, how)


def person_likeness(left: str, right: str) -> float:
    """How alike two names of people are, 0 to 1: order of words, initials, nicknames and middle names
    aside."""
    one, other = _person_words(left), _person_words(right)
    if not one or not other:
        return 0.0
    if one == other or sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return 0.5 if _of_two_generations(left, right) else 1.0
    if all(len(word) == 1 for word in one) or all(len(word) == 1 for word in other):
        return 0.4
    if _of_two_sexes(one, other) or _feminine(one[0], other[0]) or _of_two_generations(left, right):
        return 0.5
    if _script(left) != _script(right) and "abjad" in {_script(left), _script(right)}:
        mine, yours = (sorted(filter(None, map(_bones, words))) for words in (one, other))
        return 0.85 if mine == yours and sum(map(len, mine)) >= 5 else 0.0
    matched = _align_people(one, other)
    if _letter_apart(one, other, matched):
        return _person_score(one, other, matched)
    sisters = any(_sister_names(a, b) for a, b in zip(one, other, strict=False) if a != b)
    if sisters or _initials_differ(one, other):
        return _person_score(one, other, matched)
    written = max(
        _compact_likeness("".join(one), "".join(other), letters=9),
        _compact_likeness("".join(sorted(one)), "".join(sorted(other)), letters=9),
    )
    return max(_person_score(one, other, matched), written)


def same_company_name(left: str, right: str) -> bool:
    return company_likeness(left, right).score >= SAME


def same_person_name(left: str, right: str) -> bool:
    return person_likeness(left, right) >= SAME


# From here up names are taken for one without further evidence of spelling.
_SURE = 0.90

# Legal forms by what they are, as plain words. Names that state forms of two kinds are two legal persons.
_FORMS = {
    "stock": """ag|aktiengesellschaft|sa|societe anonyme|sociedad anonima|spa|societa per azioni|nv|plc|
        public limited company|jsc|ojsc|cjsc|pjsc|joint stock company|open joint stock company|
        closed joint stock company|public joint stock company|oao|zao|pao|ao|aktsionernoe obshchestvo|
        akcionernoe obshestvo|aktsionernoye obshchestvo|kk|kabushiki kaisha|inc|incorporated|corp|corporation|
        company inc|ab publ|asa|oyj|as anonim sirketi|anonim sirketi|spolka akcyjna|akciova spolocnost|tbk|bhd|
        zhu shi hui she|zhushihuishe|kgaa|se|sab de cv|s a b de c v|sa de cv|s a de c v|sapi de cv|oy ab|nyrt|zrt|
        psc|qpsc|saog|saoc|sal|hf|julkinen osakeyhtio|naamloze vennootschap|aktieselskab|berhad|perseroan terbatas|
        aktsiaselts|akcine bendrove|akciju sabiedriba|reszvenytarsasag|
        zartkoruen mukodo reszvenytarsasag|nyilvanosan mukodo reszvenytarsasag|delnicka druzba|dionicko drustvo|
        akcionarsko drustvo|societate pe actiuni|anonymi eteria|sociedade anonima|sociedad por acciones simplificada|
        societe par actions simplifiee|prjsc|prat|pcl|public company limited|public company ltd|cong ty co phan|cong ty cp|ae|aee|
        gufen youxian gongsi|gufen youxiangongsi|kabushiki gaisha""",
    "limited": """gmbh|ggmbh|gesellschaft mit beschrankter haftung|llc|limited liability company|ltd|limited|
        private limited|pvt ltd|private limited company|pty ltd|pty|bv|besloten vennootschap|srl|
        societa a responsabilita limitata|societatea cu raspundere limitata|societate cu raspundere limitata|
        sociedad de responsabilidad limitada|sociedad limitada|sarl|societe a responsabilite limitee|ooo|
        obshchestvo s ogranichennoi otvetstvennostiu|obshchestvo s ogranichennoy otvetstvennostyu|
        obsestvo s ogranicennoj otvetstvennostu|obshestvo s ogranichennoy otvetstvennostyu|tov|
        tovarystvo z obmezhenoyu vidpovidalnistyu|sp zoo|sp z oo|sp z o o|
        spolka z ograniczona odpowiedzialnoscia|sl|lda|limitada|ltda|sro|s r o|doo|d o o|kft|ood|eood|oy|aps|uab|
        sia|ug|pte ltd|sdn bhd|gk|youxiangongsi|you xian gong si|company limited|co ltd|
        ltd liability company|ltd liability co|limited liability co|proprietary limited|proprietary ltd|pty limited|
        pvt limited|private ltd|pte limited|s de rl de cv|s de r l de c v|gesmbh|ges m b h|mbh|sarlu|eurl|sasu|sprl|
        bvba|wll|w l l|osauhing|uzdaroji akcine bendrove|sabiedriba ar ierobezotu atbildibu|
        korlatolt felelossegu tarsasag|spolecnost s rucenim omezenym|spolocnost s rucenim obmedzenym|
        druzba z omejeno odgovornostjo|drustvo s ogranicenom odgovornoscu|unternehmergesellschaft|
        unternehmergesellschaft haftungsbeschrankt|sendirian berhad|anpartsselskab|eteria periorismenis efthynis|
        sociedade limitada|osakeyhtio|fzco|fze|fz llc|jdoo|ehf|eireli|yugen kaisha|godo kaisha|gesellschaft mbh|ges mbh|cong ty tnhh|youxian gongsi|
        p ltd|selarl|sll|sal de cv|coltd|limited sirketi|limited sti""",
    # Of one person, of members, or of no kind that would part two names.
    "": """ek|e k|ev|e v|eg|sas|sca|scs|sci|persero|ulc|lllp|pllc|na|n a|ltee|vzw|asbl|sp j|sp k|aktiebolag|aktiebolaget|aksjeselskap|allmennaksjeselskap|
        a nonprofit corporation|nonprofit corporation|nonprofit""",
    "nonprofit": """ano|nko|avtonomnaia nekommercheskaia organizatsiia""",
    "partnership": """kg|gmbh co kg|gmbh and co kg|ag co kg|lp|llp|limited partnership|ohg|gbr|snc|
        kommanditgesellschaft|cv|vof|offene handelsgesellschaft|gesellschaft burgerlichen rechts|kommandiittiyhtio|
        vennootschap onder firma|commanditaire vennootschap""",
}
# Stand around a form and belong to it, but are no form on their own.
_LOOSE = frozenset({"co", "company", "the"})
_JOINS = frozenset({"and", "und", "et", "y", "e", "og", "och", "i"})
_PHRASES = (
    ("united states of america", "us"), ("united states", "us"), ("u s a", "us"), ("usa", "us"),
    ("united kingdom", "uk"), ("great britain", "uk"), ("new york", "newyork"), ("hong kong", "hongkong"),
    ("f lli", "fratelli"), ("san ve tic", "sanayi ve ticaret"), ("sanayi ve ticaret", "ticaret"), ("sanayi", "ticaret"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Company:
    """A name taken apart: its words without the legal form, the kind of form, places in brackets, and all its
    letters in one; `joined` are the letters of its words as written, `stated` all its words, form and all; `cut` are
    words that a full stop says are cut short; `script` is empty for Latin letters, `addressed` says
    that the ending of a web address was taken off."""

    words: tuple[str, ...]
    form: str
    places: frozenset[str]
    compact: str
    joined: str
    stated: tuple[str, ...]
    cut: frozenset[str]
    script: str
    addressed: bool


def plain(name: str) -> str:
    """In Latin letters: scripts are romanised, capitals kept."""
    return name if name.isascii() else anyascii(name)


@cache
def _forms() -> tuple[tuple[tuple[str, ...], str], ...]:
    """The words of each form with its kind, longest first."""
    forms = {
        tuple(form.split()): kind
        for kind, listed in _FORMS.items()
        for form in listed.replace("\n", " ").split("|")
    }
    return tuple(sorted(forms.items(), key=lambda item: (-len(item[0]), item[0])))


# A second name, and the word that says so: "Alphabet d/b/a Google", "Meta (formerly Facebook)".
_OTHERWISE = re.compile(
    r"\b(?:d/b/a|d\.b\.a\.?|dba|doing business as|t/as?|trading as|operating as|o/a|a/k/a|also known as|f/k/a|formerly known as|formerly)\b[:.]?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(
    r"[(\[]\s*(?:now|ex|aka|fka|previously|vormals|fr[uü]her|anciennement|antes|già|formerly|dba)\b[:.]?\s*([^)\]]+)[)\]]",
    re.IGNORECASE,
)
# Words that no space sets apart, or whose romanisation is not the word that other lists have.
_NATIVE = tuple(
    (re.compile(native), said)
    for native, said in (
        (r"\bТОО\b", " llc "), (r"\bПАТ\b", " pjsc "),
        ("有限会社|合同会社|（有）|㈲|유한회사|股份有限公司|有限责任公司|有限公司|株式会社|㈱|（株）|주식회사|㈜", " "), ("集团|集團|グループ", " group "),
        ("控股", " holding "), ("科技", " technology "), ("银行|銀行", " bank "), ("公司|شركة|شركه", " company "),
        ("مجموعة", " group "), ("بنك|مصرف", " bank "), ("大学|大學", " university "),
    )
)  # fmt: skip


def _called(name: str) -> tuple[str, ...]:
    """The names that a name states: its own, and the one it also goes by."""
    inner = _IN_BRACKETS.findall(name)
    outside = _IN_BRACKETS.sub(" ", name)
    parts = [part.strip(" ,;-()") for part in (*_OTHERWISE.split(outside), *inner)]
    stated = [part for part in parts if any(c.isalnum() for c in part)]
    return tuple(stated) if len(stated) > 1 else (name,)


@lru_cache(maxsize=262_144)
def _company(name: str) -> _Company:
    bracketed = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]", name))
    outside = re.sub(r"[(\[][^)\]]*[)\]]", " ", name)
    stripped = bare = _without_ending(outside)
    script = _script(name)
    if not name.isascii():
        for native, said in _NATIVE:
            bare = native.sub(said, bare)
    words = _plain_words(bare) or _plain_words(name)
    kept, form = _without_forms(words)
    # What our own list does not know, the list's reader may; it never leaves a name empty.
    left = (name_key(" ".join(kept)) or "").split() or kept
    return _Company(
        tuple(_counted([_SHORT.get(word, word) for word in left])),
        form,
        frozenset(_plain_words(bracketed)) & _PLACES,
        "".join(words),
        "".join(left),
        tuple(words),
        frozenset(_CUT.findall(plain(bare).lower())),
        script,
        stripped != outside,
    )


_CUT = re.compile(r"([a-z]{2,})\.")
# "www.acme.co.uk" and "Acme.com, Inc.": a web address is read as the name that it was made of.
_ADDRESS = re.compile(
    r"(?<!\S)(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,24})(?=$|[\s,;:/>])(?:/\S*)?", re.IGNORECASE
)


def _without_ending(name: str) -> str:
    return _ADDRESS.sub(_address_core, name) if "." in name else name


def _address_core(found: re.Match[str]) -> str:
    labels = found[1].lower().split(".")
    ending = suffix_length(labels)
    if not ending or ending >= len(labels) or len(labels[-ending - 1]) < 3:
        return found[0]
    return found[1][: -sum(len(label) + 1 for label in labels[-ending:])].rsplit(".", 1)[-1]


_ABJAD = re.compile(r"[\u0590-\u06ff\u0750-\u077f]")


def _script(name: str) -> str:
    """Of a name in other letters than Latin: those without vowels, or others that are romanised in several ways."""
    if name.isascii():
        return ""
    if _ABJAD.search(name):
        return "abjad"
    return "other" if any(ord(c) >= 0x370 and c.isalpha() for c in name) else ""


def _counted(words: Sequence[str]) -> list[str]:
    """Numbers in figures: "twenty one", "first", "3rd", and Roman ones behind a name ("Fund IV")."""
    said: list[str] = []
    for place, word in enumerate(words):
        number = _NUMBERS.get(word)
        if number is not None:
            ten = said and said[-1].isdigit() and place and words[place - 1] in _TENS and number < 10
            said[-1:] = [str(int(said[-1]) + number)] if ten else [*said[-1:], str(number)]
        elif place and word in _ROMAN:
            said.append(str(_ROMAN.index(word) + 2))
        elif word[0].isdigit() and word[-2:] in {"st", "nd", "rd", "th"} and word[:-2].isdigit():
            said.append(word[:-2])
        else:
            said.append(word)
    return said


def _plain_words(name: str) -> list[str]:
    latin = fold(plain(name)).replace("&", " and ").replace("+", " and ").replace("'", "").replace("`", "")
    latin = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", latin)
    text = f" {' '.join(re.findall(r'[a-z0-9]+', latin))} "
    for phrase, short in _PHRASES:
        text = text.replace(f" {phrase} ", f" {short} ")
    return text.split()


def _without_forms(words: list[str]) -> tuple[list[str], str]:
    """Legal forms off both ends, as long as a name is left; the kind is that of the last one found first."""
    kind = ""
    while len(words) > 1:
        if found := _form_at_an_end(words):
            words, stated = found
            kind = kind or stated
        elif words[-1] in _LOOSE:
            words = words[:-1]
            # "McKinsey & Company": what joined it goes with it.
            if len(words) > 1 and words[-1] in _JOINS:
                words = words[:-1]
        elif words[0] == "the":
            words = words[1:]
        else:
            break
    return words, kind


def _form_at_an_end(words: list[str]) -> tuple[list[str], str] | None:
    for form, kind in _forms():
        size = len(form)
        if size >= len(words):
            continue
        if _reads(words[-size:], form):
            return words[:-size], kind
        # In front stand only the forms that are never names, and long ones.
        if (size > 1 or form[0] in _IN_FRONT) and _reads(words[:size], form):
            return words[size:], kind
    return None


_IN_FRONT = frozenset(
    [
        "ooo",
        "oao",
        "zao",
        "pao",
        "ao",
        "jsc",
        "ojsc",
        "cjsc",
        "pjsc",
        "srl",
        "llc",
        "tov",
        "uab",
        "sia",
        "gmbh",
        "ano",
        "nko",
        "prat",
        "prjsc",
    ]
)


def _reads(words: Sequence[str], form: Sequence[str]) -> bool:
    """Do the words say the form? Long words may be misspelt, "Aktiengeselschaft", and those of a long form."""
    long = len(form) >= 3
    return all(
        word == said
        or (len(said) >= 8 and OSA.distance(word, said, score_cutoff=2) <= 2)
        or (long and len(said) >= 5 and word[0] == said[0] and OSA.distance(word, said, score_cutoff=1) <= 1)
        for word, said in zip(words, form, strict=True)
    )


@lru_cache(maxsize=262_144)
def _person_words(name: str) -> tuple[str, ...]:
    # "Merkel, Angela" is "Angela Merkel".
    last, comma, rest = name.partition(",")
    text = f"{rest} {last}" if comma and rest.strip() else name
    latin = plain(text).lower().replace("'", "").replace("`", "")
    latin = " ".join(part for part in re.split(r"[\s,]+", latin) if not _is_title(part)) or latin
    words = [_without_disguise(word) for word in re.findall(r"[a-z0-9]+", latin)]
    kept = tuple(word for word in words if word not in _TITLES)
    return kept or tuple(words)


def _is_title(part: str) -> bool:
    """ "Ph.D." and "Dott.ssa"; of letters that each have a full stop most are initials: "S.R."."""
    said = re.sub(r"[^a-z]", "", part)
    return said in _TITLES and (said in _DOTTED or not _ALL_DOTTED.fullmatch(part))


_ALL_DOTTED = re.compile(r"(?:[a-z]\.){2,}")
_DOTTED = frozenset(["md", "phd", "dds", "dmd", "jd", "llm", "cpa", "mba"])

_GENERATION = re.compile(r"(?<=\s)(?:(jr|junior)|(sr|senior)|(ii|2nd)|(iii|3rd)|(iv|4th))\b", re.IGNORECASE)


def _of_two_generations(left: str, right: str) -> bool:
    """ "Jr." and "Sr.", "II" and "III": father and son. The second of a name may well be called the younger."""
    mine, yours = (found and found.lastindex for found in map(_GENERATION.search, (left, right)))
    return bool(mine and yours) and mine != yours and {mine, yours} != {1, 3}


def _without_disguise(word: str) -> str:
    """Digits that stand for letters inside a word: "Ig0r Sech1n"."""
    return word.translate(_DISGUISE) if any(c.isalpha() for c in word) else word


_DISGUISE = str.maketrans("013457", "oieast")


@dataclass(frozen=True, slots=True)
class _Matched:
    """Places of matched words on either side, and how alike each pair is."""

    left: dict[int, float]
    right: dict[int, float]


def _word_likeness(one: str, other: str) -> float:
    """1 for equal words; misspelt ones by the share of letters kept; 0 when too much differs.

    One slip is allowed in four letters, a second from eight, as long as digits agree: 'A380' is not 'A320'.
    """
    if one == other:
        return 1.0
    if not (one.isalpha() and other.isalpha()):
        return 0.0
    if one in _WELL_KNOWN and other in _WELL_KNOWN:
        # Each is spelt as it should be: "Bank of America" is not "Bank of Africa" misspelt.
        return 0.0
    longest = max(len(one), len(other))
    slips = 0 if longest < 4 else 1 if longest < 8 else 2 if longest < 13 else 3
    distance = OSA.distance(one, other, score_cutoff=slips)
    # Two slips seldom spoil the beginning: "Anderson" is not "Henderson".
    if distance <= slips and (distance < 2 or one[0] == other[0]):
        return 1.0 - distance / longest
    # Cut short: "Volks" for "Volkswagen", "Aktiengesel" and the like.
    shortest = min(len(one), len(other))
    if shortest >= 4 and (one.startswith(other) or other.startswith(one)):
        return _CUT_SHORT
    return 0.0


_CUT_SHORT = 0.74
_VOWELS = frozenset("aeiouy")


def _abbreviates(short: str, long: str, *, cut: bool) -> bool:
    """Is it the long word written short? "bldrs" of "builders", "refrig." of "refrigeration"; with a full stop behind it
    ("vet.", "assoc.") less is asked."""
    if len(short) >= len(long) - 1 or short[0] != long[0] or len(short) < 3 - cut:
        return False
    if long.startswith(short):
        # Cut behind a consonant, or "o": "rehab", "chiro", but not "gene" of "genetics".
        return cut or (len(short) >= 4 and 5 * len(short) <= 3 * len(long) and short[-1] not in "aeiuy")
    letters = iter(long)
    if 4 * len(short) > 3 * len(long) or not all(letter in letters for letter in short):
        return False
    # The last letter may be the last vowel of both ("agcy", "whse").
    within = short[1:-1] if len(short) > 3 and short[-1] == long[-1] else short[1:]
    return cut or _VOWELS.isdisjoint(within)


_WELL_KNOWN = _PLACES | _GENERIC | frozenset(_SHORT.values())


def _align(one: Sequence[str], other: Sequence[str], cut: frozenset[str]) -> _Matched:
    """Each word with its best partner, best first; two words may be one word of the other side."""
    pairs = [
        (likeness, i, j)
        for i, a in enumerate(one)
        for j, b in enumerate(other)
        if (likeness := 1.0 if a == b else _company_word_likeness(a, b, i + j, cut))
    ]
    if len(pairs) > 1:
        pairs.sort(key=lambda pair: (-pair[0], abs(pair[1] - pair[2]), pair[1]))
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for likeness, i, j in pairs:
        if i not in left and j not in right:
            left[i] = right[j] = likeness
    _glue(one, other, left, right)
    _glue(other, one, right, left)
    _initialled(one, other, left, right)
    _initialled(other, one, right, left)
    return _Matched(left, right)


def _company_word_likeness(one: str, other: str, places: int, cut: frozenset[str]) -> float:
    """`places`: zero when both words begin their names. What a company is called by is seldom written short, and what looks
    like it are letters of their own: "PNC Bank" is not "Pinnacle Bank"."""
    likeness = _word_likeness(one, other)
    if likeness <= _CUT_SHORT and one[0] == other[0]:
        short, long = (one, other) if len(one) < len(other) else (other, one)
        stated = short in cut
        if (places or stated) and long.isalpha() and _abbreviates(short, long, cut=stated):
            return 0.95 if stated else 0.85
    return likeness


def _initialled(
    one: Sequence[str], other: Sequence[str], left: dict[int, float], right: dict[int, float]
) -> None:
    """ "TU Dresden" and "Technische Universitat Dresden": initials of a run of words, where the others agree."""
    if not left or len(left) + 1 != len(one):
        return
    (place,) = (i for i in range(len(one)) if i not in left)
    run = [j for j in range(len(other)) if j not in right]
    letters = "".join(other[j][0] for j in run)
    if 2 <= len(run) <= 4 and letters == one[place] and run[-1] - run[0] == len(run) - 1:
        left[place] = 0.95
        right.update(dict.fromkeys(run, 0.95))


def _glue(one: Sequence[str], other: Sequence[str], left: dict[int, float], right: dict[int, float]) -> None:
    """ "Power Point" and "Powerpoint"."""
    for i in range(len(one) - 1):
        for j, word in enumerate(other):
            if j in right or (i in left and i + 1 in left):
                continue
            both = one[i] + one[i + 1]
            # No longer than it: a word that is only the beginning of the two is one of them.
            likeness = _word_likeness(both, word) if len(word) >= 4 and len(both) - len(word) <= 2 else 0.0
            if likeness:
                left[i] = left[i + 1] = right[j] = likeness


def _weight(word: str) -> float:
    """What a word counts for in a company's name."""
    if word in _GENERIC:
        return 0.25
    return 0.5 if len(word) < 3 or word in _PLACES or word in _KINDS else 1.0


def _score(one: Sequence[str], other: Sequence[str], matched: _Matched) -> float:
    # A word more on one side is an addition; a word more on each is an exchange, and tells them apart in full
    # however common the words are: "Acme Systems" is not "Acme Industries".
    exchanged = len(matched.left) < len(one) and len(matched.right) < len(other)
    total = sum(
        1.0 if place not in found and (exchanged or word in _KINDS) else _weight(word)
        for words, found in ((one, matched.left), (other, matched.right))
        for place, word in enumerate(words)
    )
    # Every pair of words that is not equal costs twice what its letters say: two half-right words are no
    # name.
    got = sum(_weight(one[i]) * max(0.0, 2 * likeness - 1) for i, likeness in matched.left.items())
    got += sum(_weight(other[j]) * max(0.0, 2 * likeness - 1) for j, likeness in matched.right.items())
    return got / total


def _may_be_slips(one: Sequence[str], other: Sequence[str], matched: _Matched) -> bool:
    """May slips be counted once over the whole name? Not when all of them would make one word of another ("Deutsche Bank",
    "Deutsche Bahn"); a single letter may where several words agree."""
    if len(one) != len(other):
        return True
    if len(matched.left) == len(one):
        return min(matched.left.values()) > _CUT_SHORT
    agreed = sum(likeness == 1.0 for likeness in matched.left.values())
    return agreed >= 2 and OSA.distance("".join(one), "".join(other), score_cutoff=1) <= 1


def _compact_likeness(one: str, other: str, letters: int = 6) -> float:
    """Spelt as one word: the share of letters kept, when no more differ than one in so many."""
    longest = max(len(one), len(other))
    slips = longest // letters
    distance = OSA.distance(one, other, score_cutoff=slips)
    if distance > slips or re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return 0.0
    return 1.0 - distance / longest


def _is_acronym(short: Sequence[str], long: Sequence[str]) -> bool:
    """ "ibm" of "international business machines"; two letters prove nothing."""
    if len(short) != 1 or len(long) < 3 or not 3 <= len(short[0]) <= 6:
        return False
    letters = "".join(word[0] for word in long)
    chief = "".join(word[0] for word in long if word not in {"and", "of", "the", "for", "de", "la"})
    return short[0] in {letters, chief}


def _exchanged(one: Sequence[str], other: Sequence[str]) -> bool:
    """Do words that are each spelt as they should be stand for each other: "Bank of America", "Bank of Africa"?"""
    return len(one) == len(other) and any(
        a != b and a in _WELL_KNOWN and b in _WELL_KNOWN for a, b in zip(one, other, strict=True)
    )


def _is_ampersand(short: Sequence[str], long: Sequence[str]) -> bool:
    """ "P&G" of "Procter & Gamble"."""
    return (
        len(short) == len(long) == 3
        and short[1] == long[1] == "and"
        and len(short[0]) == len(short[2]) == 1
        and min(len(long[0]), len(long[2])) > 1
        and (short[0], short[2]) == (long[0][0], long[2][0])
    )


def _is_branch(left: Sequence[str], right: Sequence[str]) -> bool:
    """Does only a place, or a place on each side, tell them apart?"""
    told = [word for word in (*left, *right) if word not in _GENERIC]
    return bool(told) and all(word in _PLACES for word in told)


def _numbers_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    """ "Fund 2" and "Fund 3"; a number on one side alone differs too ("Fund", "Fund 3")."""
    numbers = [sorted(word for word in words if word.isdigit()) for words in (one, other)]
    return numbers[0] != numbers[1]


def _person_word_likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return 0.85 if one[0] == other[0] else 0.0
    if same_first_name(one, other):
        return 0.95
    if _sister_names(one, other):
        return 0.0
    longest = max(len(one), len(other))
    if longest < 4:
        return 0.0
    slips = 1 if longest < 8 else 2
    mine, yours = _sound(one), _sound(other)
    distance = OSA.distance(mine, yours, score_cutoff=slips)
    if distance > slips or (distance == 1 and not _is_slip(mine, yours)):
        return 0.0
    return 1.0 - distance / longest


def _letter_apart(one: Sequence[str], other: Sequence[str], matched: _Matched) -> bool:
    """Does a single letter make one name of another? Of syllables ("Jong Un") too many are alike to say."""
    apart = [word for place, word in enumerate(one) if place not in matched.left]
    return (
        len(one) == len(other)
        and len(apart) == 1
        and len(apart[0]) > 3
        and OSA.distance("".join(one), "".join(other), score_cutoff=1) == 1
    )


def _is_slip(one: str, other: str) -> bool:
    """May one letter be a slip of the pen, or another way to spell a sound? In short names, letters at either end and vowels
    make another name: "Chen", "Cheng"; "Dean", "Sean"; "Sato", "Saito". A vowel is never a consonant: "Rajesh", "Ramesh"."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    at = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if len(short) < len(long):
        within = 0 < at < len(short) and long[at] not in _SUNG
        return within or len(long) > 5
    if short[at + 1 :] != long[at + 1 :]:
        return True
    sung = (short[at] in _SUNG) + (long[at] in _SUNG)
    if sung == 1 and "h" not in {short[at], long[at]}:
        return len(long) > 7
    return len(long) > 4 or 0 < at < len(long) - sung // 2


# After `_sound` a "y" is an "i".
_SUNG = frozenset("aeiou")


def _initials_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    """ "John P. Doe" and "John K. Doe": a letter that stands for a name on either side, and not for the same."""
    mine, yours = ({word for word in words if len(word) == 1} for words in (one, other))
    return bool(mine and yours) and mine.isdisjoint(yours)


# Words in the middle of a name by which one knows of a man and of a woman.
_MEN_AND_WOMEN = (
    ("van", "thi"),
    ("bin", "binti"),
    ("bin", "bint"),
    ("ibn", "bint"),
    ("abu", "umm"),
    ("singh", "kaur"),
)


def _of_two_sexes(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(
        (man in one and woman in other and woman not in one and man not in other)
        or (woman in one and man in other and man not in one and woman not in other)
        for man, woman in _MEN_AND_WOMEN
    )


# Surnames of a family that end otherwise for its women: "Petrova" may well be "Petrov" in another list.
_FAMILY_ENDINGS = ("ov", "ev", "in", "yn", "sk", "ck")


def _feminine(one: str, other: str) -> bool:
    """The same first name for a man and for a woman, of names that our list does not have: "Karim", "Karima"."""
    short, long = sorted((one, other), key=len)
    if len(short) < 3 or short.endswith(_FAMILY_ENDINGS):
        return False
    if len(short) == len(long):
        # "Paolo", "Paola"; "Heiko", "Heike".
        return short[:-1] == long[:-1] and {short[-1], long[-1]} in _ENDS_OF_SEXES
    if long in (f"{short}a", f"{short}ia"):
        return short[-1] not in "ao"
    return long == f"{short}e" and len(short) >= 5 and short[-1] not in "aiou"


_ENDS_OF_SEXES = ({"o", "a"}, {"o", "e"})


_ENDINGS = (("", "a"), ("o", "a"), ("", "e"), ("", "ne"), ("", "le"), ("", "tte"), ("", "n"), ("", "ine"))


def _sister_names(one: str, other: str) -> bool:
    """Two first names of common usage that one ending tells apart: "Mario", "Maria"; "Daniel", "Danielle"."""
    names = formal_names()
    if one not in names and other not in names:
        return False
    if one in names and other in names:
        return True
    short, long = sorted((one, other), key=len)
    return any(
        short.endswith(brief) and long == short[: len(short) - len(brief)] + full and len(short) >= 4
        for brief, full in (*_ENDINGS, ("a", "o"))
    )


def _sound(word: str) -> str:
    """Spellings of one sound, as they differ between ways of romanising a name."""
    for written, said in _SOUNDS:
        word = word.replace(written, said)
    return re.sub(r"(.)\1+", r"\1", word)


_SOUNDS = (
    ("shch", "sh"), ("dj", "d"), ("sch", "sh"), ("tsch", "ch"), ("kh", "h"), ("ph", "f"), ("ck", "k"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("yy", "y"), ("iy", "i"), ("yi", "i"), ("ij", "i"), ("y", "i"), ("j", "i"), ("w", "v"), ("q", "k"), ("x", "ks"),
    ("zh", "z"), ("ts", "c"), ("dzh", "z"), ("ae", "a"), ("oe", "o"), ("ue", "u"),
)  # fmt: skip


def _align_people(one: Sequence[str], other: Sequence[str]) -> _Matched:
    pairs = sorted(
        (
            (likeness, i, j)
            for i, a in enumerate(one)
            for j, b in enumerate(other)
            if (likeness := _person_word_likeness(a, b))
        ),
        key=lambda pair: (-pair[0], abs(pair[1] - pair[2]), pair[1]),
    )
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for likeness, i, j in pairs:
        if i not in left and j not in right:
            left[i] = right[j] = likeness
    _glue(one, other, left, right)
    _glue(other, one, right, left)
    _initials(one, other, left, right)
    _initials(other, one, right, left)
    return _Matched(left, right)


def _initials(
    one: Sequence[str], other: Sequence[str], left: dict[int, float], right: dict[int, float]
) -> None:
    """ "JC" of "Jean Claude"."""
    for i in range(len(one) - 1):
        for j, word in enumerate(other):
            if j not in right and i not in left and i + 1 not in left and word == one[i][0] + one[i + 1][0]:
                left[i] = left[i + 1] = right[j] = 0.9


def _person_score(one: Sequence[str], other: Sequence[str], matched: _Matched) -> float:
    """The shorter name must be found whole in the longer; what the longer has more (middle names) costs
    little."""

    def weigh(word: str) -> float:
        return 0.3 if word in _PARTICLES else 0.6 if len(word) == 1 else 1.0

    def share(words: Sequence[str], found: dict[int, float]) -> float:
        got = sum(weigh(words[i]) * likeness for i, likeness in found.items())
        return got / sum(map(weigh, words))

    shares = sorted((share(one, matched.left), share(other, matched.right)))
    over = [
        [word for place, word in enumerate(words) if place not in found and word not in _PARTICLES]
        for words, found in ((one, matched.left), (other, matched.right))
    ]
    if over[0] and over[1]:
        # A name exchanged for another is another person, however many of the others agree.
        return 0.6 * shares[1]
    whole = [len(words) - len(found) for words, found in ((one, matched.left), (other, matched.right))]
    strong = sum(likeness > 0.85 for likeness in matched.left.values())
    if min(len(one), len(other)) < 2 or strong < 2:
        return 0.5 * (shares[0] + shares[1]) if len(one) == len(other) else 0.6 * shares[1]
    cost = 0.1 * max(0, max(whole) - 1)
    return 0.8 * shares[1] + 0.2 * shares[0] - cost
