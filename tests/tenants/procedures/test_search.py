"""Search: words, phrases, numbers and other names of a term, in the texts in force, best first, highlighted."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from backend.kit.problems import Invalid
from support.partnership import Partnership
from support.procedures import PLAIN, approved, drafted, manual, said
from tenants.procedures import repository, search
from tenants.procedures.parsing.manual import Kind
from tenants.procedures.postings import MOST as CANDIDATES
from tenants.procedures.search import Fragment, Hit

Ask: TypeAlias = Callable[[str], Awaitable[list[Hit]]]

MORE = manual(
    said("4", "", title="Children missing from care", kind=Kind.HEADING),
    said("4.1", "Tell the police at once.", parent="4"),
    said("5", "A missing child is spoken to on return. The protection of the child comes first."),
    said("5.1", "A child protection conference is called."),
    said("15.1", "Fifteen."),
    said("6", "The senior investigating officer takes charge. An officer who is senior may help investigating."),
)


@pytest.fixture
async def found(cambs: Partnership) -> Ask:
    """Ask the texts in force."""
    async with cambs.session() as session:
        await approved(session, await drafted(session, None))
        await approved(session, await drafted(session, None, MORE, name="missing"))
        await session.commit()

    async def ask(words: str) -> list[Hit]:
        async with cambs.session() as session:
            day = await repository.today(session)
            ids = [one.id for one in await repository.in_force(session, day)]
            return await search.search(session, words, ids, day)

    return ask


def addresses(hits: list[Hit]) -> list[str]:
    return [hit.address for hit in hits]


async def test_a_heading_outweighs_the_text_and_the_headings_above_count_too(found: Ask) -> None:
    assert addresses(await found("missing"))[0] == "4"
    assert set(addresses(await found("missing"))) == {"4", "4.1", "5"}


async def test_all_words_must_be_there_in_whatever_form(found: Ask) -> None:
    assert addresses(await found("child refers")) == ["1.1"]
    assert addresses(await found("child unicorn")) == []


async def test_a_word_that_is_ruled_out_is_so_however_many_provisions_have_it(cambs: Partnership) -> None:
    crowd = [said(f"1.{number}", "The child, the police, the child.") for number in range(1, CANDIDATES + 20)]
    async with cambs.session() as session:
        edition = await approved(session, await drafted(session, None, manual(*crowd, said("9", "A child alone."))))
        await session.flush()
        hits = await search.search(session, "child -police", [edition.id], await repository.today(session))
    assert addresses(hits) == ["9"]


async def test_a_phrase_is_its_words_side_by_side(found: Ask) -> None:
    assert set(addresses(await found("child protection"))) == {"5", "5.1"}
    assert addresses(await found('"child protection"')) == ["5.1"]


async def test_a_number_finds_its_provision_first_and_what_is_under_it(found: Ask) -> None:
    assert addresses(await found("5"))[:2] == ["5", "5.1"]
    assert addresses(await found("5.1."))[0] == "5.1"
    assert "15.1" not in addresses(await found("5.1"))


async def test_a_phrase_is_found_in_the_last_place_however_many_others_have_its_words(
    cambs: Partnership, found: Ask
) -> None:
    apart = [said(f"1.{number}", f"The locum of the day {number} and the rota.") for number in range(1, 201)]
    phrases = [said("2.1", "The rota of the locum rota is kept."), said("2.2", "Each locum rota is kept by the nurse.")]
    async with cambs.session() as session:
        await approved(session, await drafted(session, None, manual(*apart, *phrases), name="rotas"))
        await session.commit()
    assert set(addresses(await found('"locum rota"'))) == {"2.1", "2.2"}
    assert len(await found("locum rota")) == 50
    assert addresses(await found("locum rota -day"))[:2] == ["2.1", "2.2"]


async def test_a_term_is_found_by_its_other_names(found: Ask) -> None:
    assert addresses(await found("SIO")) == ["6"]
    assert addresses(await found("sio charge")) == ["6"]
    assert addresses(await found("sio conference")) == []


async def test_what_matched_is_marked_and_nothing_else(found: Ask) -> None:
    (hit,) = await found("paediatrician")
    assert Fragment("paediatrician", matched=True) in hit.excerpt
    assert "".join(one.text for one in hit.excerpt) == (
        "police and the paediatrician will take part in the strategy discussion"
    )


@pytest.mark.parametrize("words", ["", "   ", "x" * 201, "a\x00b"])
async def test_what_is_no_question_is_refused(found: Ask, words: str) -> None:
    with pytest.raises(Invalid):
        await found(words)


@pytest.mark.parametrize("words", ["the", "&|!", "' OR 1=1 --", '"', "((", "a:*", "<->"])
async def test_odd_questions_are_answered_with_what_there_is(found: Ask, words: str) -> None:
    assert isinstance(await found(words), list)


async def test_drafts_and_other_partnerships_are_not_searched(
    cambs: Partnership, herts: Partnership, found: Ask
) -> None:
    async with cambs.session() as session:
        await drafted(session, None, PLAIN, name="draft")
        await session.commit()
    assert len(await found("paediatrician")) == 1
    async with herts.session() as session:
        assert await repository.in_force(session, await repository.today(session)) == []
