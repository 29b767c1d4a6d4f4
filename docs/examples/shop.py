"""A shop that knows its visitors by a cookie: sessions in Redis, a basket, login and logout.

REDIS_URL=redis://localhost:6379 uvicorn --factory docs.examples.shop:shop
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anchor_session import RecordCorruptError, StorageUnavailableError
from anchor_session.records import SESSION_COOKIE_NAME, RedisStore, Session, SessionManager

IDLE = timedelta(hours=8)


class SessionMiddleware:
    """Gives each request its session as `scope["session"]`, and saves it before the answer leaves.

    A visitor gets a cookie only once there is something to remember. `secure=False` is for development
    without TLS: a browser then sends the cookie over plain HTTP too.
    """

    def __init__(
        self, app: ASGIApp, *, manager: SessionManager, lifetime: timedelta, secure: bool = True
    ) -> None:
        self.app = app
        self.manager = manager
        self.lifetime = lifetime
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            scope["session"] = await self.find(HTTPConnection(scope).cookies)
        except StorageUnavailableError:
            sorry = PlainTextResponse("Please come back in a minute.", 503, {"Retry-After": "60"})
            await sorry(scope, receive, send)
            return

        async def save_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                session: Session = scope["session"]  # a login puts another one there
                await self.manager.save_session(session)
                if session.is_modified:
                    self.set_cookie(MutableHeaders(scope=message), session)
            await send(message)

        await self.app(scope, receive, save_and_send)

    async def find(self, cookies: dict[str, str]) -> Session:
        """The visitor's session, or a new one: an id that we did not give out is never taken over."""
        try:
            found = await self.manager.session(cookies.get(SESSION_COOKIE_NAME, ""))
        except RecordCorruptError:
            found = None
        return found or await self.manager.new_session()

    def set_cookie(self, headers: MutableHeaders, session: Session) -> None:
        answer = Response()
        answer.set_cookie(
            SESSION_COOKIE_NAME,
            "" if session.is_cleared else session.id,
            max_age=0 if session.is_cleared else int(self.lifetime.total_seconds()),
            httponly=True,  # no script of the page can read it
            samesite="lax",  # no other site can post with it
            secure=self.secure,
        )
        headers.append("set-cookie", answer.headers["set-cookie"])


async def renew(request: Request, manager: SessionManager) -> Session:
    """The session under a fresh id; the old one is gone.

    To be done whenever a visitor becomes somebody: whoever planted the old id in the browser, or saw it,
    must not be logged in by that (session fixation).
    """
    old: Session = request.scope["session"]
    fresh = await manager.new_session()
    for key, value in old.all().items():
        fresh.set(key, value)
    await manager.delete_session(old.id)
    request.scope["session"] = fresh
    return fresh


def make_shop(
    manager: SessionManager,
    check_password: Callable[[str, str], Awaitable[bool]],
    *,
    lifetime: timedelta = IDLE,
    secure: bool = True,
) -> Starlette:
    """The application. `lifetime` is the cookie's, and should be the `ttl` of the manager, which counts."""

    async def add(request: Request) -> Response:
        session: Session = request.scope["session"]
        session["basket"] = [*session.get("basket", []), (await request.json())["sku"]]
        return JSONResponse(session["basket"])

    async def login(request: Request) -> Response:
        given = await request.json()
        if not await check_password(given["user"], given["password"]):
            return PlainTextResponse("Wrong name or password.", 403)
        session = await renew(request, manager)
        session["user"] = given["user"]
        return JSONResponse({"user": given["user"]})

    async def account(request: Request) -> Response:
        session: Session = request.scope["session"]
        if not session.has("user"):
            return PlainTextResponse("Please log in.", 401)
        return JSONResponse({"user": session["user"], "basket": session.get("basket", [])})

    async def logout(request: Request) -> Response:
        session: Session = request.scope["session"]
        session.clear()  # saved, that means: deleted from the store
        return Response(status_code=204)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await manager.close()

    return Starlette(
        routes=[
            Route("/basket", add, methods=["POST"]),
            Route("/login", login, methods=["POST"]),
            Route("/account", account),
            Route("/logout", logout, methods=["POST"]),
        ],
        middleware=[
            Middleware(SessionMiddleware, manager=manager, lifetime=lifetime, secure=secure)
        ],
        lifespan=lifespan,
    )


async def nobody(user: str, password: str) -> bool:
    """Put the check against your table of users here."""
    return False


def shop() -> Starlette:
    """What a server such as uvicorn runs."""
    store = RedisStore(os.environ["REDIS_URL"], prefix="shop:session:")
    return make_shop(SessionManager(store, ttl=IDLE), nobody)
