"""Mutation testing of the code about money, numbers and the table: does a test notice each small change?

    uv run --group mutation python -m tests.mutation                       500 mutants, drawn by a seed
    uv run --group mutation python -m tests.mutation --sample 50 --seed 7
    uv run --group mutation python -m tests.mutation --mutant invoicing.store.cursor:NumberReplacer:3

The exit code is 1 if fewer than 90 % are killed, or a survivor is not explained in survivors.json.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter, defaultdict
from importlib import import_module
from itertools import islice
from pathlib import Path

from tests.mutation.mutants import Mutant, differs, mutants_of
from tests.mutation.targets import TARGETS
from tests.mutation.trial import Result, Verdict, try_all

SAMPLE, SEED = 500, 20
WANTED = 0.9
SURVIVORS = Path(__file__).with_name("survivors.json")
_LOADED_ONCE = ("boto3", "hypothesis", "moto", "moto.dynamodb.models", "moto.s3.models", "pydantic")


def main() -> int:
    """Draw, try, and print the table. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="tests.mutation")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants are drawn (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="the seed that draws them (%(default)s)")
    parser.add_argument("--mutant", action="append", help="one mutant by its name; repeatable")
    parser.add_argument("--module", action="append", choices=TARGETS, help="only mutants of this module; repeatable")
    options = parser.parse_args()
    every = [mutant for module in options.module or TARGETS for mutant in mutants_of(module)]
    random.Random(options.seed).shuffle(every)
    wanted = [mutant for mutant in every if options.mutant is None or mutant.name in options.mutant]
    drawn = list(islice(filter(differs, wanted), options.sample))
    _say(f"{len(drawn)} of {len(every)} mutants of {len(TARGETS)} modules, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="invoicing-mutation-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        for name in _LOADED_ONCE:
            import_module(name)
        verdicts = _tried(drawn, options.seed)
    return _reported(verdicts)


def _tried(drawn: list[Mutant], seed: int) -> dict[Mutant, Verdict]:
    verdicts: dict[Mutant, Verdict] = {}

    def report(mutant: Mutant, result: Result) -> None:
        verdicts[mutant] = result.verdict
        _say(f"{len(verdicts):4} {result.verdict:9} {mutant.name} {result.test}".rstrip())

    try_all(drawn, report, seed)
    return dict(sorted(verdicts.items()))


def _reported(verdicts: dict[Mutant, Verdict]) -> int:
    """Print the figures of each module and the survivors; the exit code."""
    explained = json.loads(SURVIVORS.read_text(encoding="utf-8"))
    counts: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    for mutant, verdict in verdicts.items():
        counts[mutant.module][verdict] += 1
    _say(f"\n{'':40}{'mutants':>9}{'killed':>9}{'of these by time':>18}{'survived':>10}")
    for module, found in counts.items():
        killed = found[Verdict.KILLED] + found[Verdict.TIMED_OUT]
        timed_out, survived = found[Verdict.TIMED_OUT], found[Verdict.SURVIVED]
        _say(f"{module:40}{found.total():>9}{killed:>9}{timed_out:>18}{survived:>10}")
    survivors = [mutant for mutant, verdict in verdicts.items() if verdict is Verdict.SURVIVED]
    for mutant in survivors:
        _say(f"\n{mutant.name}\n  {explained.get(mutant.change, 'NOT EXPLAINED')}")
        _say(*(f"  {line}" for line in mutant.difference()))
    rate = 1 - len(survivors) / max(len(verdicts), 1)
    _say(f"\n{len(verdicts)} mutants, {rate:.1%} killed; wanted {WANTED:.0%}.")
    return 0 if rate >= WANTED and all(mutant.change in explained for mutant in survivors) else 1


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
