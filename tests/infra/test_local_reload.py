"""Changed code reaches a running stack; the data stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.constructs import layer_build
from infra.local import deploy
from infra.local.ministack import Ministack, ministack
from infra.local.reload import Reloader, changed, versions

pytestmark = pytest.mark.system

FUNCTION = "functions/greetings/greet.py"
MODULE = "layers/invoicing/python/invoicing/words.py"
SOURCE = """
from invoicing.words import WORD

def declared(function):
    return function

@declared
def handler(event, context):
    print("called")
    return f"{WORD} %s"
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    with ministack(0, tmp_path_factory.mktemp("aws"), roles_hold=False) as running:
        yield running


def _write(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text)


@pytest.fixture
def root(aws: Ministack, tmp_path: Path) -> Iterator[Path]:
    """A repository with one function, which is deployed with the layer."""
    _write(tmp_path, FUNCTION, SOURCE % "world")
    _write(tmp_path, MODULE, "WORD = 'Hello'")
    client = deploy.session().client("lambda", endpoint_url=aws.url)
    layer = client.publish_layer_version(
        LayerName="Ours",
        Description="The invoicing package.",
        Content={"ZipFile": deploy.zipped(layer_build.own_code(root=tmp_path))},
    )
    client.create_function(
        FunctionName="greet",
        Description=FUNCTION,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="functions/greetings/greet.handler",
        Code={"ZipFile": deploy.zipped(tmp_path, [FUNCTION])},
        Layers=[layer["LayerVersionArn"]],
    )
    yield tmp_path
    client.delete_function(FunctionName="greet")
    for name in ("Ours", "invoicing-reloaded"):
        for version in client.list_layer_versions(LayerName=name)["LayerVersions"]:
            client.delete_layer_version(LayerName=name, VersionNumber=version["Version"])


def _greeting(aws: Ministack) -> Any:
    client = deploy.session().client("lambda", endpoint_url=aws.url)
    return json.loads(client.invoke(FunctionName="greet")["Payload"].read())


def _reloaded(reloader: Reloader, root: Path, file: str, text: str) -> list[str]:
    before = versions(root)
    _write(root, file, text)
    return list(reloader.reload(changed(before, versions(root))))


def test_changed_code_of_a_function_is_reloaded(aws: Ministack, root: Path) -> None:
    assert _greeting(aws) == "Hello world"
    reloader = Reloader(aws.url, root)
    assert _reloaded(reloader, root, FUNCTION, SOURCE % "everyone") == ["greet reloaded."]
    assert _greeting(aws) == "Hello everyone"


def test_changed_code_of_the_layer_is_reloaded_again_and_again(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    for word in ("Good morning", "Good evening"):
        assert _reloaded(reloader, root, MODULE, f"WORD = '{word}'") == ["The layer is reloaded in 1 functions."]
        assert _greeting(aws) == f"{word} world"


def test_a_start_replaces_reloaded_code_that_was_reverted(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    _reloaded(reloader, root, FUNCTION, SOURCE % "everyone")
    _reloaded(reloader, root, MODULE, "WORD = 'Good morning'")
    assert _greeting(aws) == "Good morning everyone"
    _write(root, FUNCTION, SOURCE % "world")
    _write(root, MODULE, "WORD = 'Hello'")
    started = Reloader(aws.url, root)
    assert list(started.reload_outdated()) == ["greet reloaded.", "The layer is reloaded in 1 functions."]
    assert _greeting(aws) == "Hello world"
    assert list(started.reload_outdated()) == []


def test_code_that_is_deployed_already_is_not_loaded(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    assert list(reloader.reload_outdated()) == []
    _write(root, MODULE, "WORD = 'Hello'")
    assert list(reloader.reload([MODULE])) == []


def test_many_reloads_of_the_layer_take_no_more_space(aws: Ministack, root: Path) -> None:
    client = deploy.session().client("lambda", endpoint_url=aws.url)
    [unpacked] = aws.log.parent.glob("ministack-*/layers")
    reloader, sizes = Reloader(aws.url, root), []
    for number in range(8):
        _reloaded(reloader, root, MODULE, f"WORD = {f'{number} ' * 1_000!r}")
        assert _greeting(aws).startswith(f"{number} ")
        places = [*(root / ".layers").iterdir(), *unpacked.iterdir()]
        sizes.append(sum(file.stat().st_size for place in places for file in place.rglob("*") if file.is_file()))
        assert len(client.list_layer_versions(LayerName="invoicing-reloaded")["LayerVersions"]) == 1
    # Three builds, the deployed layer and the one in use; an older one goes when the next one is unpacked.
    assert len(list((root / ".layers").iterdir())) == 3
    assert len(list(unpacked.iterdir())) <= 3
    assert sizes[-1] == sizes[3]


def test_code_that_cannot_be_compiled_is_not_loaded(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    [line] = _reloaded(reloader, root, FUNCTION, "def handler(:")
    assert line.startswith(f"{FUNCTION} is not loaded: ")
    [line] = _reloaded(reloader, root, MODULE, "WORD = (")
    assert line.startswith("The layer is not loaded: ")
    assert _greeting(aws) == "Hello world"


def test_a_changed_declaration_needs_a_new_start(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    [line] = _reloaded(reloader, root, FUNCTION, (SOURCE % "you").replace("@declared", "@declared\n@declared"))
    assert "declaration" in line
    assert _greeting(aws) == "Hello you"


def test_new_functions_and_templates_need_a_new_start(aws: Ministack, root: Path) -> None:
    reloader = Reloader(aws.url, root)
    for file in ("functions/greetings/leave.py", "infra/app.py"):
        [line] = _reloaded(reloader, root, file, "")
        assert line.startswith(f"{file} changed: start `invoicing local` again")


def test_layers_are_unpacked_once_for_all_workers(aws: Ministack, root: Path) -> None:
    client = deploy.session().client("lambda", endpoint_url=aws.url)
    [layer] = client.get_function_configuration(FunctionName="greet")["Layers"]
    for name in ("second", "third"):
        _write(root, FUNCTION, SOURCE % name)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="functions/greetings/greet.handler",
            Code={"ZipFile": deploy.zipped(root, [FUNCTION])},
            Layers=[layer["Arn"]],
        )
        assert json.loads(client.invoke(FunctionName=name)["Payload"].read()) == f"Hello {name}"
    workers = [path for path in aws.log.parent.glob("ministack-*/ministack-lambda-*") if path.is_dir()]
    assert len(workers) >= 2
    assert not [path for worker in workers for path in worker.glob("layer*")]
    for name in ("second", "third"):
        client.delete_function(FunctionName=name)
