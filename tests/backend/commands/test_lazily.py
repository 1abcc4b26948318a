"""The list of commands, which loads none of them."""

import inspect

from backend.cli import commands
from backend.commands.lazily import Lazy


def test_the_list_says_of_each_group_what_its_own_help_says_first() -> None:
    groups = [command for command in commands.commands.values() if isinstance(command, Lazy)]
    assert len(groups) > 10
    for group in groups:
        first, *_ = inspect.cleandoc(group.whole.help or "").split("\n\n")
        assert group.help == first, group.name
