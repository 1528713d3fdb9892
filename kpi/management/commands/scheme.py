"""``manage.py scheme``: the scheme as a file, and what it makes of one set of inputs."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.actors import Actor
from core.errors import Refused
from kpi.breakdown import plain
from kpi.formulas import InputFault
from kpi.models import Scheme
from kpi.operations.schemes import import_scheme
from kpi.queries.schemes import newest_approved, scheme_faults
from kpi.scheme import Fault, SchemeContent, SchemeFaults, parsed
from kpi.scheme_files import json_bytes, read_scheme, xlsx_bytes
from kpi.scheme_texts import sentence
from kpi.scoring import Presence, scored

# Whoever has a shell may hand in a draft; a person takes it up and a second one approves it.
_SHELL: Final = Actor(None, "命令行", "", None, frozenset({"market"}), None, door="shell")


class Command(BaseCommand):
    """Three things with a scheme's file (JSON or XLSX).

    ``import FILE [--valid-from 2026-12] [--name …] [--why …]`` makes a draft of it.

    ``export FILE [--number N]`` writes a version, the one in force unless said; the file's
    ending (.json or .xlsx) says how.

    ``score FILE INPUTS.json`` prints the breakdown of one set of inputs as JSON and writes
    nothing; no database is asked. INPUTS.json is {item code: inputs}, inputs as kpi.inputs has
    them; an item that is left out has no source, one with null did not happen: both ways its
    weight is spread. Beside them may stand "presence": {"is_new": false, "present": 20,
    "working": 21}. For example::

        {"M1": {"actual": "182.40", "target": "190"}, "P3c": {"met": 3, "total": 4},
         "D1": {"cases": [{"option": "over90"}]}, "P4": {"mark": 88}, "P1b": null}
    """

    help = "Import, export or try a scheme: import FILE, export FILE, score FILE INPUTS.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of the three, and what it works on."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="import|export|score")
        importing = acts.add_parser("import", help="make a draft of a JSON or XLSX file")
        importing.add_argument("file", type=Path)
        importing.add_argument("--valid-from", default="", help="month of effect, 2026-12")
        importing.add_argument("--name", default="")
        importing.add_argument("--why", default="")
        exporting = acts.add_parser("export", help="write a version to a .json or .xlsx file")
        exporting.add_argument("file", type=Path)
        exporting.add_argument("--number", type=int, help="of the version; in force unless said")
        scoring = acts.add_parser("score", help="print the breakdown of one set of inputs")
        scoring.add_argument("file", type=Path)
        scoring.add_argument("inputs", type=Path, metavar="INPUTS.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the one that was asked for."""
        acts: Mapping[str, Callable[[dict[str, Any]], None]] = {
            "import": self._import,
            "export": self._export,
            "score": self._score,
        }
        acts[options["act"]](options)

    def _import(self, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        try:
            scheme = import_scheme(
                data=_bytes_of(file),
                filename=file.name,
                name=options["name"],
                valid_from=options["valid_from"],
                why=options["why"],
                actor=_SHELL,
                at=clock.now(),
            )
        except Refused as refused:
            lines = [f"{one.field}: {one.message}" for one in refused.problems]
            raise CommandError("\n".join(lines)) from None
        departs = "; departs from 40/20/40/±20" if scheme.departs else ""
        self.stdout.write(f"draft {scheme.number} {scheme.name} ({scheme.valid_from}{departs})")

    def _export(self, options: dict[str, Any]) -> None:
        number, file = options["number"], options["file"]
        scheme = (
            newest_approved() if number is None else Scheme.objects.filter(number=number).first()
        )
        if scheme is None:
            raise CommandError("There is no such version.")
        writers = {".json": json_bytes, ".xlsx": xlsx_bytes}
        if file.suffix.lower() not in writers:
            raise CommandError("The file must end with .json or .xlsx.")
        file.write_bytes(writers[file.suffix.lower()](parsed(scheme.content)))
        self.stdout.write(f"{scheme.number} {scheme.name} -> {file}")

    def _score(self, options: dict[str, Any]) -> None:
        scheme = _scheme_in(options["file"])
        inputs = _inputs_in(options["inputs"])
        presence = _presence(inputs.pop("presence", None))
        if unknown := sorted(set(inputs) - set(scheme.by_code)):
            raise CommandError(f"No such items: {', '.join(unknown)}")
        try:
            breakdown = scored(scheme, inputs, presence)
        except InputFault as fault:
            raise CommandError(f"{fault.path}: {sentence(fault.code, fault.values)}") from None
        self.stdout.write(json.dumps(plain(breakdown), ensure_ascii=False, indent=2))


def _bytes_of(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None


def _scheme_in(file: Path) -> SchemeContent:
    try:
        content = parsed(read_scheme(_bytes_of(file), file.name))
    except Refused as refused:
        raise CommandError(str(refused.message)) from None
    except SchemeFaults as error:
        raise CommandError(_lines(error.faults)) from None
    if faults := scheme_faults(content):
        raise CommandError(_lines(faults))
    return content


def _lines(faults: Sequence[Fault]) -> str:
    return "\n".join(f"{fault.path}: {sentence(fault.code, fault.values)}" for fault in faults)


def _inputs_in(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(_bytes_of(file), parse_float=str)
    except (ValueError, RecursionError):
        raise CommandError(f"{file}: not JSON") from None
    if not isinstance(value, dict) or not all(
        each is None or isinstance(each, dict) for each in value.values()
    ):
        raise CommandError(f"{file}: not {{item code: inputs}}")
    return value


def _presence(value: dict[str, Any] | None) -> Presence | None:
    if value is None:
        return None
    try:
        return Presence(
            is_new=bool(value.get("is_new", False)),
            present=int(value.get("present", 1)),
            working=int(value.get("working", 1)),
        )
    except (TypeError, ValueError):
        raise CommandError("presence: not a number") from None
