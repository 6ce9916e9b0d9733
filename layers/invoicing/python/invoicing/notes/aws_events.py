"""Events of S3 about objects in the files bucket, as far as this service reads them. Other fields are ignored.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from pydantic import ConfigDict

from invoicing.aws.files import FileKey
from invoicing.aws.uploads import Place, StatementPlace
from invoicing.core.model import Model


class _Part(Model):
    model_config = ConfigDict(frozen=True)


class StoredObject(_Part):
    """The object that the event is about."""

    key: str


class ObjectTagged(_Part):
    """A stored file was tagged."""

    object: StoredObject

    @property
    def tenant_id(self) -> str:
        """The tenant that the file belongs to."""
        return self.object.key.split("/")[0]


class ObjectStored(_Part):
    """A file was stored."""

    object: StoredObject

    @property
    def file(self) -> FileKey:
        """The parts of its key."""
        return FileKey.of(self.object.key)

    @property
    def tenant_id(self) -> str:
        """The tenant that the file belongs to."""
        return self.file.tenant_id


class ObjectArrived(_Part):
    """A client uploaded an object."""

    object: StoredObject

    @property
    def place(self) -> Place:
        """The note and file that it was uploaded for."""
        return Place.at(self.object.key)

    @property
    def tenant_id(self) -> str:
        """The tenant that the note belongs to."""
        return self.place.tenant_id


class StatementArrived(_Part):
    """A client uploaded a file of a bank."""

    object: StoredObject

    @property
    def place(self) -> StatementPlace:
        """The statement and file that it was uploaded for."""
        return StatementPlace.at(self.object.key)

    @property
    def tenant_id(self) -> str:
        """The tenant that the statement belongs to."""
        return self.place.tenant_id
