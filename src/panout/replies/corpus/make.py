"""Turns hand-written sentences into labelled messages in many styles: `python -m panout.replies.corpus.make`.

Every sentence in `seeds/` was written by hand; this script only dresses it: names and dates filled in,
greetings, sign-offs, signatures, quoted history, typing mistakes, HTML. A message carries the number of its
sentence (`seed`), so that an evaluation never meets a sentence in training that it also meets in the test.

Labels follow what must happen next. `wrong_person`: the writer says that it is not them, or that they have left, with
or without a name ("Not me, write to X"). `referral`: the mail was handed on, or somebody is pointed to, whatever the
writer thinks of it ("Talk to X", "Not for me, I passed it to X"). `unsubscribe`: a civil wish to hear no more, the
right to object or to erasure among them. `do_not_contact`: anger, threat, a complaint, or a demand to be told where
the data come from. `not_now`: a later time is welcome; `no_priority`: the matter has no weight here and no time is
named; `not_interested`: a no. `auto_reply`: a machine that is not about somebody's absence. Sentences of the ten
languages were partly written side by side, so that some say the same in other words.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from panout.replies.rules.phrases import plain
from panout.replies.rules.spelling import WORD

HERE = Path(__file__).parent
MESSAGES = HERE / "messages.jsonl"
WORDS = HERE.parent / "tables" / "words.txt"


@dataclass(frozen=True)
class Example:
    text: str
    label: str
    language: str
    style: str
    seed: int


@dataclass(frozen=True)
class Dress:
    """What people of a language put around a sentence."""

    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    wrote: str
    device: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    names: tuple[str, ...]


DRESSES = {
    "en": Dress(
        ("Hi {n},", "Hello {n},", "Dear {n},", "Hey {n},", "Good morning {n},", "{n} -"),
        ("Best regards,", "Kind regards,", "Cheers,", "Thanks,", "Best,", "Sincerely,"),
        "On {d}, {n} <{e}> wrote:",
        "Sent from my iPhone",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
        ("January", "March", "April", "June", "September", "October"),
        "{m} {i}",
        ("Jane Doe", "Mark Ellis", "Priya Nair", "Tom Baker", "Olivia Grant"),
    ),
    "de": Dress(
        ("Hallo {n},", "Guten Tag {n},", "Sehr geehrte Frau {n},", "Sehr geehrter Herr {n},", "Moin,"),
        ("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße", "MfG", "LG"),
        "Am {d} schrieb {n} <{e}>:",
        "Von meinem iPhone gesendet",
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
        ("Januar", "März", "April", "Juni", "September", "Oktober"),
        "{i}. {m}",
        ("Anna Schmidt", "Jens Weber", "Petra Vogel", "Lukas Brandt"),
    ),
    "fr": Dress(
        ("Bonjour {n},", "Bonjour,", "Cher {n},", "Madame, Monsieur,"),
        ("Cordialement,", "Bien à vous,", "Bonne journée,", "Cdlt"),
        "Le {d}, {n} <{e}> a écrit :",
        "Envoyé de mon iPhone",
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi"),
        ("janvier", "mars", "avril", "juin", "septembre", "octobre"),
        "{i} {m}",
        ("Pierre Dupont", "Claire Moreau", "Julien Petit", "Sophie Laurent"),
    ),
    "es": Dress(
        ("Hola {n}:", "Estimado {n}:", "Buenos días:", "Buenas,"),
        ("Un saludo,", "Saludos cordiales,", "Atentamente,", "Gracias"),
        "El {d}, {n} <{e}> escribió:",
        "Enviado desde mi iPhone",
        ("lunes", "martes", "miércoles", "jueves", "viernes"),
        ("enero", "marzo", "abril", "junio", "septiembre", "octubre"),
        "{i} de {m}",
        ("María López", "Carlos Ruiz", "Lucía Torres", "Javier Gil"),
    ),
    "it": Dress(
        ("Buongiorno {n},", "Ciao {n},", "Gentile {n},", "Salve,"),
        ("Cordiali saluti,", "Saluti,", "Grazie,", "Buona giornata"),
        "Il {d}, {n} <{e}> ha scritto:",
        "Inviato da iPhone",
        ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì"),
        ("gennaio", "marzo", "aprile", "giugno", "settembre", "ottobre"),
        "{i} {m}",
        ("Marco Rossi", "Giulia Bianchi", "Luca Ferri", "Elena Conti"),
    ),
    "nl": Dress(
        ("Hallo {n},", "Beste {n},", "Dag {n},", "Geachte heer {n},"),
        ("Met vriendelijke groet,", "Groeten,", "Groet,", "Mvg"),
        "Op {d} schreef {n} <{e}>:",
        "Verstuurd vanaf mijn iPhone",
        ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag"),
        ("januari", "maart", "april", "juni", "september", "oktober"),
        "{i} {m}",
        ("Jan de Vries", "Sanne Bakker", "Pieter Mulder", "Eva Smit"),
    ),
    "pt": Dress(
        ("Olá {n},", "Bom dia,", "Caro {n},", "Prezado {n},"),
        ("Cumprimentos,", "Obrigado,", "Atenciosamente,", "Abraço,"),
        "Em {d}, {n} <{e}> escreveu:",
        "Enviado do meu iPhone",
        ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira"),
        ("janeiro", "março", "abril", "junho", "setembro", "outubro"),
        "{i} de {m}",
        ("João Silva", "Ana Costa", "Rui Santos", "Marta Lopes"),
    ),
    "pl": Dress(
        ("Dzień dobry,", "Cześć {n},", "Szanowny Panie,", "Witam,"),
        ("Pozdrawiam,", "Z poważaniem,", "Dziękuję", "Pozdrowienia"),
        "{d} {n} <{e}> napisał(a):",
        "Wysłane z iPhone'a",
        ("poniedziałek", "wtorek", "środę", "czwartek", "piątek"),
        ("stycznia", "marca", "kwietnia", "czerwca", "września", "października"),
        "{i} {m}",
        ("Anna Nowak", "Piotr Zieliński", "Marek Kowalski", "Ewa Mazur"),
    ),
    "sv": Dress(
        ("Hej {n},", "Hej!", "Hejsan,", "God dag,"),
        ("Med vänlig hälsning,", "Mvh", "Hälsningar,", "Vänligen"),
        "Den {d} skrev {n} <{e}>:",
        "Skickat från min iPhone",
        ("måndag", "tisdag", "onsdag", "torsdag", "fredag"),
        ("januari", "mars", "april", "juni", "september", "oktober"),
        "{i} {m}",
        ("Erik Lund", "Anna Berg", "Karin Holm", "Johan Ek"),
    ),
    "da": Dress(
        ("Hej {n},", "Hej!", "Kære {n},", "Goddag,"),
        ("Med venlig hilsen", "Mvh", "Hilsen", "Kh"),
        "Den {d} skrev {n} <{e}>:",
        "Sendt fra min iPhone",
        ("mandag", "tirsdag", "onsdag", "torsdag", "fredag"),
        ("januar", "marts", "april", "juni", "september", "oktober"),
        "{i}. {m}",
        ("Peter Jensen", "Mette Holm", "Søren Dahl", "Lise Krog"),
    ),
}
COMPANIES = ("Northwind", "Acme", "Brightwater", "Kestrel Systems", "Delta Labs", "Orion Group", "Maple & Co")
TOOLS = ("Salesforce", "HubSpot", "Outreach", "Pipedrive", "Lemlist", "Dynamics", "Notion")
OURS = (
    "I noticed that your team is hiring three reps and thought of you.",
    "Teams like yours cut their research time by half. Worth a look?",
    "Would a 15 minute intro next week make sense? If not, just say so.",
)
STYLES = ("greeting", "mobile", "typos", "signature", "quote", "html", "chatty")


def sentences() -> Iterator[tuple[int, str, str, str]]:
    """Number, language, label and text of every hand-written sentence, in the order of the files."""
    number = 0
    for path in sorted((HERE / "seeds").glob("*.txt")):
        label = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@") and line[1:].isidentifier():
                label = line[1:]
            elif line.strip():
                yield number, path.stem, label, line.strip()
                number += 1


def examples() -> Iterator[Example]:
    """Each sentence twice: as it was written, and dressed in one style that its number decides."""
    for number, language, label, sentence in sentences():
        rng = random.Random(f"{language}/{label}/{sentence}")  # noqa: S311 - variety, not secrecy
        filled = _filled(sentence, language, rng)
        plain = "terse" if len(filled.split()) <= 5 else "formal" if len(filled.split()) > 14 else "plain"
        yield Example(filled, label, language, plain, number)
        style = STYLES[number % len(STYLES)]
        yield Example(_dressed(filled, language, style, rng), label, language, style, number)


def _filled(sentence: str, language: str, rng: random.Random) -> str:
    dress = DRESSES[language]
    company = rng.choice(COMPANIES)
    name = rng.choice(dress.names)
    first, _, last = name.lower().partition(" ")
    domain = "".join(c for c in company.lower() if c.isalpha())
    day = rng.randint(2, 15)
    month = rng.choice(dress.months)
    return (
        sentence.replace("{name2}", name)
        .replace("{company}", company)
        .replace("{tool}", rng.choice(TOOLS))
        .replace("{day}", rng.choice(dress.days))
        .replace("{month}", month)
        .replace("{q}", rng.choice(("Q1", "Q2", "Q3", "Q4")))
        .replace("{date}", dress.date.format(i=day, m=month))
        .replace("{date2}", dress.date.format(i=day + rng.randint(4, 13), m=month))
        .replace("{email}", f"{first}.{last.replace(' ', '')}@{domain}.example")
        .replace("{phone}", f"+{rng.randint(31, 49)} {rng.randint(20, 99)} {rng.randint(1000000, 9999999)}")
        .replace("{slug}", f"{first}-{last.replace(' ', '-')}")
    )


def _dressed(text: str, language: str, style: str, rng: random.Random) -> str:
    dress = DRESSES[language]
    writer = rng.choice(dress.names)
    greeting = rng.choice(dress.greetings).format(n=["Alex", "Morgan"][0])
    closing = rng.choice(dress.closings)
    match style:
        case "greeting":
            return f"{greeting}\n\n{text}\n\n{closing}\n{writer}"
        case "mobile":
            return f"{text.lower().rstrip('.')}\n\n{dress.device}"
        case "typos":
            return _mistyped(text, rng)
        case "signature":
            company = rng.choice(COMPANIES)
            return (
                f"{greeting}\n\n{text}\n\n{closing}\n{writer}\n\n-- \n{writer}\n{company} | "
                f"+{rng.randint(31, 49)} {rng.randint(200000, 999999)}\n"
                f"www.{company.split()[0].lower()}.example"
            )
        case "quote":
            ours = "\n".join(f"> {line}" for line in rng.sample(OURS, 2))
            head = dress.wrote.format(
                d=f"{rng.randint(1, 28)}.{rng.randint(1, 12)}.2026 10:{rng.randint(10, 59)}",
                n="Alex Morgan",
                e="alex@panout.example",
            )
            return f"{text}\n\n{closing}\n{writer}\n\n{head}\n> {greeting}\n{ours}"
        case "html":
            above = f"<div>{escape(greeting)}<br><br>{escape(text)}</div>"
            below = f"<div>{escape(closing)}&nbsp;{escape(writer)}</div>"
            return f"<html><body>{above}{below}</body></html>"
        case _:
            smile = rng.choice((" :)", "!", " 😊", "...", " ;-)", "!!"))
            return f"{greeting.rstrip(',')} {text.rstrip('.')}{smile}"


def _mistyped(text: str, rng: random.Random) -> str:
    """One or two slips of the finger: letters swapped, dropped or doubled, inside longer words."""
    words = text.split(" ")
    long_ones = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    for i in rng.sample(long_ones, min(len(long_ones), rng.randint(1, 2))):
        word, at = words[i], rng.randint(1, len(words[i]) - 3)
        slip = rng.randint(0, 2)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words[i] = (swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])[slip]
    return " ".join(words)


def words() -> list[str]:
    """Words, without their accents, that stand in two sentences or more: towards these slips are put right.

    With two, leaving one sentence out of the training leaves its words known by the other.
    """
    counts: Counter[str] = Counter()
    for _, _, _, sentence in sentences():
        bare = re.sub(r"\{\w+\}", " ", sentence)
        counts.update({plain(word.lower()) for word in WORD.findall(bare)})
    return sorted(word for word, count in counts.items() if count > 1)


def main() -> None:
    WORDS.write_text("\n".join(words()) + "\n", encoding="utf-8")
    lines = [json.dumps(asdict(example), ensure_ascii=False) for example in examples()]
    MESSAGES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
