"""The `invoicing` command."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from types import FrameType

from infra.local.failure import LocalError

_DOCUMENTS = {
    "openapi": ("the OpenAPI 3.1 document", "infra.openapi:text"),
    "collection": ("the Postman collection", "infra.clients.collection:text"),
    "llms": ("the API for language models, as llms.txt", "infra.clients.llms:text"),
}
"""The documents that a command prints: their description and the function that writes them."""
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Mistakes that the user can correct are one line on standard error."""
    options = _parser().parse_args(arguments)
    for number in _ENDINGS:
        signal.signal(number, _leave)
    try:
        match options.command:
            case "local":
                _local(options.port)
            case "demo":
                _demo(Path(options.output))
            case "smoke":
                return _smoke(options)
            case "tenant" if options.action == "create":
                _create_tenant(options)
            case "tenant":
                _update_tenant(options)
            case "client":
                _client(Path(options.output))
            case document:
                _write(document, options.output)
    except LocalError as error:
        print(f"invoicing: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # For `local` this is the normal end; for other commands it is a failure.
        return 0 if options.command == "local" else 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="invoicing", description="The invoicing service on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="deploy the stack on this machine and run the main job, step by step")
    demo.add_argument("--output", default="invoice.pdf", help="where the invoice's PDF is left (%(default)s)")
    local = commands.add_parser("local", help="keep the stack running on this machine, with a demo tenant")
    local.add_argument("--port", type=_port, default=4566, help="port on loopback, 0 for any free one (%(default)s)")
    smoke = commands.add_parser("smoke", help="check that the AWS account of a deployed stage behaves as assumed")
    smoke.add_argument("--stage", default="dev", help="the deployed stage (%(default)s)")
    smoke.add_argument("--plan", action="store_true", help="print what it creates and costs, and end")
    for name, (document, _) in _DOCUMENTS.items():
        printed = commands.add_parser(name, help=f"print {document}")
        printed.add_argument("--output", help="write it to this file instead")
    client = commands.add_parser("client", help="write the typed Python client")
    client.add_argument("--output", default="client", help="the folder of the package (%(default)s)")
    _add_tenant_commands(commands.add_parser("tenant", help="companies of a deployed service"))
    return parser


def _add_tenant_commands(tenant: argparse.ArgumentParser) -> None:
    actions = tenant.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="enter a company and print its first admin's key, once")
    create.add_argument("--name", required=True, help="the company's name")
    create.add_argument("--country", default="DE", help="ISO 3166-1 code of its seat (%(default)s)")
    create.add_argument("--email", default="admin@tenant.invalid", help="the first admin's address (%(default)s)")
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


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as after an exception, so that all cleanup runs, which nothing may interrupt."""
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _local(port: int) -> None:
    # Here and below: the CDK, boto3 and the functions take seconds to import, and each command needs only some.
    from infra.local.stack import announced, running_stack

    with running_stack(port) as stack, announced(stack):
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
        print("Ctrl-C ends it.", flush=True)
        stack.aws.wait()


def _demo(output: Path) -> None:
    from infra.local.demo import demo
    from infra.local.stack import running_stack

    with running_stack() as stack:
        demo(stack, output)


def _smoke(options: argparse.Namespace) -> int:
    from infra.local.smoke import smoke

    return smoke(options.stage, plan_only=options.plan)


def _create_tenant(options: argparse.Namespace) -> None:
    from infra.local.tenant import create

    entered = create(
        options.name,
        stage=options.stage,
        country=options.country,
        email=options.email,
        identities=options.grant,
        daily_limit=options.email_daily_limit,
    )
    print(f"Tenant   {entered.tenant.id}   {entered.tenant.name}")
    print(f"Admin    {entered.admin.id}   {entered.admin.email}")
    print(f"API key  {entered.secret}")
    print("The key is shown this once; only its hash is kept.")


def _update_tenant(options: argparse.Namespace) -> None:
    from infra.local.tenant import update
    from infra.tenants import OperatorChange

    change = OperatorChange(options.grant, options.revoke, options.email_daily_limit)
    tenant = update(options.tenant_id, change, stage=options.stage)
    print(f"Tenant       {tenant.id}   {tenant.name}")
    print(f"Identities   {', '.join(tenant.email_identities) or 'none'}")
    print(f"Daily limit  {tenant.email_daily_limit} e-mails")


def _write(document: str, output: str | None) -> None:
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
