"""The pages that a message's links lead to. Pure: HTML that needs no script, no font and no second request.

The page of a call shows the alert's reference, the role that is called and two buttons, or one sentence that
says why there are none and what to do. Never anything of the case.
"""

import base64
import hashlib
from datetime import datetime
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from notifications.alerts.models import SlotState
from notifications.answers.reasons import REASONS
from notifications.answers.service import Standing, ends_at

_STYLE: Final = """
body{font:1.25rem/1.5 system-ui,sans-serif;color:#0b0c0c;background:#fff;max-width:32rem;margin:0 auto;padding:1rem}
button{font:inherit;font-weight:bold;display:block;width:100%;min-height:4rem;margin:1rem 0;border:3px solid #0b0c0c;
border-radius:.5rem;color:#fff;background:#00532f}
.no{background:#8b1a10}
fieldset{border:2px solid #0b0c0c;border-radius:.5rem;margin:2rem 0 0}
label{display:flex;align-items:center;gap:.5rem;min-height:3rem}
input{flex:none;width:1.5rem;height:1.5rem;margin:0}
h1{font-size:1.75rem;line-height:1.2}
:focus-visible{outline:4px solid #ffdd00;outline-offset:2px;box-shadow:0 0 0 6px #0b0c0c}
"""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none';"
    f" style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
}
_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_SENTENCES: Final = {
    Standing.TAKEN: "Somebody else has already answered for your role. There is nothing that you need to do.",
    Standing.OVER: "This call has ended. There is nothing that you need to do.",
    Standing.EXPIRED: "The time to answer by this link is over and the next person has been called."
    " If you can still come, open the Safeguard app and sign in, or ring your duty manager.",
    Standing.NOT_YOURS: "This link cannot be used to answer. Open the Safeguard app and sign in,"
    " or ring your duty manager.",
}
_NOBODY_LEFT: Final = (
    "Nobody is left to call. If you can come after all, open the Safeguard app and sign in, or ring your duty manager."
)
_ROLES: Final = {
    "sio": "senior investigating officer", "childrens_social_care": "children's social care",
    "gp_liaison": "GP liaison",
}  # fmt: skip
"""Of the roles that are called, those whose code is not how people say it."""
_DRILL: Final = "<p><strong>This is a drill.</strong> Nothing has happened. Answer as you would.</p>\n"
_FAILED: Final = (
    "Something is wrong on our side, and we cannot say whether your answer arrived. Open the link in the message again:"
    " it says how you answered, or asks you once more. Or reply to the text message with its code, open the Safeguard"
    " app and sign in, or ring your duty manager."
)
_APP: Final = "Open the Safeguard app and sign in to go on. This page shows nothing and changes nothing."
_READING: Final = (
    "Reading this page is not an answer. If you are called, answer in the app or as the message says, before your time"
    " is up: then the next person is called."
)
_UNKNOWN: Final = (
    "This link is not one of ours, or not the whole of it. If a message called you, open the link again from there,"
    " reply to a text message with its code, open the Safeguard app and sign in, or ring your duty manager."
)
_SLOW_DOWN: Final = "This link has been opened too often. Wait a minute, or open the Safeguard app and sign in."


def call_page(call: Row[Any], standing: Standing) -> str:
    """The page of a call: buttons while it is open, otherwise where it stands."""
    title = f"Call {call.reference}"
    if standing is Standing.OPEN:
        return _page(title, _buttons(call))
    if standing is Standing.ACCEPTED:
        at = f" at {_clock(call.answered_at, call.zone)}" if call.answered_at is not None else ""
        said = f"You accepted this call{at}. Open the Safeguard app and sign in to see what it is about."
        return _page(title, _sentence(said))
    nobody_left = call.slot_state == SlotState.EXHAUSTED
    if standing is Standing.DECLINED:
        then = _NOBODY_LEFT if nobody_left else "The next person is called."
        return _page(
            title, _sentence(f"You said at {_clock(call.answered_at, call.zone)} that you cannot come. {then}")
        )
    if standing is Standing.EXPIRED and nobody_left:
        return _page(title, _sentence(f"The time to answer by this link is over. {_NOBODY_LEFT}"))
    return _page(title, _sentence(_SENTENCES[standing]))


def unknown_page() -> str:
    """The same for every link that we did not make."""
    return _page("This link does not work", _sentence(_UNKNOWN))


def too_often_page() -> str:
    return _page("Please wait", _sentence(_SLOW_DOWN))


def failed_page() -> str:
    """When an answer may or may not have been recorded."""
    return _page("Please try again", _sentence(_FAILED))


def refused_page() -> str:
    """For an address that nothing is at, or for what was sent there."""
    return _page("There is nothing here", _sentence(_UNKNOWN))


def alert_page(reference: str) -> str:
    """What the app's own address of an alert shows without the app: the same for every reference, of one or of none."""
    return _page(f"Safeguard {reference}", f"{_paragraph(_APP)}\n{_paragraph(_READING)}")


def app_page() -> str:
    """What the app's other addresses show without the app."""
    return _page("Safeguard", _paragraph(_APP))


def _buttons(call: Row[Any]) -> str:
    role = escape(_ROLES.get(call.role, str(call.role).replace("_", " ")))
    reasons = "\n".join(_choice(code, text) for code, text in REASONS.items())
    drill = _DRILL if call.drill else ""
    return f"""{drill}<p>You are called as <strong>{role}</strong>. Answer before {_clock(ends_at(call), call.zone)};
after that the next person is called. Reading this page is not an answer.</p>
<form method="post"><button name="answer" value="accept">Accept the call</button></form>
<form method="post">
<fieldset>
<legend>If you cannot come</legend>
{reasons}
<button class="no" name="answer" value="decline">I cannot come</button>
</fieldset>
</form>"""


def _choice(code: str, text: str) -> str:
    checked = " checked" if code == "other" else ""
    return f'<label><input type="radio" name="reason" value="{code}"{checked}> {text}</label>'


def _sentence(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def _page(title: str, content: str) -> str:
    return _PAGE.format(title=escape(title), style=_STYLE, content=content)
