"""The layers: pinned, trimmed, compiled and reproducible, and the modules that a worker loads from them."""

import hashlib
import importlib.util
import re
import shutil
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_lambda import Architecture

from infra.constructs import layer_build
from infra.constructs.layer_build import ROOT, LayerNotBuilt, Machine
from infra.constructs.layers import invoicing_layer, packages_layer
from infra.discovery import DeclaredFunction, discover
from invoicing.http.declaration import Layer
from tests.benchmarks.worker import machine, worker_of
from tests.infra.templates import NO_BUNDLING

PACKAGES = ("dependencies", *Layer)
MACHINES: tuple[Machine, ...] = get_args(Machine)
ELF_MACHINE = {"aarch64": 0xB7, "x86_64": 0x3E}
PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def _pins(text: str) -> dict[str, str]:
    return dict(PIN.findall(text))


def _named(name: str) -> DeclaredFunction:
    return next(found for found in discover() if found.name == name)


def _contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A separate project with our layers and nothing built."""
    shutil.copytree(ROOT / "layers", tmp_path / "layers", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("layer", PACKAGES)
def test_versions_in_lambda_are_pinned_alike_everywhere(layer: str) -> None:
    asked = _pins((ROOT / "layers" / layer / "requirements.in").read_text())
    locked = _pins((ROOT / "layers" / layer / "requirements.txt").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    ours = _pins("\n".join(project))
    assert asked
    assert {name: ours.get(name) for name in asked} == asked
    assert {name: locked.get(name) for name in asked} == asked


@pytest.mark.parametrize("layer", PACKAGES)
def test_tests_run_with_the_very_packages_that_lambda_gets(layer: str) -> None:
    locked = _pins((ROOT / "layers" / layer / "requirements.txt").read_text())
    assert locked == {name: metadata.version(name) for name in locked}


@pytest.mark.parametrize("layer", PACKAGES)
def test_requirements_have_hashes_and_no_addresses(layer: str) -> None:
    text = (ROOT / "layers" / layer / "requirements.txt").read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    assert [one for one in requirements if "--hash=sha256:" not in one] == []


@pytest.mark.parametrize("kind", MACHINES)
@pytest.mark.parametrize("layer", PACKAGES)
def test_native_code_is_for_the_machine_that_runs_it(layer: str, kind: Machine) -> None:
    libraries = list(layer_build.packages(layer, kind).rglob("*.so"))
    # Babel is Python only.
    assert bool(libraries) == (layer != Layer.TEXTS)
    assert {int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries} <= {ELF_MACHINE[kind]}


@pytest.mark.parametrize("layer", [*PACKAGES, "invoicing"])
def test_every_module_has_bytecode_that_needs_no_time_stamp(layer: str) -> None:
    folder = layer_build.own_code() if layer == "invoicing" else layer_build.packages(layer, machine())
    modules = list(folder.rglob("*.py"))
    headers = {Path(importlib.util.cache_from_source(str(path))).read_bytes()[:8] for path in modules}
    # The interpreter's number, then the flags: validated by hash, and the hash is not checked.
    assert modules
    assert headers == {importlib.util.MAGIC_NUMBER + (0b01).to_bytes(4, "little")}


@pytest.mark.parametrize("layer", PACKAGES)
def test_layers_contain_only_files_that_functions_read(layer: str) -> None:
    folder = layer_build.packages(layer, machine()) / "python"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert [name for name in names if re.search(r"(^|/)(tests|bin)(/|$)|/RECORD$|/INSTALLER$", name)] == []


@pytest.mark.parametrize("name", ["get_api_key", "sweep_outbox"])
def test_the_smallest_function_loads_each_shared_package(name: str, tmp_path: Path) -> None:
    found = _named(name)
    folder = layer_build.packages("dependencies", machine()) / "python"
    there = {path.stem for path in folder.iterdir() if path.suffix in ("", ".py") and path.name != "__pycache__"}
    files = [file for file in worker_of(found, tmp_path).start(found.module).files if file.is_relative_to(folder)]
    loaded = {file.relative_to(folder).parts[0].removesuffix(".py") for file in files}
    # Libraries that check numbers (IBAN, VAT, LEI) and host names are loaded when a request has one.
    assert there - loaded == {"idna", "stdnum"}


def test_unzipped_layers_stay_below_the_limit_of_lambda() -> None:
    # 250 MB for a function with all its layers, unpacked.
    most = max((found.declaration.layers for found in discover()), key=len)
    for kind in MACHINES:
        layers = [layer_build.packages(layer, kind) for layer in ("dependencies", *most)]
        files = [path for folder in (layer_build.own_code(), *layers) for path in folder.rglob("*")]
        assert sum(path.stat().st_size for path in files if path.is_file()) < 200e6


@pytest.mark.parametrize("found", discover(), ids=lambda found: found.name)
def test_a_worker_compiles_only_its_own_file(found: DeclaredFunction, tmp_path: Path) -> None:
    worker = worker_of(found, tmp_path)
    start = worker.start(found.module)
    assert start.compiled == (worker.paths[0] / found.file,)
    assert start.foreign == ()


def test_clients_and_models_exist_before_the_first_request(tmp_path: Path) -> None:
    found = _named("create_invoice")
    loaded = worker_of(found, tmp_path).told(
        f"import gc, json, {found.module}\nfrom invoicing.aws import clients\n"
        "from invoicing.invoices.drafts.model import RequestedInvoice\n"
        "told = [clients._client.cache_info().currsize, gc.isenabled(), RequestedInvoice.__pydantic_complete__]\n"
        "print(json.dumps([*told, gc.get_freeze_count() > 10_000]))"
    )
    assert loaded == [1, True, True, True]


def test_the_authorizer_loads_the_token_library_only_for_tokens(tmp_path: Path) -> None:
    authorize = _named("authorize")
    worker = worker_of(authorize, tmp_path)
    loaded = worker.told(
        f"import json, {authorize.module}\nbefore = 'jwt' in sys.modules\n"
        "import jwt.algorithms\nprint(json.dumps([before, jwt.algorithms.has_crypto, jwt.__file__]))"
    )
    assert loaded[:2] == [False, True]
    assert loaded[2].startswith(tuple(map(str, worker.paths)))


@pytest.mark.parametrize("name", ["send_email", "resend_deferred_emails"])
def test_mails_format_amounts_with_the_smallest_layer(name: str, tmp_path: Path) -> None:
    found = _named(name)
    worker = worker_of(found, tmp_path)
    written, *files = worker.told(
        f"import json, babel, {found.module}\nfrom decimal import Decimal\n"
        "from invoicing.documents.texts.wording import Wording\n"
        "print(json.dumps([Wording.of('de-DE').money(Decimal('1190.00'), 'EUR'), babel.__file__]))"
    )
    assert written == "1.190,00\u00a0€"
    assert files[0].startswith(tuple(map(str, worker.paths)))
    assert found.declaration.layers == [Layer.TEXTS]


def test_renderers_load_the_pdf_library_only_to_join_files(tmp_path: Path) -> None:
    render = _named("render_document")
    worker = worker_of(render, tmp_path)
    # It requires Pillow too, which is twice its size and which no code here needs.
    loaded = worker.told(
        f"import json, sys, {render.module}\nbefore = 'pikepdf' in sys.modules\n"
        "import pikepdf, invoicing.documents.facturx\n"
        "print(json.dumps([before, 'PIL' in sys.modules, pikepdf.__file__]))"
    )
    assert loaded[:2] == [False, False]
    assert loaded[2].startswith(tuple(map(str, worker.paths)))


def test_the_same_input_gives_the_same_bytes_from_the_cache(project: Path) -> None:
    first = layer_build.own_code(root=project)
    before = _contents(first)
    (first / "python" / "untouched").touch()
    again = layer_build.own_code(root=project)
    assert (again, (again / "python" / "untouched").exists()) == (first, True)
    shutil.rmtree(project / ".layers")
    assert _contents(layer_build.own_code(root=project)) == before


def test_packages_have_the_same_bytes_in_every_build(project: Path) -> None:
    first = _contents(layer_build.packages("dependencies", machine(), root=project))
    assert len(first) > 500
    assert first == _contents(layer_build.packages("dependencies", machine()))


def test_another_line_of_code_gives_another_layer(project: Path) -> None:
    first = layer_build.own_code(root=project)
    with (project / "layers/invoicing/python/invoicing/core/clock.py").open("a") as file:
        file.write("# changed\n")
    second = layer_build.own_code(root=project)
    assert layer_build.fingerprint(first) != layer_build.fingerprint(second)
    assert (second / "python/invoicing/core/clock.py").read_text().endswith("# changed\n")


def test_only_the_newest_layers_are_kept(tmp_path: Path) -> None:
    module = tmp_path / "layers/invoicing/python/invoicing/number.py"
    module.parent.mkdir(parents=True)
    built = []
    for number in range(5):
        module.write_text(f"NUMBER = {number}\n")
        built.append(layer_build.own_code(root=tmp_path))
    assert {path.name for path in (tmp_path / ".layers").iterdir()} == {path.name for path in built[-3:]}


def test_builders_at_the_same_time_leave_one_whole_layer(project: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        built = set(threads.map(lambda _: layer_build.own_code(root=project), range(4)))
    assert [path.name for path in (project / ".layers").iterdir()] == [path.name for path in built]
    assert _contents(*built) == _contents(layer_build.own_code())


def test_a_layer_is_readable_under_any_umask(project: Path) -> None:
    folder = layer_build.own_code(root=project)
    (project / "layers/invoicing/python/invoicing/core/clock.py").chmod(0o600)
    shutil.rmtree(project / ".layers")
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in layer_build.own_code(root=project).rglob("*")}
    assert folder.stat().st_mode & 0o777 == 0o755
    assert modes == {(True, 0o755), (False, 0o644)}


def test_a_package_with_another_hash_is_refused_in_one_line(project: Path) -> None:
    (project / "layers/documents/requirements.txt").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(LayerNotBuilt, match=r"^The packages of the layer documents cannot be installed: .*six") as no:
        layer_build.packages("documents", machine(), root=project)
    assert "\n" not in str(no.value)
    assert list((project / ".layers").iterdir()) == []


def test_a_missing_installer_is_named_in_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(layer_build, "find_uv_bin", missing)
    with pytest.raises(LayerNotBuilt, match=r"^uv is not installed; `uv sync` brings it\.$"):
        layer_build.packages("documents", machine(), root=project)


def test_a_module_that_cannot_be_compiled_is_named_in_one_line(project: Path) -> None:
    (project / "layers/invoicing/python/invoicing/core/clock.py").write_text("now = (\n")
    with pytest.raises(LayerNotBuilt, match=r"^A module cannot be compiled: .*clock\.py"):
        layer_build.own_code(root=project)


def _synthesized(context: dict[str, Any], outdir: Path) -> dict[str, Any]:
    app = App(context=context, outdir=str(outdir), analytics_reporting=False)
    stack = Stack(app, "Layers")
    for name in PACKAGES:
        packages_layer(stack, name, Architecture.ARM_64)
    invoicing_layer(stack)
    found: dict[str, Any] = app.synth().get_stack_by_name("Layers").template["Resources"]
    return {layer["Properties"]["Description"]: layer["Properties"] for layer in found.values()}


def test_a_layer_is_named_by_its_content_and_states_its_runtime(tmp_path: Path) -> None:
    layers = _synthesized({}, tmp_path)
    built = layer_build.fingerprint(layer_build.packages("dependencies", "aarch64"))
    # The CDK derives its own name from the given one.
    asset = hashlib.sha256(built.encode()).hexdigest()
    found = layers["Pinned packages: dependencies."]
    assert found["Content"]["S3Key"] == f"{asset}.zip"
    assert (found["CompatibleArchitectures"], found["CompatibleRuntimes"]) == (["arm64"], ["python3.13"])
    assert (tmp_path / f"asset.{asset}" / "python" / "pydantic" / "main.py").is_file()


def test_templates_can_be_made_without_building_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: object, **__: object) -> Path:
        raise AssertionError

    monkeypatch.setattr(layer_build, "packages", unwanted)
    monkeypatch.setattr(layer_build, "own_code", unwanted)
    assert len(_synthesized(dict(NO_BUNDLING), tmp_path)) == len(PACKAGES) + 1
