"""No way in which the API takes an id is left out of what is tried with other partnerships' ids."""

from graphql_api.ids import TAGS
from support.neighbours import TABLES
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
