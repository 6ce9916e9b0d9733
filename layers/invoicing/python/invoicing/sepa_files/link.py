"""Links that open one XML file for the bank without credentials, for a day at most."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from invoicing.core.event import About, Event
from invoicing.core.identity import Moment
from invoicing.core.ids import FileId, SepaFileId
from invoicing.core.model import Secret, instant_text
from invoicing.downloads.model import FileLink
from invoicing.sepa_files.events import SepaFileDownloaded, SepaFileLinkCreated, SepaFileLinkRevoked
from invoicing.sepa_files.model import SepaDocument, SepaFile


class SepaFileLink(FileLink):
    """A link that opens an XML file of a SEPA file, until it expires or is revoked, or the file is replaced."""

    object: Literal["sepa_file_link"] = "sepa_file_link"
    sepa_file_id: SepaFileId
    """Identifier of the SEPA file, `spf_` followed by a ULID."""
    file: FileId
    """Identifier of the XML file that the link opens, as in `files` of the SEPA file."""

    def about(self, event: Event) -> About:
        """An event in the timeline of the SEPA file."""
        return About(SepaFile, self.sepa_file_id, event)

    @property
    def _facts(self) -> dict[str, str]:
        return {"sepa_file_id": self.sepa_file_id, "link_id": self.id}

    @property
    def creation(self) -> SepaFileLinkCreated:
        """The event of its creation."""
        return SepaFileLinkCreated(**self._facts, file=self.file, expires_at=instant_text(self.expires_at))

    @property
    def revocation(self) -> SepaFileLinkRevoked:
        """The event of its revocation."""
        return SepaFileLinkRevoked(**self._facts)

    def use(self, network: str | None) -> SepaFileDownloaded:
        """The event of a download from a network."""
        return SepaFileDownloaded(**self._facts, file=self.file, network=network)


class NewSepaFileLink(SepaFileLink):
    """A new link to a SEPA file, with the URL that opens it. Only a hash of the URL's token is stored."""

    url: Annotated[str, Secret]
    """URL that opens the XML file. It is returned once; null when the same response is replayed."""

    @classmethod
    def new(
        cls, id_: str, file: SepaFile, document: SepaDocument, url: str, *, expires_in: int, moment: Moment
    ) -> Self:
        """A link that is valid from now for this number of seconds."""
        return cls(
            id=id_,
            sepa_file_id=file.id,
            file=document.id,
            url=url,
            expires_at=moment.at + timedelta(seconds=expires_in),
            **moment.created,
        )
