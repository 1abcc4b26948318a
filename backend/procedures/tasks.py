"""Actors of manuals."""

from backend.kit.actors import register_once
from backend.procedures import importing, keeping, printing, reviewing

register_once(importing.TAKE_UP_MANUAL, importing.take_up)
register_once(importing.READ_MANUAL, importing.read)
register_once(reviewing.REVIEW_PROCEDURES, reviewing.remind)
register_once(printing.TAKE_UP_PRINT, printing.take_up)
register_once(printing.MAKE_PRINT, printing.make)
register_once(keeping.REVIEW_REGISTER, keeping.remind)
