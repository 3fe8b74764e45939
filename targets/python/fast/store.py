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


class Store(asyncio.Protocol):
    """One connection for a worker's event loop. Commands of many requests follow each other on it without waiting.

    redis-py's asynchronous client takes several times as long as Redis does. Here a request costs a write, a read, and hiredis.
    A connection that Redis closed is opened anew, once for a request.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None

    async def get(self, name: bytes) -> bytes | None:
        """What a name holds. Raises StoreError or StoreGone."""
        command = b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(name), name)
        if self._transport is None:
            await self._open()
            return await self._ask(command)
        try:
            return await self._ask(command)
        except StoreGone:
            await self._open()
            return await self._ask(command)

    async def ping(self) -> None:
        """Raises StoreError or StoreGone."""
        if self._transport is None:
            await self._open()
        await self._ask(hiredis.pack_command(("PING",)))

    async def _open(self) -> None:
        """One opening for all that wait for it."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._connect())
        try:
            await asyncio.shield(self._opening)
        finally:
            if self._opening is not None and self._opening.done():
                self._opening = None

    async def _connect(self) -> None:
        if self._transport is not None:
            return
        loop, url = asyncio.get_running_loop(), self._url
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.create_connection(lambda: self, url.hostname or "127.0.0.1", url.port or 6379)
                if url.password:
                    who = [unquote(url.username)] if url.username else []
                    await self._ask(hiredis.pack_command(("AUTH", *who, unquote(url.password))))
                if number := url.path.lstrip("/"):
                    await self._ask(hiredis.pack_command(("SELECT", number)))
        except (OSError, TimeoutError) as error:
            raise StoreGone(str(error) or "no answer in time") from error
        except StoreError:
            self._end("refused")
            raise

    async def _ask(self, command: bytes) -> Any:
        if self._transport is None:
            raise StoreGone("the connection has ended")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(answer)
        self._transport.write(command)
        limit = loop.call_later(PATIENCE, self._end, f"no answer within {PATIENCE} s")
        try:
            return await answer
        finally:
            limit.cancel()

    def _end(self, why: str) -> None:
        """All that wait are told; what is still on its way belongs to nobody any more."""
        transport, self._transport = self._transport, None
        waiting, self._waiting = self._waiting, deque()
        if transport is not None:
            transport.abort()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(StoreGone(why))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._reader = hiredis.Reader()
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            answer = self._waiting.popleft()
            if answer.done():
                continue  # whoever asked has gone
            if isinstance(reply, hiredis.ReplyError):
                answer.set_exception(StoreError(str(reply)))
            else:
                answer.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(str(error) if error else "the connection was closed")
