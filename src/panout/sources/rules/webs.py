"""Web addresses: the company's domain, its website, LinkedIn pages of people and companies."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from panout.kernel.domain import ascii_host, parse_domain
from panout.sources.rules.text import NOTHING, stated

_URL = re.compile(
    r"^(?:([a-z][a-z0-9+.-]*):)?(?://)?(?:[^/@\s?#]*@)?([^/:?#\s]+)(?::\d+)?([/?#].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_MISSPELT = re.compile(r"^(?:h{1,2}t{1,3}p?s?|ttps?|hpp?ts?):?/{1,3}(?=\S)", re.IGNORECASE)
_BARE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z")
# A page on one of these belongs to its tenant; the domain belongs to the host.
SHARED_HOSTS = frozenset(
    [
        "facebook.com",
        "fb.com",
        "linkedin.com",
        "twitter.com",
        "x.com",
        "instagram.com",
        "youtube.com",
        "youtu.be",
        "tiktok.com",
        "pinterest.com",
        "linktr.ee",
        "crunchbase.com",
        "angel.co",
        "wellfound.com",
        "github.com",
        "gitlab.com",
        "medium.com",
        "google.com",
        "goo.gl",
        "bit.ly",
        "t.co",
        "apple.com",
        "play.google.com",
        "yelp.com",
        "tripadvisor.com",
        "etsy.com",
        "amazon.com",
        "ebay.com",
        "xing.com",
        "vimeo.com",
        "t.me",
        "telegram.me",
        "wa.me",
        "whatsapp.com",
        "notion.so",
        "behance.net",
        "dribbble.com",
        "ycombinator.com",
        "f6s.com",
    ]
)
_LINKEDIN = re.compile(
    r"(?:^|[/.])linkedin\.com/(?:mwlite/)?(?:[a-z]{2}/)?(in|pub|company|companies|school|showcase|organization|"
    r"sales/(?:lead|people|company)|talent/profile)/([^/?#\s,]+)",
    re.IGNORECASE,
)
_SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{2,99}$", re.IGNORECASE)
_PERSON_PAGES = frozenset({"in", "pub", "sales/lead", "sales/people", "talent/profile"})


@lru_cache(maxsize=65536)
def domain(cell: str) -> str | None:
    """The registered domain in a domain or web address, ASCII and lower case.

    None for a page on somebody else's host (facebook.com/acme), an IP address, or no host at all.
    """
    if _BARE.match(cell) and cell not in NOTHING:
        host, path = cell, ""
    else:
        found = _address(cell)
        if found is None:
            return None
        _, host, path = found
    registered = parse_domain(host)
    if registered is None:
        return None
    if registered.name in SHARED_HOSTS and path.strip("/"):
        return None
    return registered.name


@lru_cache(maxsize=65536)
def website(cell: str) -> str | None:
    """The web address with a scheme and a lower-case host; https where none was given."""
    found = _address(cell)
    if found is None:
        return None
    scheme, host, path = found
    return f"{scheme}://{host}{'' if path == '/' else path}"


def linkedin_person(cell: str) -> str | None:
    """The one address of a profile, `https://www.linkedin.com/in/<slug>`; bare slugs count. None for other
    pages."""
    return _linkedin(cell, person=True)


def linkedin_company(cell: str) -> str | None:
    """The one address of a company page, `https://www.linkedin.com/company/<slug>`; bare slugs count."""
    return _linkedin(cell, person=False)


def _linkedin(cell: str, *, person: bool) -> str | None:
    found = _LINKEDIN.search(cell)
    if found is None:
        text = stated(cell)
        if text is None or not _SLUG.match(text):
            return None
        return f"https://www.linkedin.com/{'in' if person else 'company'}/{text.lower()}"
    page, slug = found[1].lower(), found[2]
    if (page in _PERSON_PAGES) is not person:
        return None
    if page.startswith(("sales", "talent")):
        # These ids are case-sensitive and lead to another page than the public slug.
        return f"https://www.linkedin.com/{page}/{slug}"
    if "%" in slug:
        slug = unquote(slug)
    kind = "in" if person else {"school": "school", "showcase": "showcase"}.get(page, "company")
    return f"https://www.linkedin.com/{kind}/{slug.lower()}"


def _address(cell: str) -> tuple[str, str, str] | None:
    """Scheme, ASCII host, rest. The first address when the cell has several."""
    text = stated(cell)
    if text is None:
        return None
    text = re.split(r"[\s,;|]+", text, maxsplit=1)[0].strip("<>()[]\"'")
    if not text.lower().startswith(("http://", "https://")):
        text = _MISSPELT.sub("https://", text)
    found = _URL.match(text)
    if found is None:
        return None
    scheme, host, path = (found[1] or "https").lower(), found[2].lower().rstrip("."), found[3] or ""
    if scheme not in ("http", "https"):
        return None
    ascii_name = ascii_host(host)
    return (
        None
        if ascii_name is None or ascii_name.rpartition(".")[2].isdecimal()
        else (scheme, ascii_name, path)
    )
