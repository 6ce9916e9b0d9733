"""The fuzzer finds no error in some thousand inputs. By hand it can run without a limit."""

import importlib.util
import re
import subprocess
import sys

import pytest

ROUNDS = 20_000


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is in the group `fuzz`")
@pytest.mark.parametrize("seed", [1], ids=["0"])
def test_parsers_accept_or_refuse_any_input(seed: int) -> None:
    command = [sys.executable, "-m", "tests.fuzz.parsers", f"-atheris_runs={ROUNDS}", f"-seed={seed}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2_000:]
    found = re.search(r"Done (\d+) in", run.stdout + run.stderr)
    assert found
    assert int(found[1]) >= ROUNDS
