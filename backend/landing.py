"""Where a message's link leads in a browser that has no Safeguard app: it says how to answer, and nothing else."""

from html import escape
from typing import Final

from litestar import MediaType, Response, get
from litestar.params import FromPath

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Safeguard call {reference}</title>
<style>body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>Call {reference}</h1>
<p>Open the Safeguard app and sign in to see what you are called for and to answer.</p>
<p>Reading this page is not an answer: the next person is called when your time is up.</p>
</html>
"""


@get("/alerts/{reference:str}", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
def landing(reference: FromPath[str]) -> Response[str]:
    """The same page for every reference, whether or not there is such an alert."""
    page = _PAGE.format(reference=escape(reference[:20]))
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
               "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}  # fmt: skip
    return Response(page, headers=headers, media_type=MediaType.HTML)
