"""The whole list of assumptions, and the known differences of emulators."""

from collections.abc import Mapping
from types import MappingProxyType

from infra.conformance import files, gateway, messages, queries, writes
from infra.conformance.assumption import Assumption, registered

MODULES = (writes, queries, files, messages, gateway)
"""The modules with the checks, in the order of the list."""
ASSUMPTIONS: tuple[Assumption, ...] = tuple(
    one for module in MODULES for one in registered() if one.check.__module__ == module.__name__
)
ON_RESOURCES = tuple(one for one in ASSUMPTIONS if one.area != "API Gateway")
"""The assumptions that throw-away resources show."""
ON_A_STAGE = tuple(one for one in ASSUMPTIONS if one.area == "API Gateway")
"""The assumptions that only a deployed stage shows."""

Differences = Mapping[str, str]
"""The names of assumptions that an emulator does not meet, each with the reason."""
IN_AWS: Differences = MappingProxyType({})
EMBEDDED: Differences = MappingProxyType(
    {
        "a_busy_tenant_is_refused": "ministack has no usage plans",
        "a_signed_form_refuses_other_bytes": "ministack checks the policy of a form, and not the checksum of its file",
        "dead_letters_can_be_moved_back": "ministack has no such operation",
        "each_entry_has_its_result": "ministack accepts details that are no JSON",
    }
)
"""Of ministack, the embedded AWS."""
_NO_SIGNATURES = "moto checks no signatures of URLs"
_NO_POLICIES = "moto checks no policies of forms"
MOTO: Differences = MappingProxyType(
    {
        "a_changed_url_is_refused": _NO_SIGNATURES,
        "a_signed_form_refuses_other_bytes": _NO_POLICIES,
        "a_signed_form_refuses_other_fields": _NO_POLICIES,
        "a_signed_url_expires": _NO_SIGNATURES,
        "a_transaction_with_the_same_token_is_applied_once": "moto ignores the token, and botocore never has to retry",
        "an_impossible_update_cancels_with_its_reason": "moto refuses the whole call",
        "dead_letters_can_be_moved_back": "moto has no such operation",
    }
)
