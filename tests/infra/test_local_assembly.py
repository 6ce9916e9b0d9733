"""The synthesized app is kept by its content: one synthesis for each change."""

from pathlib import Path

import pytest

from infra.local import assembly as module
from infra.local.assembly import assembly, digest

CONTEXT = {"stage": "local"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository."""
    for file in ("cdk.json", "pyproject.toml", "infra/app.py", "functions/a/b.py", "layers/invoicing/python/c.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("1")
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The syntheses that were run, which write an empty app."""
    runs: list[Path] = []

    def synthesize(_context: object, folder: Path) -> Path:
        runs.append(folder)
        (folder / "cdk.out").mkdir()
        (folder / "cdk.out" / "manifest.json").write_text("{}")
        return folder / "cdk.out"

    monkeypatch.setattr(module, "_synthesized", synthesize)
    return runs


def test_the_app_is_synthesized_once_per_change(root: Path, made: list[Path]) -> None:
    first = assembly(CONTEXT, root=root)
    assert (first / "manifest.json").read_text() == "{}"
    assert assembly(CONTEXT, root=root) == first
    assert len(made) == 1
    (root / "functions/a/b.py").write_text("2")
    assert assembly(CONTEXT, root=root) != first
    assert len(made) == 2
    assert not any(folder.exists() for folder in made)


@pytest.mark.parametrize(
    "file", ["functions/a/b.py", "functions/a/new.py", "layers/invoicing/python/c.py", "infra/app.py", "cdk.json"]
)
def test_each_source_changes_the_app(root: Path, file: str) -> None:
    before = digest(CONTEXT, root=root)
    (root / file).write_text("2")
    assert digest(CONTEXT, root=root) != before


def test_the_context_changes_the_app(root: Path) -> None:
    assert digest(CONTEXT, root=root) != digest({"stage": "other"}, root=root)


@pytest.mark.parametrize("file", ["infra/README.md", "infra/local/cli.py", "functions/__pycache__/b.pyc"])
def test_other_files_do_not_change_the_app(root: Path, file: str) -> None:
    before = digest(CONTEXT, root=root)
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text("2")
    assert digest(CONTEXT, root=root) == before


def test_only_the_newest_apps_are_kept(root: Path, made: list[Path]) -> None:
    for number in range(4):
        (root / "cdk.json").write_text(str(number))
        newest = assembly(CONTEXT, root=root)
    kept = sorted(path.name for path in (root / ".layers").iterdir())
    assert len(kept) == 2
    assert newest.name in kept
