"""The file of a running stack for other programs, and the errors of the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import cli, deploy
from infra.local import stack as module
from infra.local.failure import LocalError
from infra.local.ministack import Ministack
from infra.local.stack import Stack, announced


@pytest.fixture
def stack() -> Stack:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return Stack(Ministack("http://127.0.0.1:1", process, Path("log")), {}, "ten_1", "usr_1", {"admin": "key"}, "other")


def test_the_stack_file_has_everything_that_a_program_needs(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / ".local" / "stack.json"
    with announced(stack, file):
        assert json.loads(file.read_text()) == {
            "api_url": "http://127.0.0.1:1/v1",
            "tenant_id": "ten_1",
            "aws_endpoint_url": "http://127.0.0.1:1",
            "mailbox_url": "http://127.0.0.1:1/mailbox",
            "api_keys": {"admin": "key"},
            "other_tenant_api_key": "other",
        }
        assert [path.name for path in file.parent.iterdir()] == ["stack.json"]


def test_the_stack_file_is_removed_with_the_stack(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / ".local" / "stack.json"

    def use() -> None:
        with announced(stack, file):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert list(file.parent.iterdir()) == []


def test_a_kept_stack_that_cannot_be_updated_is_named(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> dict[str, str]:
        raise LocalError("invoicing-local-data cannot be deployed: no.")

    monkeypatch.setattr(deploy, "deploy", fail)
    with pytest.raises(LocalError, match=r"^invoicing-local-data cannot be deployed: no\.$"):
        module._deployed(tmp_path, stack.aws, None)
    with pytest.raises(LocalError, match=f"no. The kept stack may be too old: remove {tmp_path}/kept "):
        module._deployed(tmp_path, stack.aws, tmp_path / "kept")


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_an_invalid_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        cli.main(["local", "--port", port])
    assert refused.value.code == 2
    assert "--port" in capsys.readouterr().err
