"""Languages by name or code, to ISO 639-1."""

from __future__ import annotations

from functools import cache

import pycountry
from babel import Locale

from panout.sources.rules.text import fold, tidy

_NAMED_IN = ("en", "de", "fr", "es", "it", "nl")


def language_code(cell: str) -> str | None:
    """ "English", "Deutsch", "en-US", "fra" become en, de, en, fr; None for anything else."""
    text = fold(tidy(cell)).replace("_", "-")
    names = _languages()
    return names.get(text) or names.get(text.partition("-")[0]) or names.get(text.partition(" ")[0])


@cache
def _languages() -> dict[str, str]:
    names: dict[str, str] = {}
    codes = {language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")}
    for language in pycountry.languages:
        if hasattr(language, "alpha_2"):
            names[language.alpha_2] = names[language.alpha_3] = names[fold(language.name)] = language.alpha_2
    for land in _NAMED_IN:
        for code, name in Locale(land).languages.items():
            if code in codes:
                names.setdefault(fold(name), code)
    for code in codes:
        own = Locale(code).get_language_name(code) if code in _NAMED_IN else None
        if own:
            names.setdefault(fold(own), code)
    return names
