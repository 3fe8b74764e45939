"""The feature store, packed: Redis holds the first row of each key as 32-bit floats, one value a key.

The lists of JSON rows stay beside it, in the database that the service reads; this one is the next database of the same server.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any
from urllib.parse import unquote, urlsplit

import hiredis

from service.feature_store import PATIENCE


class StoreError(Exception):
    """Redis answered with an error."""


class StoreGone(Exception):
    """Redis did not answer."""


class _Connection(asyncio.Protocol):
    """Commands of many requests follow each other on it without waiting; answers come in their order."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    async def ask(self, command: bytes) -> Any:
        """The answer to a command as Redis takes it. Raises StoreError or StoreGone."""
        if self._transport is None:
            raise StoreGone("the connection has ended")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(answer)
        self._transport.write(command)
        limit = loop.call_later(PATIENCE, self.end, f"no answer within {PATIENCE} s")
        try:
            return await answer
        finally:
            limit.cancel()

    def end(self, why: str) -> None:
        """All that wait are told."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(StoreGone(why))
        self._waiting.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while self._waiting and (reply := self._reader.gets()) is not False:
            answer = self._waiting.popleft()
            if answer.done():
                continue  # whoever asked has gone
            if isinstance(reply, hiredis.ReplyError):
                answer.set_exception(StoreError(str(reply)))
            else:
                answer.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self.end(str(error) if error else "the connection was closed")


class Store:
    """One connection for a worker's event loop.

    redis-py's asynchronous client takes several times as long as Redis does. Here a request costs a write, a read, and hiredis.
    A connection that Redis closed is opened anew, once for a request.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._connection: _Connection | None = None
        self._opening: asyncio.Task[_Connection] | None = None

    async def get(self, name: bytes) -> bytes | None:
        """What a name holds. Raises StoreError or StoreGone."""
        return await self._ask(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(name), name))

    async def ping(self) -> None:
        """Raises StoreError or StoreGone."""
        await self._ask(hiredis.pack_command(("PING",)))

    async def _ask(self, command: bytes) -> Any:
        known = self._connection
        if known is not None and known.is_open:
            try:
                return await known.ask(command)
            except StoreGone:
                pass
        return await (await self._open()).ask(command)

    async def _open(self) -> _Connection:
        """One opening for all that wait for it."""
        known = self._connection
        if known is not None and known.is_open:
            return known
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._connect())
        return await asyncio.shield(self._opening)

    async def _connect(self) -> _Connection:
        """Nobody else sees it before it is ready: who asks before AUTH and SELECT asks another database."""
        loop, url, made = asyncio.get_running_loop(), self._url, _Connection()
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.create_connection(lambda: made, url.hostname or "127.0.0.1", url.port or 6379)
                if url.password:
                    who = [unquote(url.username)] if url.username else []
                    await made.ask(hiredis.pack_command(("AUTH", *who, unquote(url.password))))
                if number := url.path.lstrip("/"):
                    await made.ask(hiredis.pack_command(("SELECT", number)))
        except (OSError, TimeoutError) as error:
            made.end("no connection")
            raise StoreGone(str(error) or "no answer in time") from error
        except StoreError:
            made.end("refused")
            raise
        self._connection = made
        return made
