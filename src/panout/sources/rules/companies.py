"""Company names: tidy for reading, and a key for comparing that knows no legal form, accent or
punctuation."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from cleanco import termdata

from panout.sources.rules.text import fold, stated, words

# Forms that the library lacks or writes otherwise.
_MORE_FORMS = """
gmbh & co kg|gmbh & co kgaa|gmbh & co ohg|gmbh co kg|ag & co kg|ag & co kgaa|se & co kg|se & co kgaa|ug|
ug haftungsbeschrankt|ug haftungsbeschrankt & co kg|gmbh i gr|ggmbh|mbh|eg|ev|e v|e
k|ek|ohg|gbr|kgaa|partg|partg mbb| inc|incorporated|corp|corporation|co|company|llc|l l
c|lp|llp|lllp|pllc|pc|pbc|plc|ltd|limited|ltda|ltd co|co ltd| company limited|pte|pte ltd|pvt|pvt ltd|private
limited|pty|pty ltd|proprietary limited|sdn bhd|bhd| sa|sas|sasu|sarl|eurl|sci|snc|scop|societe anonyme|sa de
cv|s de rl de cv|sapi de cv|srl|sl|slu|sau|spa|s p a|srls| sociedad limitada|sociedad anonima|societa per
azioni|bv|b v|nv|n v|vof|cv|bvba|sprl|ab|aktiebolag|as|asa|aps|oy|oyj| sp z o o|spzoo|sp zoo|spolka
akcyjna|sro|s r o|doo|d o o|kft|zrt|nyrt|ood|eood|ead|ad|dd|kk|k k|gk|aktiengesellschaft| gesellschaft mit
beschrankter haftung|holding gmbh|eirl|eireli|me|epp|tic ltd sti|ltd sti|anonim sirketi
""".replace("\n", "").split("|")
# Words that the library counts as forms but that are names as often.
_NOT_FORMS = frozenset(
    {
        "group",
        "holding",
        "holdings",
        "international",
        "se me",
        "me",
        "bank",
        "trust",
        "association",
        "uk",
        "eu",
    }
)
# Stand in front: "PT Telkom", "OOO Romashka".
_IN_FRONT = frozenset({"pt", "ooo", "oao", "zao", "pao", "the", "ооо", "оао", "зао", "пао"})
_EASTERN = re.compile(
    r"股份有限公司|有限责任公司|有限公司|株式会社|有限会社|合同会社|주식회사|유한회사|\(주\)|㈜|（株）|\(株\)"
)
_BRACKETS = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]\s*")
_QUOTES = "\"'`“”„«»‘’"
_JOINERS = frozenset({"and", "und", "et", "y", "e", "of", "de"})
_LONGEST_FORM = 6


@lru_cache(maxsize=131072)
def company_name(cell: str) -> str | None:
    """The name as a person would write it: no wrapping quotes, no stray marks at the ends. The legal form
    stays."""
    text = stated(cell)
    if text is None:
        return None
    bare = text.strip(" ,;|*•")
    while len(bare) > 1 and bare[0] in _QUOTES and bare[-1] in _QUOTES:
        bare = bare[1:-1].strip()
    return bare if any(c.isalnum() for c in bare) else None


@lru_cache(maxsize=131072)
def name_key(name: str) -> str | None:
    """For exact comparing and blocking: "The Müller & Söhne GmbH & Co. KG (Berlin)" is "muller and sohne".

    Brackets, the legal form (in front or behind, several in a row) and a leading "the" are dropped as long
    as a name is left. None when there is no letter or digit at all.
    """
    plain = _EASTERN.sub(" ", name)
    outside = _BRACKETS.sub(" ", plain)
    joined = re.sub(r"\b([^\W\d_])\.(?=[^\W\d_]\b)", r"\1", fold(outside if words(outside) else plain))
    parts = words(joined.replace("'", "").replace("’", "").replace("&", " and ").replace("+", " and "))
    if not parts:
        return None
    return " ".join(_without_form(_without_front(parts)))


def _without_front(parts: list[str]) -> list[str]:
    return parts[1:] if len(parts) > 1 and parts[0] in _IN_FRONT else parts


def _without_form(parts: list[str]) -> list[str]:
    forms = _forms()
    while len(parts) > 1:
        for length in range(min(_LONGEST_FORM, len(parts) - 1), 0, -1):
            if tuple(parts[-length:]) in forms and parts[-length - 1] not in _JOINERS:
                parts = parts[:-length]
                break
        else:
            return parts
    return parts


@cache
def _forms() -> frozenset[tuple[str, ...]]:
    listed = [term for terms in termdata.terms_by_type.values() for term in terms]
    listed += [term for terms in termdata.terms_by_country.values() for term in terms]
    forms = {_form(term) for term in (*listed, *_MORE_FORMS)}
    return frozenset(form for form in forms if form and " ".join(form) not in _NOT_FORMS)


def _form(term: str) -> tuple[str, ...]:
    joined = re.sub(r"\b([^\W\d_])\.(?=[^\W\d_]\b)", r"\1", fold(term))
    return tuple(words(joined.replace("&", " and ").replace("+", " and ")))
