"""Resolution as named SQL steps: certain keys, evidence, candidate pairs, scores, golden records."""

from __future__ import annotations

from panout.resolve.steps.exact import exact_steps

__all__ = ["exact_steps"]
