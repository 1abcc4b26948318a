"""What a text means: strictly read, because a false acceptance stops the ladder."""

import pytest

from notifications.answers.replies import Reply, asks_to_stop, normal_number, parse_reply


@pytest.mark.parametrize("text", ["4821", " 4821 ", "Yes 4821", "4821 ok", "ok, 4821!", "accept 4821", "y\n4821"])
def test_a_code_alone_or_with_a_yes_accepts(text: str) -> None:
    assert parse_reply(text) == Reply("4821", accepts=True)


@pytest.mark.parametrize(
    "text",
    [
        "NO 4821",
        "no 4821",
        "4821 No.",
        "n 4821",
        "cannot 4821",
        "Can't 4821",
        "Can\N{RIGHT SINGLE QUOTATION MARK}t 4821",
    ],
)
def test_a_code_with_a_no_declines(text: str) -> None:
    assert parse_reply(text) == Reply("4821", accepts=False)


@pytest.mark.parametrize(
    "text",
    ["", "yes", "no", "STOP", "STOP 4821", "4821 stop", "yes no 4821", "482", "48211", "4821 4822", "4821 on my way",
     "not 4821", "what is 4821", "٤٨٢١", "4821" + "!" * 60, "x" * 10_000, "0x4821", "\0", "4 8 2 1"],
)  # fmt: skip
def test_everything_else_is_no_answer(text: str) -> None:
    assert parse_reply(text) is None


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "UNSUBSCRIBE"])
def test_words_that_refuse_messages_are_known(text: str) -> None:
    assert asks_to_stop(text)
    assert parse_reply(text) is None


@pytest.mark.parametrize(
    "written", ["07700900100", "07700 900 100", "447700900100", "+447700900100", "+44 7700 900100"]
)
def test_a_number_is_one_however_it_is_written(written: str) -> None:
    assert normal_number(written) == "+447700900100"


@pytest.mark.parametrize("written", ["", "SAFEGUARD", "x" * 400])
def test_what_is_no_number_is_none(written: str) -> None:
    assert normal_number(written) is None
