"""How well the claims check does on the corpus: planted claims caught, clean drafts flagged, milliseconds a draft.

python tools/claims_report.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.outreach.test_claims import WHOLE_MAILS, found_in, measured, rows

if __name__ == "__main__":
    for half in ("develop", "heldout", *WHOLE_MAILS):
        drafts = rows(half)
        planted = sum(1 for row in drafts if row["planted"])
        caught, flagged, _ = measured(half)
        started = time.perf_counter()
        for row in drafts:
            found_in(row)
        took = (time.perf_counter() - started) / len(drafts) * 1000
        print(
            f"{half}: {len(drafts)} drafts, {caught:.1%} of {planted} planted claims caught,"
            f" {flagged:.1%} of {len(drafts) - planted} clean drafts flagged, {took:.1f} ms a draft"
        )
