"""The example of a web application: what a browser gets and sends, over a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import redis

from anchor_session import StorageError
from anchor_session.records import SESSION_COOKIE_NAME, RedisStore, SessionManager
from docs.examples.shop import make_shop, shop
from tests.cpython.redis_server import RedisServer
from tests.support import rows

numbers = count()
ADA = {"user": "ada", "password": "enchantress"}
Check = Callable[[httpx.AsyncClient, SessionManager], Awaitable[None]]


async def check_password(user: str, password: str) -> bool:
    return {"user": user, "password": password} == ADA


@asynccontextmanager
async def browser(app: Any, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is empty, at the shop; the shop itself is not started or ended with it."""
    transport = httpx.ASGITransport(app)
    options = {"base_url": "https://shop.test", **options}
    async with httpx.AsyncClient(transport=transport, **options) as client:
        yield client


class Shop:
    """The shop in a part of the server that no other test has."""

    def __init__(self, server: RedisServer) -> None:
        self.url = server.url
        self.prefix = f"shop-{next(numbers)}:"

    def run(self, check: Check, **options: Any) -> None:
        """Run a check with a browser, while the shop is open."""

        async def checked() -> None:
            lifetime = options.get("lifetime", timedelta(hours=8))
            manager = SessionManager(RedisStore(self.url, self.prefix), ttl=lifetime)
            app = make_shop(manager, check_password, **options)
            async with app.router.lifespan_context(app), browser(app) as visitor:
                await check(visitor, manager)

        asyncio.run(checked())


@pytest.fixture
def open_shop(redis_server: RedisServer) -> Shop:
    return Shop(redis_server)


def attributes(answer: httpx.Response) -> "dict[str, str]":
    """Those of the cookie that was set, and its value under its name."""
    parts = [part.strip().partition("=") for part in answer.headers["set-cookie"].split(";")]
    return {parts[0][0]: parts[0][2], **{name.lower(): value for name, _, value in parts[1:]}}


