"""People as sales lists hold them, any number of them, with copies that carry the errors of real lists.

Seeded: the same numbers make the same rows. `truth` says which rows are one person. Among the strangers
are the
hard ones: households (one address, one surname, one landline), fathers and sons of one name, colleagues of
one
switchboard, people of one name at one company.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HEADER = (
    "First Name", "Last Name", "Title", "Company Name", "Website", "Email", "Phone", "Person Linkedin Url", "Address",
    "City", "Postal Code", "Country", "Date of Birth", "truth",
)  # fmt: skip

FIRST = [
    "james",
    "mary",
    "robert",
    "patricia",
    "john",
    "jennifer",
    "michael",
    "linda",
    "david",
    "elizabeth",
    "william",
    "barbara",
    "richard",
    "susan",
    "joseph",
    "jessica",
    "thomas",
    "sarah",
    "charles",
    "karen",
    "christopher",
    "lisa",
    "daniel",
    "nancy",
    "matthew",
    "betty",
    "anthony",
    "margaret",
    "mark",
    "sandra",
    "donald",
    "ashley",
    "steven",
    "kimberly",
    "paul",
    "emily",
    "andrew",
    "donna",
    "joshua",
    "michelle",
    "kenneth",
    "carol",
    "kevin",
    "amanda",
    "brian",
    "dorothy",
    "george",
    "melissa",
    "timothy",
    "deborah",
    "ronald",
    "stephanie",
    "edward",
    "rebecca",
    "jason",
    "sharon",
    "jeffrey",
    "laura",
    "ryan",
    "cynthia",
    "jacob",
    "kathleen",
    "gary",
    "amy",
    "nicholas",
    "angela",
    "eric",
    "shirley",
    "jonathan",
    "anna",
    "stephen",
    "brenda",
    "larry",
    "pamela",
    "justin",
    "emma",
    "scott",
    "nicole",
    "brandon",
    "helen",
    "benjamin",
    "samantha",
    "samuel",
    "katherine",
    "gregory",
    "christine",
    "alexander",
    "debra",
    "patrick",
    "rachel",
    "frank",
    "carolyn",
    "raymond",
    "janet",
    "jack",
    "maria",
    "dennis",
    "olivia",
    "jerry",
    "heather",
    "tyler",
    "diane",
    "aaron",
    "julie",
    "jose",
    "joyce",
    "nathan",
    "victoria",
    "adam",
    "kelly",
    "henry",
    "christina",
    "zachary",
    "joan",
    "douglas",
    "evelyn",
    "peter",
    "lauren",
    "kyle",
    "judith",
    "noah",
    "frances",
    "walter",
    "jean",
    "ethan",
    "alice",
    "hans",
    "greta",
    "klaus",
    "anke",
    "jürgen",
    "sabine",
    "pierre",
    "élodie",
    "luc",
    "chloé",
    "marco",
    "giulia",
    "paolo",
    "chiara",
    "carlos",
    "lucía",
    "diego",
    "sofía",
    "søren",
    "freja",
    "lars",
    "astrid",
    "jan",
    "agnieszka",
    "piotr",
    "zofia",
    "wei",
    "ling",
    "hiroshi",
    "yuki",
    "raj",
    "priya",
    "arjun",
    "ananya",
    "ahmed",
    "fatima",
    "omar",
    "layla",
    "ivan",
    "olga",
    "dmitry",
    "natalia",
]
NICK = {
    "james": "jim", "robert": "bob", "john": "jack", "michael": "mike", "david": "dave", "william": "bill",
    "richard": "rick", "joseph": "joe", "thomas": "tom", "charles": "chuck", "christopher": "chris", "daniel": "dan",
    "matthew": "matt", "anthony": "tony", "steven": "steve", "andrew": "andy", "edward": "ed", "elizabeth": "liz",
    "jennifer": "jen", "patricia": "pat", "susan": "sue", "margaret": "peggy", "katherine": "kate",
    "nicholas": "nick", "benjamin": "ben", "samuel": "sam", "gregory": "greg", "alexander": "alex",
    "deborah": "debbie", "rebecca": "becky", "timothy": "tim", "kenneth": "ken", "jonathan": "jon",
}  # fmt: skip
_ON = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sch",
    "st",
    "t",
    "th",
    "v",
    "w",
    "z",
]
_MID = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "au",
    "ei",
    "ie",
    "oo",
    "ar",
    "er",
    "or",
    "an",
    "en",
    "in",
    "on",
    "al",
    "el",
    "il",
    "ol",
]
_END = [
    "n",
    "m",
    "r",
    "s",
    "t",
    "k",
    "ld",
    "nd",
    "rt",
    "ck",
    "son",
    "man",
    "er",
    "berg",
    "ski",
    "ez",
    "ini",
    "sen",
    "ley",
    "ton",
    "ford",
    "well",
]
_ADJ = [
    "north",
    "blue",
    "bright",
    "clear",
    "swift",
    "prime",
    "nova",
    "apex",
    "atlas",
    "cedar",
    "delta",
    "ember",
    "falcon",
    "granite",
    "harbor",
    "iron",
    "juniper",
]
_NOUN = [
    "data",
    "soft",
    "works",
    "labs",
    "systems",
    "foods",
    "motors",
    "health",
    "energy",
    "capital",
    "media",
    "logistics",
    "robotics",
    "paper",
    "steel",
]
_FORM = ["Inc", "LLC", "Ltd", "GmbH", "Corp", "S.A.", "AG", "BV", ""]
_TITLE = """CEO CTO CFO COO|Head of Sales|VP Sales|Sales Manager|Account Executive|Software Engineer|Data Engineer|
Product Manager|Marketing Manager|Head of Marketing|HR Manager|Office Manager|Operations Manager|Consultant|
Director of Finance|IT Manager|Chief Data Officer|Head of Data|Business Development Manager|Managing Director""".replace(
    "\n", ""
).split("|")
_CITY = [
    "Berlin",
    "Hamburg",
    "Munich",
    "Paris",
    "Lyon",
    "London",
    "Leeds",
    "Bristol",
    "Madrid",
    "Rome",
    "Milan",
    "Vienna",
    "Zurich",
    "Boston",
    "Chicago",
    "Denver",
    "Austin",
    "Seattle",
    "Dallas",
    "Toronto",
    "Dublin",
    "Oslo",
    "Warsaw",
    "Prague",
    "Lisbon",
    "Brussels",
    "Ghent",
    "Utrecht",
    "Porto",
    "Graz",
]
_FREE = ["gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "gmx.de", "icloud.com"]
_STREET = [
    "High",
    "Main",
    "Park",
    "Oak",
    "Church",
    "Mill",
    "Station",
    "King",
    "Queen",
    "Bridge",
    "Garden",
    "Hill",
    "Lake",
    "Elm",
    "Cedar",
    "Maple",
    "Market",
]
_KIND = ["Street", "Road", "Lane", "Avenue", "Way"]


@dataclass(frozen=True, slots=True)
class Person:
    """One row."""

    first: str
    last: str
    title: str
    company: str
    website: str
    email: str
    phone: str
    linkedin: str
    address: str
    city: str
    postcode: str
    country: str
    born: str
    truth: int

    def cells(self) -> tuple[str | int, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class Makers:
    """Names and numbers with the skew of real ones, from one source of chance."""

    def __init__(self, seed: int, people: int) -> None:
        self.rng = random.Random(seed)
        self.surnames = sorted({self._surname() for _ in range(max(400, min(60_000, people // 8)))})
        self.companies = [self._company(number) for number in range(max(20, people // 10))]

    def _surname(self) -> str:
        rng = self.rng
        body = (
            rng.choice(_ON)
            + rng.choice(_MID)
            + (rng.choice(_ON) + rng.choice(_MID) if rng.random() < 0.5 else "")
        )
        return (body + rng.choice(_END)).capitalize()

    def _company(self, number: int) -> tuple[str, str, str, str]:
        rng = self.rng
        name = f"{rng.choice(_ADJ).capitalize()}{rng.choice(_NOUN)} {self._surname()}"
        host = "".join(c for c in name.lower() if c.isalnum())[:18] + f"{number % 97 or ''}.com"
        return f"{name} {rng.choice(_FORM)}".strip(), host, rng.choice(_CITY), self._phone()

    def _phone(self) -> str:
        return f"+44 20 {self.rng.randrange(10**8):08d}"

    def skewed(self, items: list[str]) -> str:
        """A few are common, most are rare."""
        return items[int(len(items) * self.rng.random() ** 2.5)]

    def person(self, truth: int) -> Person:
        rng = self.rng
        first, last = self.skewed(FIRST).capitalize(), self.skewed(self.surnames)
        company, host, city, desk = rng.choice(self.companies)
        local = rng.choice(
            [f"{first}.{last}", f"{first[0]}{last}", f"{first}", f"{first}{last}{rng.randrange(99)}"]
        )
        work = rng.random() < 0.7
        email = f"{plain(local)}@{host if work else rng.choice(_FREE)}"
        if not work or "." not in local:
            email = email.replace("@", f"{truth % 1000}@")
        return Person(
            first, last, rng.choice(_TITLE), company, f"www.{host}", email if rng.random() < 0.85 else "",
            (desk if rng.random() < 0.2 else self._phone()) if rng.random() < 0.6 else "",
            f"https://linkedin.com/in/{plain(first)}-{plain(last)}-{truth:x}" if rng.random() < 0.4 else "",
            f"{rng.randrange(1, 300)} {rng.choice(_STREET)} {rng.choice(_KIND)}" if rng.random() < 0.4 else "",
            city, f"{rng.randrange(10_000, 99_999)}", "GB",
            f"{rng.randrange(1945, 2004)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
            if rng.random() < 0.25 else "",
            truth,
        )  # fmt: skip

    def neighbour(self, one: Person, truth: int) -> Person:
        """Somebody else who shares much with `one`."""
        rng = self.rng
        other = self.person(truth)
        match rng.randrange(4):
            case 0:  # household
                return replace(
                    other,
                    last=one.last,
                    address=one.address,
                    city=one.city,
                    postcode=one.postcode,
                    phone=one.phone,
                )
            case 1 if one.born:  # father and son
                year = int(one.born[:4]) - 28
                return replace(
                    other, first=one.first, last=one.last, address=one.address, city=one.city,
                    postcode=one.postcode, born=f"{year}-{rng.randrange(1, 13):02d}-11",
                )  # fmt: skip
            case 2:  # a colleague at the same desk
                return replace(
                    other, company=one.company, website=one.website, city=one.city, phone=one.phone, title=one.title,
                    email=f"{plain(other.first)}.{plain(other.last)}{truth % 1000}@{one.website[4:]}",
                )  # fmt: skip
            case _:  # a namesake elsewhere
                return replace(other, first=one.first, last=one.last)

    def copy(self, one: Person) -> Person:
        """The same person as another list has them."""
        rng = self.rng
        row = one
        for _ in range(rng.choice([1, 1, 2, 2, 3])):
            row = self._spoilt(row)
        return row

    def _spoilt(self, row: Person) -> Person:  # noqa: C901 - one case a kind of error
        rng = self.rng
        match rng.randrange(14):
            case 0:
                return replace(row, first=NICK.get(row.first.lower(), row.first).capitalize())
            case 1:
                return replace(row, first=slip(row.first, rng))
            case 2:
                return replace(row, last=slip(row.last, rng))
            case 3:
                return replace(row, first=row.first[:1])
            case 4:
                return replace(row, first=row.last, last=row.first)
            case 5:
                return replace(row, email="")
            case 6:  # a private address in place of the one at work
                return replace(
                    row, email=f"{plain(row.first)}.{plain(row.last)}{row.truth % 10_000}@{rng.choice(_FREE)}"
                )
            case 7:
                return replace(row, phone="", linkedin="")
            case 8:
                return replace(row, company=row.company.rsplit(" ", 1)[0], website="")
            case 9:
                return replace(row, title=rng.choice(_TITLE))
            case 10:
                return replace(row, last=row.last.upper(), first=row.first.upper())
            case 11:
                return replace(row, address="", postcode="")
            case 12:
                return replace(row, email=row.email.upper(), company=row.company.upper())
            case _:
                return replace(row, born="", linkedin="")


def plain(name: str) -> str:
    """For addresses: what is no ASCII letter is left out."""
    return "".join(c for c in name.lower() if c.isascii() and (c.isalnum() or c == "."))


def slip(word: str, rng: random.Random) -> str:
    """One slip of the hand."""
    if len(word) < 3:
        return word
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def people(rows: int, *, seed: int = 7, copies: float = 0.2, neighbours: float = 0.05) -> Iterator[Person]:
    """`copies` of the rows are copies of people who have a row; `neighbours` share much with somebody."""
    makers = Makers(seed, rows)
    rng = makers.rng
    kept: list[Person] = []
    for number in range(rows):
        dice = rng.random()
        if kept and dice < copies:
            yield makers.copy(rng.choice(kept))
        else:
            one = (
                makers.neighbour(rng.choice(kept), number)
                if kept and dice < copies + neighbours
                else makers.person(number)
            )
            if len(kept) < 200_000:
                kept.append(one)
            else:
                kept[rng.randrange(len(kept))] = one
            yield one


def write(path: Path, rows: int, seed: int = 7) -> Path:
    """A CSV of so many rows."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        writer.writerows(one.cells() for one in people(rows, seed=seed))
    return path


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("path", type=Path)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=7)
    given = asked.parse_args()
    write(given.path, given.rows, given.seed)
