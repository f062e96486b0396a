"""Make the list of plain English words out of a Hunspell dictionary (SCOWL's en_US.dic).

    python tools/english_words.py en_US.dic

Words written small, of three letters and more, without those whose root is in the list already.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

from panout.outreach.rules.english import stripped

TARGET = Path(__file__).parent.parent / "src/panout/outreach/rules/phrases/english.txt"


def main() -> None:
    """Shortest first, so that each root is there before what is made of it."""
    lines = Path(sys.argv[1]).read_text("utf-8").splitlines()[1:]
    entries = (line.partition("/") for line in lines)
    words = {word for word, _, flags in entries if re.fullmatch(r"[a-z]{3,}", word) and "!" not in flags}
    kept: set[str] = set()
    for word in sorted(words, key=lambda one: (len(one), one)):
        if not kept.intersection(stripped(word)):
            kept.add(word)
    TARGET.write_text(textwrap.fill(" ".join(sorted(kept)), 110) + "\n", "utf-8")
    print(f"{len(kept):,} of {len(words):,} words, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
