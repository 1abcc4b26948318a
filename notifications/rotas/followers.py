"""What follows a change to who is on call."""

from typing import Final

from backend.kit.followers import Followers
from backend.kit.tasks import NOTICES, Actor

ROTA_CHANGED: Final = Actor("rota_changed", NOTICES)
ROTA_FOLLOWERS: Final = Followers()
