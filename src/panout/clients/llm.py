"""Ask a language model for a draft: any OpenAI-compatible endpoint, local ones included; beside it, the fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from panout.kernel.errors import BadInput, Refused, Unavailable

MOST_WORDS = 20_000  # characters of an answer; more is no mail


class Writer(Protocol):
    """Turns an instruction and a brief into text. Raises Unavailable or Refused."""

    def write(self, instruction: str, brief: str) -> str: ...


class Model:
    """The real door. `endpoint` is the address up to and including /v1."""

    def __init__(self, endpoint: str, name: str, key: str = "", *, patience: float = 60.0) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadInput(
                f"'{endpoint}' is no web address.", mend="Give one such as http://localhost:11434/v1."
            )
        self._address = endpoint.rstrip("/") + "/chat/completions"
        self._host = parts.hostname
        self._name = name
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(timeout=patience, headers=headers, trust_env=False)

    def write(self, instruction: str, brief: str) -> str:
        asked = {
            "model": self._name,
            "temperature": 0.4,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": brief},
            ],
        }
        try:
            answer = self._client.post(self._address, json=asked)
        except httpx.HTTPError as trouble:
            raise Unavailable(
                f"The model at {self._host} does not answer.", mend="Write from a template."
            ) from trouble
        if answer.status_code in {401, 403, 404}:
            raise Refused(
                f"The model at {self._host} says {answer.status_code}.", mend="Check its key and name."
            )
        if answer.status_code >= 400:
            raise Unavailable(
                f"The model at {self._host} says {answer.status_code}.", mend="Try again later."
            )
        return _text_of(answer.content, self._host)

    def close(self) -> None:
        self._client.close()


def _text_of(body: bytes, host: str) -> str:
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as trouble:
        raise Unavailable(f"The model at {host} answers in a form we do not know.") from trouble
    if not isinstance(text, str) or not text.strip():
        raise Unavailable(f"The model at {host} wrote nothing.")
    return text.strip()[:MOST_WORDS]


@dataclass
class FakeWriter:
    """Answers by a function, or with one text; keeps what it was asked."""

    text: str = ""
    answer: Callable[[str, str], str] | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def write(self, instruction: str, brief: str) -> str:
        self.asked.append((instruction, brief))
        return self.answer(instruction, brief) if self.answer else self.text
