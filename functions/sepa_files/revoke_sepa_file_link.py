"""DELETE /sepa-files/{sepa_file_id}/download-links/{sepa_file_link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import LinkId, SepaFileId
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.workflow import revoke
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.errors import SepaFileNotFound
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.table import SepaFileLinkTable


@endpoint(
    "DELETE",
    "/sepa-files/{sepa_file_id}/download-links/{sepa_file_link_id}",
    scope="collection:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_LINKS],
    raises=[SepaFileNotFound, LinkNotFound],
)
def handler(sepa_file_id: SepaFileId, sepa_file_link_id: LinkId, request: Request) -> None:
    """Revoke a download link for an XML file.

    From then on, requests of the link return 410.
    """
    request.store.get(SepaFile, sepa_file_id)
    revoke(request.store, SepaFileLinkTable(), sepa_file_id, sepa_file_link_id)
