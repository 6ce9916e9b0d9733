"""The `invoicing` command."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from types import FrameType
from typing import TYPE_CHECKING

from infra.local.failure import LocalError

if TYPE_CHECKING:
    from infra.local.ministack import Ministack
    from infra.local.reload import Reloader, Versions

_DOCUMENTS = {
    "openapi": ("the OpenAPI 3.1 document", "infra.openapi:text"),
    "events": ("the JSON Schemas of the events", "infra.event_schemas:text"),
    "collection": ("the Postman collection", "infra.clients.collection:text"),
    "llms": ("the API for language models, as llms.txt", "infra.clients.llms:text"),
}
"""The documents that a command prints: their description and the function that writes them."""
_LOOK_SECONDS = 1
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Mistakes that the user can correct are one line on standard error."""
    options = _parser().parse_args(arguments)
    for number in _ENDINGS:
        signal.signal(number, _leave)
    try:
        match options.command:
            case "local":
                _local(options.port, options.folder, keep=options.keep)
            case "demo":
                _demo(Path(options.output))
            case "tenant":
                {"create": _create_tenant, "update": _update_tenant}[options.action](options)
            case "smoke" | "reports" | "doctor" | "bank" as command:
                return {"smoke": _smoke, "reports": _rebuild, "doctor": _doctor, "bank": _import}[command](options)
            case "listen":
                _listen(options)
            case "client":
                _client(Path(options.output))
            case document:
                _write(document, options.output)
    except LocalError as error:
        print(f"invoicing: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # For these two it is the normal end; for other commands it is a failure.
        return 0 if options.command in {"local", "listen"} else 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="invoicing", description="The invoicing service on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="deploy the stack on this machine and run the main job, step by step")
    demo.add_argument(
        "--output",
        default="invoice.pdf",
        help="where the invoice's PDF is left; the SEPA file is beside it (%(default)s)",
    )
    local = commands.add_parser("local", help="keep the stack running on this machine, with a demo tenant")
    local.add_argument("--port", type=_port, default=4566, help="port on loopback, 0 for any free one (%(default)s)")
    local.add_argument(
        "--folder",
        type=Path,
        default=Path(".local"),
        help="of stack.json; each stack has its own (%(default)s)",
    )
    local.add_argument("--keep", action="store_true", help="keep the data in the folder for the next start")
    listen = commands.add_parser("listen", help="pass the events of a service on to a program on this machine")
    listen.add_argument("target", metavar="URL", help="where the program listens, such as http://localhost:3000/hooks")
    listen.add_argument("--events", default="*", help="names or patterns, separated by commas (%(default)s)")
    _add_service(listen)
    smoke = commands.add_parser("smoke", help="check that the AWS account of a deployed stage behaves as assumed")
    smoke.add_argument("--stage", default="dev", help="the deployed stage (%(default)s)")
    smoke.add_argument("--plan", action="store_true", help="print what it creates and costs, and end")
    for name, (document, _) in _DOCUMENTS.items():
        printed = commands.add_parser(name, help=f"print {document}")
        printed.add_argument("--output", help="write it to this file instead")
    client = commands.add_parser("client", help="write the typed Python client")
    client.add_argument("--output", default="client", help="the folder of the package (%(default)s)")
    doctor = commands.add_parser("doctor", help="check the quotas and the e-mail account of a stage's AWS account")
    doctor.add_argument("--stage", default="dev", help="the stage (%(default)s)")
    _add_tenant_commands(commands.add_parser("tenant", help="companies of a deployed service"))
    _add_bank_commands(commands.add_parser("bank", help="statements of banks"))
    _add_report_commands(commands.add_parser("reports", help="the reports of a company of a deployed service"))
    return parser


def _add_service(command: argparse.ArgumentParser) -> None:
    command.add_argument("--api", help="the service's URL; its admin's key is in INVOICING_API_KEY")
    command.add_argument("--folder", type=Path, default=Path(".local"), help="of a running `local` (%(default)s)")


def _add_bank_commands(bank: argparse.ArgumentParser) -> None:
    actions = bank.add_subparsers(dest="action", required=True)
    imported = actions.add_parser("import", help="import a file: camt, MT940, MT942, CSV, or a ZIP of them")
    imported.add_argument("file", metavar="FILE", type=Path, help="the file")
    imported.add_argument("--account", metavar="ID", help="the bank account, which CSV files need")
    imported.add_argument("--profile", type=Path, metavar="JSON", help="a csv_profile in place of the account's")
    _add_service(imported)


def _add_report_commands(reports: argparse.ArgumentParser) -> None:
    actions = reports.add_subparsers(dest="action", required=True)
    rebuild = actions.add_parser("rebuild", help="recompute the changes of balances in a month from the timelines")
    rebuild.add_argument("tenant_id", metavar="TENANT", help="the company's id, ten_…")
    rebuild.add_argument("--month", required=True, type=_month, metavar="YYYY-MM", help="the month, in UTC")
    rebuild.add_argument("--check", action="store_true", help="compare only; the exit code is 1 if they differ")
    rebuild.add_argument("--stage", default="dev", help="the deployed stage (%(default)s)")


def _add_tenant_commands(tenant: argparse.ArgumentParser) -> None:
    actions = tenant.add_subparsers(dest="action", required=True)
    create = actions.add_parser(
        "create",
        help="create a company and print its first admin's key, once",
        description="Create a company. In a terminal, the command asks for everything that an invoice needs.",
    )
    create.add_argument("--name", help="the company's legal name")
    create.add_argument("--country", help="ISO 3166-1 code of its seat")
    create.add_argument("--email", help="the first admin's e-mail address")
    create.add_argument("--file", type=Path, help="JSON with fields of PATCH /tenant, and `admin`")
    create.add_argument(
        "--set",
        dest="values",
        action="append",
        type=_assignment,
        default=[],
        metavar="POINTER=VALUE",
        help="a field by its pointer, such as /vat_id=DE123456788; repeatable",
    )
    update = actions.add_parser("update", help="change what only the operator changes about a company")
    update.add_argument("tenant_id", metavar="TENANT", help="the company's id, ten_…")
    update.add_argument(
        "--revoke-identity",
        dest="revoke",
        action="append",
        default=[],
        metavar="IDENTITY",
        help="an address or domain that the company may no longer send e-mail from; repeatable",
    )
    for command in (create, update):
        command.add_argument("--stage", default="dev", help="the deployed stage (%(default)s)")
        command.add_argument(
            "--grant-identity",
            dest="grant",
            action="append",
            default=[],
            metavar="IDENTITY",
            help="an address or domain that the company may send e-mail from; repeatable",
        )
        command.add_argument("--email-daily-limit", type=int, metavar="N", help="how many e-mails it may send a day")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _month(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("a month is written as 2026-11") from None


def _assignment(text: str) -> tuple[str, str]:
    pointer, equals, value = text.partition("=")
    if not pointer.startswith("/") or not equals:
        raise argparse.ArgumentTypeError("a field is set as /pointer=value")
    return pointer, value


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as after an exception, so that all cleanup runs, which nothing may interrupt."""
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _local(port: int, folder: Path, *, keep: bool) -> None:
    # Here and below: the CDK, boto3 and the functions take seconds to import, and each command needs only some.
    from infra.local.assembly import ROOT
    from infra.local.reload import Reloader, versions
    from infra.local.stack import announced, reserved, running_stack

    kept = folder / "kept" if keep else None
    with reserved(folder), running_stack(port, kept) as stack, ExitStack() as opened:
        loaded = versions(ROOT)
        reloader = Reloader(stack.aws.url, ROOT)
        for line in reloader.reload_outdated():
            print(line)
        opened.enter_context(announced(stack, folder / "stack.json"))
        shown = {
            "API": stack.api_url,
            "Documentation": stack.docs_url,
            "Mailbox": stack.mailbox_url,
            "AWS endpoint": stack.aws.url,
            **{f"Key, {role}": key for role, key in stack.api_keys.items()},
            "Other tenant": stack.other_tenant_api_key,
        }
        width = max(map(len, shown)) + 2
        print("", *(f"{name:{width}}{value}" for name, value in shown.items()), "", sep="\n")
        print(f"curl -H 'Authorization: Bearer {stack.api_keys['admin']}' {stack.api_url}/invoices")
        print("Changed code is reloaded. Ctrl-C ends it.", flush=True)
        _reload_changes(stack.aws, reloader, loaded)


def _reload_changes(aws: "Ministack", reloader: "Reloader", loaded: "Versions") -> None:
    """Reload code that changes after these versions, until the user ends it."""
    from infra.local.reload import changed, versions

    while True:
        aws.wait(_LOOK_SECONDS)
        now = versions(reloader.root)
        # Files that are being written are loaded at the next look.
        if now != loaded and now == versions(reloader.root):
            for line in reloader.reload(changed(loaded, now)):
                print(line, flush=True)
            loaded = now


def _require_folder_of(output: Path) -> None:
    """Refuse an output that cannot be written, before the work of minutes that it is the result of."""
    if not output.parent.is_dir():
        raise LocalError(f"There is no folder {output.parent} for {output.name}.")
    if output.is_dir():
        raise LocalError(f"{output} is a folder; name a file in it.")


def _demo(output: Path) -> None:
    _require_folder_of(output)
    from infra.local.demo import demo
    from infra.local.stack import running_stack

    with running_stack() as stack:
        demo(stack, output)


def _listen(options: argparse.Namespace) -> None:
    from infra.local.listen import listen
    from infra.local.service import service_of

    api_url, key = service_of(options.folder, options.api, os.environ.get("INVOICING_API_KEY"))
    listen(options.target, api_url=api_url, key=key, events=options.events.split(","), show=_print)


def _import(options: argparse.Namespace) -> int:
    """Print one line for each statement. The exit code is 1 if a part of the file was not read or imported."""
    from infra.local.bank import import_file
    from infra.local.service import service_of

    api_url, key = service_of(options.folder, options.api, os.environ.get("INVOICING_API_KEY"))
    is_whole = import_file(
        options.file, api_url=api_url, key=key, account=options.account, profile=options.profile, show=_print
    )
    return int(not is_whole)


def _print(line: str) -> None:
    print(line, flush=True)


def _smoke(options: argparse.Namespace) -> int:
    from infra.local.smoke import smoke

    return smoke(options.stage, plan_only=options.plan)


def _create_tenant(options: argparse.Namespace) -> None:
    from infra.local import company
    from infra.local.tenant import create

    flags = [("/name", options.name), ("/address/country", options.country), ("/admin/email", options.email)]
    created = create(
        company.read(options.file, [*flags, *options.values]),
        stage=options.stage,
        identities=options.grant,
        daily_limit=options.email_daily_limit,
        ask=_ask if sys.stdin.isatty() and sys.stderr.isatty() else None,
    )
    tenant, admin = created.company.tenant, created.company.admin
    print(f"Tenant   {tenant.id}   {tenant.name}")
    print(f"Admin    {admin.id}   {admin.email}")
    print(f"API key  {created.company.secret}")
    print("The key is shown this once; only its hash is kept.")
    for one in created.missing:
        print(f"Missing to {one.needed_to.replace('_', ' ')}: {one.pointer}   {one.message}")
    if not created.missing:
        print("Ready: invoices can be issued, sent and paid.")


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        raise LocalError("The input ended; nothing was created.")
    return answer


def _update_tenant(options: argparse.Namespace) -> None:
    from infra.local.tenant import update
    from infra.tenants import OperatorChange

    change = OperatorChange(options.grant, options.revoke, options.email_daily_limit)
    tenant = update(options.tenant_id, change, stage=options.stage)
    print(f"Tenant       {tenant.id}   {tenant.name}")
    print(f"Identities   {', '.join(tenant.email_identities) or 'none'}")
    print(f"Daily limit  {tenant.email_daily_limit} e-mails")


def _rebuild(options: argparse.Namespace) -> int:
    """Print the differences. The exit code is 1 if a check found some."""
    from infra.local.tenant import in_stage
    from infra.reports import rebuild

    done = in_stage(options.stage, lambda: rebuild(options.tenant_id, options.month, check=options.check))
    print(f"{options.month:%Y-%m}: {done.documents} documents, {done.changes} changes of balances, {done.facts} facts.")
    print(f"Stored before: {done.missing} missing, {done.different} different, {done.surplus} surplus.")
    return int(options.check and not done.was_equal)


def _doctor(options: argparse.Namespace) -> int:
    """Print all findings. The exit code is 1 if one is a problem, and 0 with warnings."""
    from infra.local.doctor import doctor

    findings = doctor(options.stage)
    print(*findings, sep="\n")
    return int(any(finding.level == "PROBLEM" for finding in findings))


def _write(document: str, output: str | None) -> None:
    if output is not None:
        _require_folder_of(Path(output))
    _, writer = _DOCUMENTS[document]
    text = resolve_name(writer)()
    if output is None:
        sys.stdout.write(text)
    else:
        Path(output).write_text(text, encoding="utf-8")


def _client(output: Path) -> None:
    from infra.clients.python_client import build

    build(output)
    print(f"The client is in {output}. Install it with: uv pip install {output}")


if __name__ == "__main__":
    sys.exit(main())
