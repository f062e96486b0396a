"""Makes tests/outreach/drafts.jsonl out of hand-written pieces: drafts, clean or with one planted claim.

    python tools/claims_corpus.py

How honest this is: every sentence of the pieces in tests/outreach/corpus was written by hand for this
corpus by the people who wrote the checker, about invented companies. Only the composition is mechanical:
a greeting, the scenario's sentence, one neutral line, an ask and a name, in an order that differs by voice.
A planted sentence is the only one of its draft that lacks evidence. The held-out half was written in other
voices (spoken, casual, social, letters) and is not looked at when rules are mended.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

HERE = Path(__file__).parent.parent / "tests" / "outreach"
TODAY = "2026-11-20"

# Neutral lines and asks, one voice a half.
LINES = {
    "develop": (
        "Reports break quietly, and the people who read them notice first.",
        "Most teams learn about a problem from an angry message on Monday.",
        "The usual fix is one more spreadsheet that somebody keeps by hand.",
        "We point to the step that failed, so that nobody has to search for it.",
        "It runs beside what you use today and needs no project.",
        "That time usually comes out of somebody's evening.",
        "The costly part is the search, seldom the repair.",
    ),
    "heldout": (
        "No deck, no demo, just the one bit that might help.",
        "It's a dull problem, but it eats whole afternoons.",
        "We do one thing, and we do it next to whatever you've got.",
        "People tell us the worst part is finding out last.",
        "If it isn't a bother on your side, ignore me.",
        "I would sooner show it than describe it.",
    ),
}
ASKS = {
    "develop": (
        "Would a 15-minute call next week be useful?",
        "Is this on your list for the next quarter?",
        "Shall I send the one-page summary?",
        "Are you the right person to ask about this?",
        "Could we talk for 20 minutes on Thursday?",
        "Worth a short conversation?",
    ),
    "heldout": (
        "Fancy ten minutes on Tuesday?",
        "Could you ring me back when it suits?",
        "OK if I send a two-minute clip?",
        "Would you have a moment at the start of December?",
        "Shall I drop it?",
        "Happy to leave it there if the timing is wrong.",
    ),
}
GREETINGS = {
    "develop": ("Hi {first},", "Hello {first},", "{first},"),
    "heldout": ("", "Morning {first},", "hey {first}"),
}
ENDS = {
    "develop": ("Jo Field\nClaimgate", "Best regards,\nJo"),
    "heldout": ("Jo", "Cheers, Jo", "Yours sincerely,\nJo Field"),
}


def scenarios(half: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in (HERE / "corpus" / f"{half}.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("= "):
            person, title, company, record = (part.strip() for part in line[2:].split("|"))
            found.append(
                {
                    "person": person,
                    "title": title,
                    "company": company,
                    "record": record,
                    "evidence": [],
                    "texts": [],
                }
            )
            continue
        head, _, text = (part.strip() for part in line.partition("|"))
        words = head.split()
        if len(words) == 3:
            found[-1]["evidence"].append(
                {"type": words[1], "as_of": words[2], "live": words[0] == "live", "text": text}
            )  # type: ignore[attr-defined]
        elif words[0] == "proof":
            found[-1]["evidence"].append({"type": "proof", "as_of": None, "live": True, "text": text})  # type: ignore[attr-defined]
        else:
            found[-1]["texts"].append((words[0], text))  # type: ignore[attr-defined]
    return found


def drafts() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for half in ("develop", "heldout"):
        count = 0
        for scenario in scenarios(half):
            facts = {name: scenario[name] for name in ("person", "title", "company", "record", "evidence")}
            for kind, sentence in scenario["texts"]:  # type: ignore[attr-defined]
                text = composed(half, str(facts["person"]), sentence, count)
                planted = "" if kind == "clean" else kind
                row = {"half": half, "planted": planted, "sentence": sentence, "text": text, "today": TODAY}
                made.append({**row, **facts})
                count += 1
    return made


def composed(half: str, person: str, sentence: str, count: int) -> str:
    first = person.split()[0]
    pick = lambda pool: pool[half][count % len(pool[half])]  # noqa: E731
    line, ask = pick(LINES), pick(ASKS)
    greeting = pick(GREETINGS).format(first=first)
    if re.match(rf"(?i)(hi|hello|dear|this is|{first})\b", sentence):
        greeting = ""
    middle = (f"{sentence} {line}", f"{sentence}\n\n{line}", f"{line} {sentence}")[count % 3]
    parts = [greeting, middle, ask, pick(ENDS)]
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    rows = drafts()
    target = HERE / "drafts.jsonl"
    target.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(rows)} drafts: {sum(1 for row in rows if not row['planted'])} clean")
