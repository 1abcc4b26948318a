"""The development issuer's sign-in page."""

from collections.abc import Iterable, Mapping
from html import escape

PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in - development issuer</title>
<style>
body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem;
  color: #0b0c0c }}
button {{ font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .75rem; text-align: left;
  color: #fff; background: #1d4f91; border: 0; border-radius: .25rem; cursor: pointer }}
input {{ font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; border: 2px solid #0b0c0c }}
:focus-visible {{ outline: 3px solid #0b0c0c; outline-offset: 2px }}
</style>
</head>
<body>
<main>
<h1>Sign in</h1>
<p>This is a development issuer. It asks for no password.</p>
{people}
<form method="post" action="/authorize">
{hidden}
<label for="subject">Subject to sign in as</label>
<input id="subject" name="subject" autocomplete="off" required>
<button>Sign in</button>
</form>
</main>
</body>
</html>
"""


def page(request: Mapping[str, str], people: Iterable[tuple[str, str]]) -> str:
    """The page for an authorization request, whose parameters it carries on; `people` are (subject, name)."""
    kept = {name: value for name, value in request.items() if name != "subject"}
    hidden = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept.items()
    )
    buttons = "\n".join(
        f'<button name="subject" value="{escape(subject)}">{escape(name)}</button>' for subject, name in people
    )
    offered = f'<form method="post" action="/authorize">\n{hidden}\n{buttons}\n</form>' if buttons else ""
    return PAGE.format(people=offered, hidden=hidden)
