"""What a browser gets where no call is: the app's own addresses, and addresses at which nothing is."""

import httpx

from notifications.answers.pages import HEADERS
from notifications.deliveries.wording import PAGES
from support.pages import usable

Browser = httpx.AsyncClient
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_without_the_app_whatever_a_message_leads_to_says_to_open_it(browser: Browser) -> None:
    shown = {path: await browser.get(path) for path in ("/alerts/7F3K-2Q9D", *(f"/{page}" for page in PAGES.values()))}
    for path, page in shown.items():
        assert page.status_code == 200, path
        assert {name: page.headers[name] for name in HEADERS} == HEADERS
        assert "Open the Safeguard app and sign in" in page.text
        assert ("Reading this page is not an answer" in page.text) == path.startswith("/alerts/")
    assert "7F3K-2Q9D" in shown["/alerts/7F3K-2Q9D"].text


async def test_a_browser_is_told_in_words_that_nothing_is_there_and_a_program_as_ever(browser: Browser) -> None:
    for method, path, status in (("GET", "/r", 404), ("GET", "/nothing", 404), ("PUT", "/r/x", 405)):
        page = await browser.request(method, path, headers=BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8"), path
        assert {name: page.headers[name] for name in HEADERS} == HEADERS
        assert "open the link again" in page.text
        usable(page.text)
        told = await browser.request(method, path)
        assert (told.status_code, told.json()["status_code"]) == (status, status), path
