"""The recipients' phones, for a person with a browser."""

import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from litestar import MediaType, get
from litestar.datastructures import State

from infra.dev.carrier.store import Message, Store, normal

LONDON = ZoneInfo("Europe/London")
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
CHANNEL = {"sms": "Text message", "email": "Email", "push": "Push notification", "voice": "Call",
           "webhook": "Webhook"}  # fmt: skip
PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{title}</title>
<style>
body {{ font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0; background: #e8ebef; color: #0b0c0c }}
main {{ max-width: 26rem; min-height: 100vh; margin: 0 auto; padding: 1rem; box-sizing: border-box;
  background: #fff; border: solid #8a929c; border-width: 0 1px }}
h1 {{ font-size: 1.375rem; overflow-wrap: anywhere }}
h2 {{ font-size: 1rem; margin: 0 }}
article {{ background: #eef3f9; border: 1px solid #8a929c; border-radius: .75rem; padding: .75rem 1rem;
  margin: .75rem 0; overflow-wrap: anywhere }}
article p {{ margin: .25rem 0; white-space: pre-wrap }}
.meta {{ color: #444c55; font-size: .9375rem }}
a {{ color: #0b4a8f }}
:focus-visible {{ outline: 3px solid #0b4a8f; outline-offset: 2px }}
</style>
</head>
<body><main>
<h1>{title}</h1>
{content}
</main></body>
</html>
"""


def page(title: str, content: str, *, watched: bool) -> str:
    """The page. It loads itself again only for who asked for it: nobody who reads slowly is torn away."""
    refresh = '<meta http-equiv="refresh" content="3">\n' if watched else ""
    link = '<a href="?">Stop refreshing</a>' if watched else '<a href="?watched=true">Refresh every 3 seconds</a>'
    return PAGE.format(title=title, refresh=refresh, content=f"<p>{link}</p>\n{content}")


@get("/", media_type=MediaType.HTML)
async def recipients(state: State, watched: bool = False) -> str:  # noqa: FBT001, FBT002  # of the address
    """Everyone who has been sent something, the latest first."""
    store: Store = state.carrier.store
    counts: dict[str, int] = {}
    for message in reversed(store.messages):
        counts[normal(message.to)] = counts.get(normal(message.to), 0) + 1
    entries = "\n".join(
        f'<li><a href="/inbox/{quote(name, safe="")}">{escape(name)}</a> ({count})</li>'
        for name, count in counts.items()
    )
    content = f"<ul>\n{entries}\n</ul>" if entries else "<p>Nothing has been sent yet.</p>"
    return page("Inboxes", content, watched=watched)


@get("/inbox/{recipient:str}", media_type=MediaType.HTML)
async def inbox(state: State, recipient: str, watched: bool = False) -> str:  # noqa: FBT001, FBT002  # as above
    """One recipient's messages, newest first."""
    store: Store = state.carrier.store
    owner = normal(unquote(recipient))
    mine = [article(message) for message in reversed(store.messages) if normal(message.to) == owner]
    content = "\n".join(mine) or "<p>No messages.</p>"
    back = '<p><a href="/">All inboxes</a></p>'
    return page(f"Messages for {escape(owner)}", f"{back}\n{content}", watched=watched)


def article(message: Message) -> str:
    arrived = datetime.fromtimestamp(message.received_ns / 1e9, UTC).astimezone(LONDON)
    heading = escape(message.subject or CHANNEL[message.channel])
    shown = f"{arrived:%H:%M:%S} on {arrived.day} {arrived:%B %Y}"
    return (
        f"<article><h2>{heading}</h2>\n<p>{linked(message.body)}</p>\n"
        f'<p class="meta">{CHANNEL[message.channel]}, {escape(message.status)}, '
        f'<time datetime="{arrived.isoformat()}">{shown}</time></p></article>'
    )


def linked(text: str) -> str:
    """The text as HTML, with its web addresses made into links."""
    parts: list[str] = []
    end = 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])
