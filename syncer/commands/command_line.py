"""Command-line parsing shared by commands that take a config."""

from typing import Any

import typer

from config.message import Message
from syncer.commands.translated_help import ToldCommand

CONFIG, CONFIGS = "config", "configs"


class WorkspaceCommand(ToldCommand):
    """A command that takes one config."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; refuse more than one config, of which the parser would silently take the last.

        Raises typer.BadParameter.
        """
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        given = [param.name for param in order]
        if given.count(CONFIG) > 1 or (CONFIG in given and values.get(CONFIGS)):
            raise typer.BadParameter(_advice(ctx, several=CONFIGS in values), ctx=ctx, param_hint="'--config' / '-c'")
        return super().parse_args(ctx, args)


def _advice(ctx: Any, *, several: bool) -> str:
    if several:
        return Message("one config only; several workspaces roll up as: okrsync report a.yaml b.yaml")
    return Message("one config only; run `okrsync {command}` once for each workspace", command=ctx.info_name)
