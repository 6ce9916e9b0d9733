"""Identifiers of other authorities."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core import identifiers
from invoicing.core.party import ElectronicAddress

SOUND = ["DE136695976", "ATU13585627", "FR40303265045"]


@pytest.mark.parametrize("text", SOUND)
def test_one_wrong_digit_in_a_vat_id_is_noticed(text: str) -> None:
    assert identifiers.vat_id(text)
    wrong = [text[:-1] + digit for digit in "0123456789" if digit != text[-1]]
    assert not any(identifiers.vat_id(one) for one in wrong)


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(sorted(identifiers.EAS)))
def test_any_input_is_accepted_or_refused(text: str, other: str, scheme: str) -> None:
    assert isinstance(identifiers.vat_id(f"DE{text}"), bool)
    assert isinstance(identifiers.leitweg_id(text), bool)
    address = ElectronicAddress.model_construct(scheme=scheme, id=other or "x")
    assert isinstance(identifiers.electronic_address(address), bool)


@pytest.mark.parametrize("place", range(len("991-33333TEST-33")))
def test_one_wrong_character_in_a_leitweg_id_is_noticed(place: int) -> None:
    """ISO 7064 Mod 97-10 finds every single wrong character."""
    sound = "991-33333TEST-33"
    assert identifiers.leitweg_id(sound)
    other = "7" if sound[place] != "7" else "8"
    assert sound[place] == "-" or not identifiers.leitweg_id(sound[:place] + other + sound[place + 1 :])


def test_the_library_is_loaded_at_the_first_check() -> None:
    program = (
        "import sys, functions.customers.create_customer, functions.invoices.create_invoice\n"
        "assert not [name for name in sys.modules if name.startswith('stdnum')]\n"
        "from invoicing.core.identifiers import vat_id\n"
        "assert vat_id('DE136695976') and 'stdnum' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
