"""What the four commands share: their log, their error boundary and their JSON output.

Standard output carries results only; the log goes to standard error.
"""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from engines.errors import FesError

EXIT_UNEXPECTED: Final = 1
EXIT_INTERRUPTED: Final = 130
OWN_LOGS: Final = ("fes", "engines", "realtime", "offline", "benchmarks")

log = logging.getLogger("fes")


def setup_log(debug: bool) -> None:
    """Send the log to standard error: own INFO, others' WARNING, or everything with ``debug``."""
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    for name in OWN_LOGS:
        logging.getLogger(name).setLevel(logging.DEBUG if debug else logging.INFO)


def print_json(value: object) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def run_command(command: click.Command, argv: list[str] | None = None) -> int:
    """Run a click command and turn every way it can end into an exit code.

    Parameters
    ----------
    command
        The command group of one program. It must define ``--debug`` and call
        :func:`setup_log`.
    argv
        Arguments without the program's name; ``sys.argv[1:]`` by default.

    Returns
    -------
    int
        0 ok, 1 unexpected, 2 usage, 3 source, 4 model, 130 interrupted.
    """
    debug = "--debug" in (sys.argv[1:] if argv is None else argv)
    try:
        result = command.main(args=argv, standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except FesError as error:
        return _report(error, error.exit_code, debug)
    except Exception as error:  # the last boundary before the shell
        return _report(error, EXIT_UNEXPECTED, debug)
    return result if isinstance(result, int) else 0


def _report(error: Exception, exit_code: int, debug: bool) -> int:
    if debug:
        log.exception("failed")
    text = str(error) or type(error).__name__
    if exit_code == EXIT_UNEXPECTED:
        text = (
            f"unexpected {type(error).__name__}: {text} (run again with --debug for the traceback)"
        )
    click.echo(f"error: {text}", err=True)
    return exit_code


def option_debug(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--debug`` to a command."""
    return click.option("--debug", is_flag=True, help="Log more, and show tracebacks.")(function)
