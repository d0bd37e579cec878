"""The command ``taskworker``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from taskbroker.cli.options import COMMANDS, Command, Option
from taskbroker.errors import TaskbrokerError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code.

    0: done, 1: not done, with the reason on standard error, 2: the command line is wrong.
    """
    given = _parser().parse_args(argv)
    command: Command = given.command
    try:
        run = import_module(f"taskbroker.cli.{command.module}").run
        code: int = run(given)
    except TaskbrokerError as e:
        print(f"taskworker {command.name}: {e}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="taskworker",
        description="Runs, schedules and sends the tasks of an application.",
        epilog="Each option may be given as an environment variable: --max-tasks is"
        " TASKBROKER_MAX_TASKS, APP is TASKBROKER_APP.",
    )
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = words.add_parser(command.name, help=command.help, description=command.help)
        sub.set_defaults(command=command)
        for option in command.options:
            _add(sub, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    variable = option.variable
    preset = os.environ.get(variable) if variable else None
    text = option.help + (f" [{variable}]" if variable else "")
    if option.is_flag:
        is_set = preset not in (None, "", "0", "false", "no")
        parser.add_argument(option.name, action="store_true", default=is_set, help=text)
    elif option.is_positional:
        nargs = "?" if option.optional or preset is not None else None
        parser.add_argument(
            option.attribute,
            metavar=option.name,
            nargs=nargs,
            default=preset if preset is not None else option.default,
            help=text,
        )
    elif option.many:
        parser.add_argument(option.name, action="append", metavar=option.shown, help=text)
    else:
        parser.add_argument(
            option.name,
            metavar=option.shown,
            type=option.type,
            choices=option.choices or None,
            default=preset if preset is not None else option.default,
            help=text,
        )
