"""The fixture `page_sessions`: states laid down before a page runs, read and awaited from outside."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from anchor_session.testing.page_sessions import PageSessions
from e2e.conftest import OpenPage
from e2e.harness import PATIENCE_MS
from e2e.watching import PRELUDE

PLAIN = "/e2e/plain.html"
KEY = "anchor-session://cart@1.0.0"
TWO = '{"n":2}'


def write(page: Page, text: str, key: str = KEY) -> None:
    page.evaluate("([key, text]) => sessionStorage.setItem(key, text)", [key, text])


def test_page_finds_what_was_seeded_and_its_changes_are_read(
    page: Page, page_sessions: PageSessions, open_page: OpenPage
) -> None:
    page_sessions.seed("cart", {"lines": [{"sku": "A1"}], "day": date(2026, 11, 21)})
    python = open_page(page=page, prelude=PRELUDE)
    outcome = python(
        """
        cart = session("cart", {"lines": []})
        cart.lines.append({"sku": "B2"})
        [restored(cart).outcome, repr(cart.day)]
        """
    )
    assert outcome == ["restored", "datetime.date(2026, 11, 21)"]
    found = page_sessions.read("cart")
    assert found == {"lines": [{"sku": "A1"}, {"sku": "B2"}], "day": date(2026, 11, 21)}


def test_journal_is_replayed(page: Page, page_sessions: PageSessions, open_page: OpenPage) -> None:
    python = open_page(page=page, prelude=PRELUDE)
    python('log = session("log", {"lines": []}, layout="journal"); log.lines.append("started")')
    keys = page.evaluate("Object.keys(sessionStorage)")
    assert "anchor-session://log@1.0.0#journal.1" in keys
    assert page_sessions.read("log") == {"lines": ["started"]}


def test_change_is_awaited(page: Page, page_sessions: PageSessions, open_page: OpenPage) -> None:
    python = open_page(page=page, prelude=PRELUDE)
    python(
        """
        from js import setTimeout
        from pyodide.ffi import create_once_callable

        cart = session("cart", {"n": 0})

        def count():
            cart.n += 1
            if cart.n < 5:
                setTimeout(create_once_callable(count), 30)

        setTimeout(create_once_callable(count), 30)
        """
    )
    assert page_sessions.wait("cart", lambda cart: cart.get("n") == 5, timeout=PATIENCE_MS) == {
        "n": 5
    }


def test_seed_is_laid_down_once(page: Page, page_sessions: PageSessions) -> None:
    page_sessions.seed("cart", {"n": 1})
    page.goto(PLAIN)
    write(page, TWO)
    page.reload()
    page.goto(f"{PLAIN}?other")
    assert page_sessions.read("cart") == {"n": 2}


def test_removed_state_is_not_seeded_again(page: Page, page_sessions: PageSessions) -> None:
    page_sessions.seed("cart", {"n": 1})
    page.goto(PLAIN)
    page.evaluate("key => sessionStorage.removeItem(key)", KEY)
    page.reload()
    assert page_sessions.read("cart") == {}


def test_seed_is_there_before_the_scripts_of_the_page(
    page: Page, page_sessions: PageSessions
) -> None:
    page.add_init_script("window.atStart = Object.assign({}, sessionStorage)")
    page_sessions.seed("cart@2", {"n": 1})
    page.route(
        "**/scripted.html",
        lambda route: route.fulfill(
            content_type="text/html",
            body="<script>atStart = sessionStorage['anchor-session://cart@2']</script>",
        ),
    )
    page.goto("/scripted.html")
    assert page.evaluate("atStart") == '{"n":1}'


def test_later_seed_replaces_state_and_journal(page: Page, page_sessions: PageSessions) -> None:
    page.goto(PLAIN)
    write(page, '["x",[["n"],1]]', f"{KEY}#journal.1")
    page_sessions.seed("cart", {"n": 1})
    page_sessions.seed("cart", {"n": 2})
    page.reload()
    assert page_sessions.read("cart") == {"n": 2}
    assert page.evaluate("Object.keys(sessionStorage).length") == 2  # the state and the mark


def test_seeds_of_several_names_stay_apart(page: Page, page_sessions: PageSessions) -> None:
    page_sessions.seed("cart", {"n": 1})
    page_sessions.seed("cart@2", {"n": 2})
    page.goto(PLAIN)
    assert [page_sessions.read(name)["n"] for name in ("cart", "cart@1.0.0", "cart@2")] == [1, 1, 2]


def test_waiting_goes_on_over_a_reload(page: Page, page_sessions: PageSessions) -> None:
    page.goto(PLAIN)
    page.add_init_script(
        f"if (sessionStorage.length) setTimeout(() => (sessionStorage['{KEY}'] = '{TWO}'), 50)"
    )
    page.evaluate(
        """key => setTimeout(() => {
          sessionStorage.setItem(key, '{"n":1}');
          location.reload();
        }, 50)""",
        KEY,
    )
    assert page_sessions.wait("cart", lambda cart: cart.get("n") == 2, timeout=PATIENCE_MS) == {
        "n": 2
    }


def test_any_state_is_awaited(page: Page, page_sessions: PageSessions) -> None:
    page.goto(PLAIN)
    page.evaluate("""key => setTimeout(() => sessionStorage.setItem(key, '{"n":1}'), 50)""", KEY)
    assert page_sessions.wait("cart", timeout=PATIENCE_MS) == {"n": 1}


def test_what_does_not_come_is_told_with_what_was_there(
    page: Page, page_sessions: PageSessions
) -> None:
    page.goto(PLAIN)
    write(page, '{"n":1}')
    milliseconds = 300
    while True:
        with pytest.raises(TimeoutError) as caught:
            page_sessions.wait("cart", lambda cart: cart["n"] == 2, timeout=milliseconds)
        if not str(caught.value).endswith("it was None") or milliseconds > PATIENCE_MS:
            break
        milliseconds *= 4  # too short for one look
    expected = f"'cart' was not as awaited within {milliseconds} ms; it was {{'n': 1}}"
    assert str(caught.value) == expected


def test_page_without_storage_cannot_be_read(page: Page, page_sessions: PageSessions) -> None:
    with pytest.raises(RuntimeError, match="about:blank has no sessionStorage"):
        page_sessions.read("cart")


def test_strict_policy_of_the_page_does_not_matter(page: Page, page_sessions: PageSessions) -> None:
    def answer(route: Any) -> None:
        policy = {"Content-Security-Policy": "default-src 'none'"}
        route.fulfill(content_type="text/html", body="<p>", headers=policy)

    page.route("**/strict.html", answer)
    page_sessions.seed("cart", {"n": 1})
    page.goto("/strict.html")
    assert (page_sessions.read("cart"), page_sessions.wait("cart")) == ({"n": 1}, {"n": 1})
