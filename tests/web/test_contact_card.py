"""The addresses pages come from, to be saved on a telephone."""

from domain.installation import Installation
from tests.fakes.whole_site import whole_site_over

PATH = "/me/contact.vcf"


async def test_who_is_signed_in_can_save_the_senders(company):
    """As a file that a telephone opens; nobody else gets it."""
    site = whole_site_over(company)
    async with site.client("dave") as client:
        assert (await client.get(PATH)).status_code == 404
        site.store.installation = Installation(senders={"email": "tocsin@example.com"})
        saved = await client.get(PATH)
    assert saved.headers["content-type"].startswith("text/vcard")
    assert saved.headers["content-disposition"] == 'attachment; filename="tocsin.vcf"'
    assert "EMAIL;TYPE=INTERNET:tocsin@example.com\r\n" in saved.text
    async with site.outside() as client:
        assert (await client.get(PATH)).status_code == 404
    async with site.client() as client:
        assert (await client.get(PATH)).status_code == 401
