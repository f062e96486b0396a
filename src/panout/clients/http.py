"""Ask the web, politely and within limits; beside it, the fake for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from panout.kernel.errors import Unavailable


@dataclass(frozen=True)
class Reply:
    """What came back. `body` is at most as long as was asked for; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Http(Protocol):
    """The door. Raises `Unavailable` when nobody answers; a status of 400 and above is an answer."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply: ...

    def post(
        self, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply: ...


class Web:
    """The real door. `most` bytes are read of any answer: what is larger is cut, never kept in memory."""

    def __init__(self, *, patience: float = 15.0, most: int = 2_000_000, follow: bool = False) -> None:
        self._client = httpx.Client(
            timeout=patience, follow_redirects=follow, headers={"User-Agent": "Panout"}, trust_env=False
        )
        self._most = most

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        return self._ask(self._client.build_request("GET", url, headers=headers))

    def post(
        self, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        return self._ask(self._client.build_request("POST", url, data=form, headers=headers))

    def _ask(self, request: httpx.Request) -> Reply:
        try:
            response = self._client.send(request, stream=True)
            try:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) >= self._most:
                        break
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            host = request.url.host
            raise Unavailable(
                f"{host} does not answer: {str(trouble) or type(trouble).__name__}.",
                where=host,
                mend="Try again later.",
            ) from trouble
        return Reply(
            response.status_code, dict(response.headers), bytes(body[: self._most]), str(response.url)
        )

    def close(self) -> None:
        self._client.close()


@dataclass
class FakeHttp:
    """Answers from `pages` (by address) or by a function; keeps what was asked."""

    pages: dict[str, Reply] = field(default_factory=dict)
    answer: Callable[[str, str, Mapping[str, str]], Reply] | None = None
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        return self._reply("GET", url, dict(headers or {}))

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Reply:
        return self._reply("POST", url, dict(form or {}))

    def _reply(self, method: str, url: str, said: dict[str, str]) -> Reply:
        self.asked.append((method, url, said))
        if self.answer is not None:
            return self.answer(method, url, said)
        if url not in self.pages:
            raise Unavailable(f"{url} does not answer.", where=url)
        return self.pages[url]
