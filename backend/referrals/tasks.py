"""Actors of the referrals."""

from backend.kit.actors import register_once
from backend.referrals.service import BEGIN_REFERRAL, begin_late
from backend.referrals.urgent import CALL_TO_REFERRAL, call_late

register_once(BEGIN_REFERRAL, begin_late)
register_once(CALL_TO_REFERRAL, call_late)
