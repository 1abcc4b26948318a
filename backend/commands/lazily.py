"""Groups of commands that are loaded when one of theirs is asked for: most of them bring the whole program."""

from collections.abc import MutableMapping
from importlib import import_module
from typing import Any, cast

import click


class Lazy(click.Group):
    """Stands for the group of this name in ``module``, which is imported when anything but name and ``summary``,
    the first sentence of its help, is asked: the list of all commands is there at once.
    """

    def __init__(self, name: str, module: str, summary: str) -> None:
        self._module = module
        super().__init__(name, help=summary)

    @property
    def whole(self) -> click.Group:
        return cast("click.Group", getattr(import_module(self._module), str(self.name)))

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        return self.whole.commands

    @commands.setter
    def commands(self, _: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The group itself has them."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        return self.whole.make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        return self.whole.invoke(ctx)
