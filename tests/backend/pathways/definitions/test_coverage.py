"""Every section of the texts is carried by a definition, or it is said why not."""

from pathlib import Path

import pytest

from backend.pathways.definitions.coverage import Coverage, coverage, shipped_coverage
from backend.pathways.definitions.faults import Faulty
from backend.pathways.definitions.library import shipped

# The sections that each family is written from. They are numbered as the texts were collected.
KNOWN = {
    "child-death": (
        "001 B3, 001 B4, 002b P01, 002b P02, 002b P03, 002b P04, 002b P05, 002b P06, 002b P07, 002b P08, 002b P09,"
        "002b P10, 002b P11, 002b P12, 002b P12b, 002b P13, 002b P14, 002b P15, 002b P25, 002b P74, 004a P7, 004a P7b,"
        "004a P8, 004a P9, 004a P9b, 004a P10, 004a P11, 004a P12, 004a P13, 004a P14, 004a P15, 004a P16a, 004a P16b,"
        "004a P16c, 004a P16d, 004c 28, 004c 29, 004c 30, 004c 31"
    ),
    "referral-and-assessment": (
        "001 B1, 001 B9, 001 B14, 002a P01, 002a P02, 002a P03, 002a P04, 002a P05, 002a P06, 002a P11, 002a P34,"
        "002a P46, 002b P29, 002b P72, 003 C12, 004a P1, 004a P4, 004a P5, 004c 8, 004c 9, 004c 10, 004c 11, 004c 12,"
        "004c 14, 004c 15, 004c 32, 004c 38, 004c 39, 004c 40, 004c 41, 004c 42, 004c 43"
    ),
    "immediate-protection": "002a P08, 002b P69, 002b P70, 002b P71, 004a P1, 004b P8, 004c 13, 004c 33, 004c 34,"
    "004c 35, 004c 36",
    "child-protection": (
        "002a P07, 002a P09, 002a P10, 002a P11, 002a P12, 002a P13, 002a P14, 002a P15, 002a P16, 002a P17, 002a P18,"
        "002a P19, 002a P20, 002a P21, 002a P22, 002a P23, 002a P25, 002a P26, 002a P46, 002b P30, 002b P31, 002b P75,"
        "003 C13, 004a P21b, 004c 44"
    ),
    "movement-and-transfer": (
        "002a P24, 002a P28, 002a P36, 002b P44, 002b P45, 002b P46, 002b P47, 002b P48, 002b P73, 004c 45, 004c 46,"
        "004c 47, 004c 48, 004c 49, 004c 50, 004c 51, 004c 53, 004c 55, 004c 56, 004c 57, 004c 58"
    ),
}


def found() -> dict[str, Coverage]:
    return {one.family: one for one in shipped_coverage()}


def test_every_definition_and_stage_that_is_named_exists() -> None:
    assert found(), "dangling names raise; here they are read"


@pytest.mark.parametrize("family", KNOWN)
def test_a_family_that_is_whole_carries_every_section(family: str) -> None:
    rows = {code for code, (where, _) in shipped().catalogue.items() if where == family}
    assert rows <= set(shipped().entries), "every row of the family is written"
    codes = {section.code for section in found()[family].sections}
    assert codes == {code.strip() for code in KNOWN[family].split(",")}


def test_every_definition_of_a_covered_family_carries_something() -> None:
    for family, one in found().items():
        carriers = {carrier.definition for section in one.sections for carrier in section.carried_by}
        written = {code for code, entry in shipped().entries.items() if entry.family == family}
        assert written <= carriers, f"{family}: no section names {sorted(written - carriers)}"


@pytest.mark.parametrize(
    ("carriers", "said"),
    [
        ("[{definition: referal-to-childrens-social-care, stages: [intake]}]", "there is no definition"),
        ("[{definition: referral-to-childrens-social-care, stages: [intak]}]", "has no stage intak"),
        ("[{definition: referral-to-childrens-social-care, parts: {clocks: [acknowledged]}}]", "has no clock"),
        ("[{definition: referral-to-childrens-social-care, partnership: rutland, stages: [intake]}]", "no overlay"),
        ("[{definition: referral-to-childrens-social-care}]", "says nothing of where"),
        ("[]", "neither carried nor excused"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_by_its_line(carriers: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "coverage"
    folder.mkdir()
    text = (
        "family: referral-and-assessment\nsections:\n"
        f"  - code: 002a P02\n    title: Referral\n    text: Working Together 2005 ¶4.19\n    carried_by: {carriers}\n"
    )
    (folder / "referral-and-assessment.yaml").write_text(text, "utf-8")
    with pytest.raises(Faulty) as raised:
        coverage(tmp_path, shipped(), {})
    (fault,) = raised.value.faults
    assert said in fault.message
    assert fault.line >= 3
