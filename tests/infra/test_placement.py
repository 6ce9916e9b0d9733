"""Functions are dealt to stacks by their folder."""

from pathlib import Path

import pytest

from infra.discovery import ROOT, InvalidDeclaration, discover
from infra.placement import STACKS, by_stack, stack_of
from infra.settings import STAGES, settings_of
from invoicing.http.declaration import Layer
from tests.infra.templates import Templates


def test_a_file_belongs_to_the_stack_of_its_folder() -> None:
    stacks = {".": "access", "orders": "sales", "orders/deep": "other", "orders/render.py": "files"}
    assert stack_of(Path("functions/authorize.py"), stacks) == "access"
    assert stack_of(Path("functions/orders/get_order.py"), stacks) == "sales"
    assert stack_of(Path("functions/orders/deep/get_order.py"), stacks) == "other"
    assert stack_of(Path("functions/orders/render.py"), stacks) == "files"


@pytest.mark.parametrize("file", ["functions/things/get_thing.py", "functions/orders/deep/get_order.py"])
def test_a_folder_without_a_stack_is_refused_by_name(file: str) -> None:
    with pytest.raises(
        InvalidDeclaration, match=f"the folder {Path(file).parent.relative_to('functions')} has no"
    ) as no:
        stack_of(Path(file), {".": "access", "orders": "sales"})
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("row", STACKS)
def test_every_row_names_a_folder_or_file(row: str) -> None:
    assert (ROOT / "functions" / row).exists()


def test_no_stack_has_a_reserved_name() -> None:
    assert not {"data", "service"} & set(STACKS.values())


def test_every_function_is_in_one_stack() -> None:
    dealt = [found for functions in by_stack(discover()).values() for found in functions]
    assert sorted(found.name for found in dealt) == [found.name for found in discover()]


def test_the_users_of_the_documents_layer_share_a_stack() -> None:
    users = {
        name
        for name, functions in by_stack(discover()).items()
        for found in functions
        if Layer.DOCUMENTS in found.declaration.layers
    }
    assert len(users) == 1


def test_each_function_is_deployed_with_its_stack(templates: Templates) -> None:
    stacks = {stack.name: set(stack.functions()) for stack in templates.of_functions}
    optional = {found.name for found in discover() if found.declaration.embedded or found.declaration.opt_in}
    assert stacks == {
        f"invoicing-dev-{name}": {found.name for found in functions} - optional
        for name, functions in by_stack(discover()).items()
    }
    assert not {found.declaration.opt_in for found in discover()} & settings_of({}, STAGES).opted_in
