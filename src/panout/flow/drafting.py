"""Drafting help with the model that this installation names, if it names one."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from panout.clients.llm import Model
from panout.kernel.errors import Unavailable
from panout.outreach.drafting import Suggestion, suggest
from panout.team.rules import Person


def has_model() -> bool:
    return bool(settings.LLM_URL)


def suggestion(asker: Person, contact_id: int, now: datetime) -> Suggestion:
    """A draft by the model, checked. Raises Unavailable when none is set up or it does not answer."""
    if not has_model():
        raise Unavailable(
            "No language model is set up.", mend="Set PANOUT_LLM_URL and PANOUT_LLM_MODEL, or use a template."
        )
    model = Model(settings.LLM_URL, settings.LLM_MODEL, settings.LLM_KEY)
    try:
        return suggest(asker, contact_id, model, now)
    finally:
        model.close()
