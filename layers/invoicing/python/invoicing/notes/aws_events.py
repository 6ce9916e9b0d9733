"""What S3 tells about objects, as far as it matters here; the rest of its words is tolerated.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from pydantic import BaseModel, ConfigDict

from invoicing.aws.files import FileKey
from invoicing.aws.uploads import Place


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class StoredObject(_Told):
    """Which object it is about."""

    key: str


class ObjectTagged(_Told):
    """That somebody tagged a file where files lie."""

    object: StoredObject

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        return self.object.key.split("/")[0]


class ObjectStored(_Told):
    """That a file was stored where files lie."""

    object: StoredObject

    @property
    def file(self) -> FileKey:
        """The parts of its key."""
        return FileKey.of(self.object.key)

    @property
    def tenant_id(self) -> str:
        """The tenant that it belongs to."""
        return self.file.tenant_id


class ObjectArrived(_Told):
    """That an object is there where announced files arrive."""

    object: StoredObject

    @property
    def place(self) -> Place:
        """For which note it is."""
        return Place.at(self.object.key)

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        return self.place.tenant_id
