"""What is told of an enquiry, and everything that can be wrong with it. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.kit.problems import FieldError
from backend.kit.texts import text_fault, text_faults
from backend.registers.enquiries.likeness import Terms
from backend.registers.enquiries.models import CheckMethod, Disclosed, Result

MOST_NAMES: Final = 10
_TELEPHONE: Final = re.compile(r"(?=(?:[^0-9]*[0-9]){5})\+?[0-9 ()-]{5,24}")
_OF_A_PLAN: Final = frozenset({Disclosed.CATEGORIES, Disclosed.RESPONSIBLE_AUTHORITY, Disclosed.PLAN_DATES})


@dataclass(frozen=True, slots=True)
class About:
    """The child who is asked about, as far as the enquirer knows."""

    name: str | None = None
    other_names: tuple[str, ...] = ()
    date_of_birth: date | None = None
    address: str | None = None

    @property
    def terms(self) -> Terms:
        names = (*((self.name,) if self.name else ()), *self.other_names)
        return Terms(names, self.date_of_birth, self.address)


@dataclass(frozen=True, slots=True)
class EnquiryTold:
    """Who asks, from where, how they are called back, why they ask, and about whom."""

    enquirer_name: str
    enquirer_agency: str
    enquirer_post: str | None
    call_back_number: str
    concern: str
    about: About


@dataclass(frozen=True, slots=True)
class CheckTold:
    """How the enquirer was checked: with CALLED_BACK the number that was called."""

    method: CheckMethod
    note: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerTold:
    """What the enquirer was told; ``somebody_else`` are likely children found not to be the one asked about."""

    result: Result
    advice: str
    child_id: UUID | None = None
    disclosed: tuple[Disclosed, ...] = ()
    somebody_else: tuple[UUID, ...] = ()


def digits_of(number: str) -> str:
    """A telephone number as it is compared: digits alone, in the national form."""
    return re.sub(r"^(\+44|0044)0?", "0", re.sub(r"[^0-9+]", "", number))


def number_fault(field: str, number: str) -> FieldError | None:
    """What is wrong with a telephone number."""
    if _TELEPHONE.fullmatch(number):
        return None
    return FieldError(field, "must be a telephone number: at least five digits; spaces, brackets, hyphens, a leading +")


def about_faults(about: About, today: date) -> list[FieldError]:
    """What is wrong with what is told of the child."""
    faults = text_faults(name=(about.name, 200), address=(about.address, 500))
    for place, name in enumerate(about.other_names):
        faults += text_faults(**{f"otherNames.{place}": (name, 200)})
    if len(about.other_names) > MOST_NAMES:
        faults.append(FieldError("otherNames", f"must be at most {MOST_NAMES}"))
    if about.date_of_birth is not None and about.date_of_birth > today:
        faults.append(FieldError("dateOfBirth", "must not lie in the future; leave it out for an unborn child"))
    if not about.terms.spoken and not about.terms.address_key:
        faults.append(FieldError("name", "give a name or an address: a date of birth alone finds nobody"))
    return [FieldError(f"about.{one.field}", one.message) for one in faults]


def faults(told: EnquiryTold, today: date) -> list[FieldError]:
    """What is wrong with an enquiry; all at once."""
    required = {
        "enquirerName": (told.enquirer_name, 200), "enquirerAgency": (told.enquirer_agency, 200),
        "concern": (told.concern, 10_000),
    }  # fmt: skip
    found = [fault for field, (text, most) in required.items() if (fault := text_fault(field, text, most))]
    found += text_faults(enquirerPost=(told.enquirer_post, 200))
    number = number_fault("callBackNumber", told.call_back_number)
    return found + ([number] if number else []) + about_faults(told.about, today)


def answer_faults(told: AnswerTold, *, earlier: bool, at_address: bool) -> list[FieldError]:
    """What is wrong with an answer by itself; ``earlier``: the child was asked about before and not known then."""
    found = text_faults(advice=(told.advice, 10_000))
    disclosed, result = set(told.disclosed), told.result
    names_child = result in {Result.KNOWN, Result.ON_A_PLAN}
    if names_child != (told.child_id is not None):
        found.append(FieldError("childId", "is the child who was found, with KNOWN and ON_A_PLAN and only with them"))
    if result in {Result.NOTHING_TOLD, Result.PASSED_ON} and disclosed - {Disclosed.EARLIER_ENQUIRY}:
        found.append(FieldError("disclosed", f"must be empty with {result.name}"))
    elif result not in {Result.NOTHING_TOLD, Result.PASSED_ON} and not disclosed:
        found.append(FieldError("disclosed", "must say what the enquirer was told, such as WHETHER_KNOWN"))
    if disclosed & _OF_A_PLAN and result is not Result.ON_A_PLAN:
        found.append(FieldError("disclosed", "holds something of a plan, which the child has not"))
    if Disclosed.KEY_WORKER in disclosed and not names_child:
        found.append(FieldError("disclosed", "holds KEY_WORKER, and no child was found who has one"))
    if Disclosed.CHILD_AT_SAME_ADDRESS in disclosed and not at_address:
        found.append(FieldError("disclosed", "holds CHILD_AT_SAME_ADDRESS, and no search has found one"))
    if Disclosed.EARLIER_ENQUIRY in disclosed and not earlier:
        found.append(FieldError("disclosed", "holds EARLIER_ENQUIRY, and there was none"))
    if result is Result.NOT_KNOWN and earlier and Disclosed.EARLIER_ENQUIRY not in disclosed:
        found.append(FieldError("disclosed", "must hold EARLIER_ENQUIRY: tell them that somebody has asked before"))
    return found
