"""Secrets of tenants, encrypted by KMS. Only the tenant and the object that a secret belongs to can open it."""

import base64
from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client


class SecretOwner(NamedTuple):
    """The object that a secret belongs to. KMS authenticates it together with the secret."""

    tenant_id: str
    object_id: str


def seal(secret: bytes, owner: SecretOwner) -> str:
    """Encrypt a secret of its owner; the result is base64."""
    response = client("kms").encrypt(
        KeyId=config.setting("SECRETS_KEY"), Plaintext=secret, EncryptionContext=owner._asdict()
    )
    return base64.b64encode(response["CiphertextBlob"]).decode()


def unseal(sealed: str, owner: SecretOwner) -> bytes:
    """Decrypt a secret. KMS refuses one of another owner."""
    response = client("kms").decrypt(
        KeyId=config.setting("SECRETS_KEY"), CiphertextBlob=base64.b64decode(sealed), EncryptionContext=owner._asdict()
    )
    return response["Plaintext"]