def test_reading_visitor_gets_no_cookie(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        answer = await visitor.get("/account")
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert await manager.store.list() == []

    open_shop.run(check)


def test_basket_is_kept_from_one_request_to_the_next(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        await visitor.post("/basket", json={"sku": "A-1"})
        answer = await visitor.post("/basket", json={"sku": "B-2"})
        assert answer.json() == ["A-1", "B-2"]
        assert await manager.store.list() == [visitor.cookies[SESSION_COOKIE_NAME]]

    open_shop.run(check)


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        found = attributes(await visitor.post("/basket", json={"sku": "A-1"}))
        assert len(found.pop(SESSION_COOKIE_NAME)) == 32
        found.pop("expires", None)
        assert found == {
            "httponly": "",
            "samesite": "lax",
            "secure": "",
            "max-age": "28800",
            "path": "/",
        }

    open_shop.run(check)


def test_secure_can_be_left_out_for_development(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        assert "secure" not in attributes(await visitor.post("/basket", json={"sku": "A-1"}))

    open_shop.run(check, secure=False)


def test_login_gives_a_fresh_id_and_takes_the_basket_along(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        await visitor.post("/basket", json={"sku": "A-1"})
        before = visitor.cookies[SESSION_COOKIE_NAME]
        await visitor.post("/login", json=ADA)
        after = visitor.cookies[SESSION_COOKIE_NAME]
        assert after != before
        assert await manager.store.list() == [after]
        account = await visitor.get("/account")
        assert account.json() == {"user": "ada", "basket": ["A-1"]}

    open_shop.run(check)


def test_planted_id_is_not_logged_in(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        async with browser(visitor._transport.app) as attacker:  # type: ignore[attr-defined]
            await attacker.post("/basket", json={"sku": "BAIT"})
            planted = attacker.cookies[SESSION_COOKIE_NAME]
            visitor.cookies.set(SESSION_COOKIE_NAME, planted, domain="shop.test")
            await visitor.post("/login", json=ADA)
            assert (await attacker.get("/account")).status_code == 401

    open_shop.run(check)


@rows("id", ["0" * 32, "../../etc/passwd", "a*", "x" * 5000, "%00"])
def test_id_that_nobody_gave_out_is_not_taken_over(open_shop: Shop, id: str) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        visitor.cookies.set(SESSION_COOKIE_NAME, id, domain="shop.test")
        answer = await visitor.post("/basket", json={"sku": "A-1"})
        assert attributes(answer)[SESSION_COOKIE_NAME] != id
        assert id not in await manager.store.list()

    open_shop.run(check)


def test_wrong_password_logs_nobody_in(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        answer = await visitor.post("/login", json={**ADA, "password": "guess"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert (await visitor.get("/account")).status_code == 401

    open_shop.run(check)


def test_logout_ends_the_session_on_the_server_and_in_the_browser(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        await visitor.post("/login", json=ADA)
        stolen = visitor.cookies[SESSION_COOKIE_NAME]
        answer = await visitor.post("/logout")
        assert answer.status_code == 204
        assert SESSION_COOKIE_NAME not in visitor.cookies
        assert await manager.store.list() == []
        visitor.cookies.set(SESSION_COOKIE_NAME, stolen, domain="shop.test")
        assert (await visitor.get("/account")).status_code == 401

    open_shop.run(check)


def test_session_ends_when_its_time_is_over(open_shop: Shop, redis_server: RedisServer) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        await visitor.post("/login", json=ADA)
        id = visitor.cookies[SESSION_COOKIE_NAME]
        with redis.Redis.from_url(redis_server.url) as client:
            assert 0 < client.pttl(f"{open_shop.prefix}{id}") <= 3_600_000
            client.pexpire(f"{open_shop.prefix}{id}", 0)  # the hour is over
        assert (await visitor.get("/account")).status_code == 401

    open_shop.run(check, lifetime=timedelta(hours=1))


def test_visitors_do_not_see_each_other(open_shop: Shop) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        async def visit(n: int) -> None:
            async with browser(visitor._transport.app) as another:  # type: ignore[attr-defined]
                for sku in range(3):
                    answer = await another.post("/basket", json={"sku": f"{n}-{sku}"})
                assert answer.json() == [f"{n}-{sku}" for sku in range(3)]

        await asyncio.gather(*map(visit, range(50)))
        assert len(await manager.store.list()) == 50

    open_shop.run(check)


def test_shop_without_its_store_asks_for_patience(own_redis_server: RedisServer) -> None:
    async def check(visitor: httpx.AsyncClient, manager: SessionManager) -> None:
        await visitor.post("/basket", json={"sku": "A-1"})
        own_redis_server.kill()
        answer = await visitor.post("/basket", json={"sku": "B-2"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        own_redis_server.start()
        assert (await visitor.post("/basket", json={"sku": "C-3"})).json() == ["C-3"]

    Shop(own_redis_server).run(check)


def test_store_that_fails_while_it_saves_asks_for_patience_too(
    own_redis_server: RedisServer,
) -> None:
    async def check_and_kill(user: str, password: str) -> bool:
        own_redis_server.kill()
        return True

    async def check() -> None:
        manager = SessionManager(RedisStore(own_redis_server.url))
        app = make_shop(manager, check_and_kill)
        async with app.router.lifespan_context(app), browser(app) as visitor:
            answer = await visitor.post("/login", json=ADA)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
            assert "set-cookie" not in answer.headers

    asyncio.run(check())


def test_login_that_cannot_be_saved_takes_nothing_away(own_redis_server: RedisServer) -> None:
    with redis.Redis.from_url(own_redis_server.url) as client:

        async def check_and_fill(user: str, password: str) -> bool:
            client.config_set("maxmemory", 1)
            return True

        async def check() -> None:
            manager = SessionManager(RedisStore(own_redis_server.url))
            app = make_shop(manager, check_and_fill)
            async with app.router.lifespan_context(app), browser(app) as visitor:
                await visitor.post("/basket", json={"sku": "A-1"})
                with pytest.raises(StorageError):
                    await visitor.post("/login", json=ADA)
                client.config_set("maxmemory", 0)
                answer = await visitor.post("/basket", json={"sku": "B-2"})
                assert answer.json() == ["A-1", "B-2"]

        asyncio.run(check())


def test_application_of_a_server_is_made_from_the_environment(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)

    async def check() -> None:
        app = shop()
        async with app.router.lifespan_context(app), browser(app) as visitor:
            assert (await visitor.post("/basket", json={"sku": "A-1"})).json() == ["A-1"]
            assert (await visitor.post("/login", json=ADA)).status_code == 403

    asyncio.run(check())
