"""Every way that the API takes an id does take one of the caller's own.

Without this the tests of other partnerships' ids would pass for a field that answers nothing, whatever it is given.
"""

import pytest

from graphql_api.ids import TAGS
from support.neighbours import TABLES, Inquiry
from support.ways import NAMES, TEXT, leaves, roots, ways


def test_every_type_with_an_id_is_seeded() -> None:
    missing = TAGS.keys() - TABLES.keys()
    assert not missing, f"Types {sorted(missing)} have ids: add their tables to TABLES, and a row of each in seeded()."


def test_every_string_is_known_to_be_a_name_or_mere_text() -> None:
    strings = {
        path[-1]
        for _, _, definition in roots()
        for argument, given in definition.args.items()
        for path, kind in leaves(given.type, (argument,))
        if kind == "String"
    }
    unknown = strings - TEXT - NAMES.keys()
    assert not unknown, (
        f"Say of {sorted(unknown)} whether it names a thing of a partnership (add to NAMES how to look one up)"
        " or is mere text (add it to TEXT)."
    )


def test_the_ways_are_found() -> None:
    found = {str(way) for way in ways()}
    assert {
        "query.case(id)", "query.alert(id)", "query.alert(reference)", "mutation.acknowledgeAlert(input.slotId)",
        "mutation.startDocumentUpload(input.caseId)", "mutation.reportChildDeath(input.areaOfDeath)",
    } <= found  # fmt: skip


async def test_each_field_does_take_ids_of_the_callers_own(inquiry: Inquiry) -> None:
    before = await inquiry.state.of(inquiry.other.partnership)
    for way in ways():
        tried = [(kind, value) for kind, values in inquiry.candidates(way, inquiry.own).items() for value in values]
        for kind, value in tried:
            if await inquiry.answer(way, value) != await inquiry.answer_for_nothing(way, kind):
                break
        else:
            pytest.fail(
                f"{way} answers for every seeded thing of the caller's own partnership as for one that never existed."
                " Seed a thing that it takes in seeded(), or add to VALUES what else it needs."
            )
    assert await inquiry.state.of(inquiry.other.partnership) == before
