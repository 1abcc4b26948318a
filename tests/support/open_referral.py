"""What Open Referral UK asks of a service: names, shapes, and what has to be there, in our own short form.

Read from the published JSON Schemas of HSDS 3.0 and of its UK profile, the stricter of the two where they differ; the
profile asks for a url on services, contacts, telephones and schedules. Stricter than both in one thing: a property
that neither of them knows must say that it is ours.
"""

from typing import Any, Final

import jsonschema_rs

from backend.directory.hsds import OURS

# A line for each kind of object: its name, then its properties with their shapes. ! stands after what is required.
_OBJECTS: Final = """
service: id! uuid, organization_id uuid, name! text, description text, url! uri, email email,
    status! active|inactive|defunct|temporarily_closed, minimum_age number, maximum_age number, assured_date date,
    eligibility_description text, alert text, organization organization, schedules [schedule],
    service_areas [service_area], contacts [contact], attributes [attribute]
organization: id! uuid, name! text, description! text, email email, website uri, uri uri, attributes [attribute]
contact: id! uuid, service_id uuid, name text, title text, email email, phones [phone], url! uri
phone: id! uuid, contact_id uuid, service_id uuid, number! text, description text, url! uri,
    type text|voice|fax|cell|video|pager|textphone
schedule: id! uuid, service_id uuid, freq WEEKLY|MONTHLY, byday days, opens_at time, closes_at time,
    valid_from date, valid_to date, dtstart date, description text, notes text, url! uri
service_area: id! uuid, service_id uuid, name text, service_area text, uri uri
attribute: id! uuid, link_id uuid, link_entity text, taxonomy_term_id uuid, taxonomy_term taxonomy_term
taxonomy_term: id! uuid, code text, name! text, term text, description! text, taxonomy! text, taxonomy_id uuid
"""
_DAY: Final = "(MO|TU|WE|TH|FR|SA|SU)"
_SHAPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "days": {"type": "string", "pattern": f"^{_DAY}(,{_DAY})*$"},
    **{one: {"type": "string", "format": one} for one in ("uuid", "uri", "email", "date")},
}


def faults(service: dict[str, Any]) -> list[str]:
    """What the standard would not have of a service, each with its place."""
    found = _VALIDATOR.iter_errors(service)
    return [f"{'.'.join(map(str, one.instance_path))}: {one.message}" for one in found]


def _schema() -> dict[str, Any]:
    joined = _OBJECTS.strip().replace("\n    ", " ").splitlines()
    definitions = dict(_object(*line.split(": ", 1)) for line in joined)
    return {"$ref": "#/$defs/service", "$defs": definitions}


def _object(name: str, line: str) -> tuple[str, dict[str, Any]]:
    given = [one.strip().split(" ", 1) for one in line.split(",")]
    return name, {
        "type": "object",
        "properties": {property_.rstrip("!"): _shape(shape) for property_, shape in given},
        "required": [property_[:-1] for property_, _ in given if property_.endswith("!")],
        "patternProperties": {f"^{OURS}": {}},
        "additionalProperties": False,
    }


def _shape(said: str) -> dict[str, Any]:
    if said in _SHAPES:
        return _SHAPES[said]
    if "|" in said:
        return {"enum": [one.replace("_", " ") for one in said.split("|")]}
    if said.startswith("["):
        return {"type": "array", "items": _shape(said[1:-1])}
    return {"$ref": f"#/$defs/{said}"}


_VALIDATOR: Final = jsonschema_rs.Draft202012Validator(_schema(), validate_formats=True)
