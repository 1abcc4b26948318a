"""Actor that sends codes: a notice's, with a code made as it leaves."""

from functools import partial

from backend.kit.actors import RUNS
from notifications.notices.tasks import send
from notifications.verifications.service import SEND_CODE, make_code

RUNS[SEND_CODE] = partial(send, fill=make_code)
