"""What is wrong with an installation, for its admins, in a browser."""

from tests.fakes.site import Site
from tests.fakes.whole_site import whole_site_over

HTML = {"Accept": "text/html"}
PATH = "/admin/doctor"


async def test_an_admin_sees_what_is_to_mend_first(company):
    """With what to do about it; every word is escaped."""
    site: Site = whole_site_over(company)
    async with site.client("alice", **HTML) as client:
        page = (await client.get(PATH)).text
    assert "<h1>1 to mend</h1>" in page
    assert "gap in &lt;Web&gt;" in page
    assert "fix: tocsin apply config/" in page
    assert page.index("gap in") < page.index("missing scope") < page.index("1.2 ms")


async def test_a_program_gets_the_same(company):
    """As the command line prints it."""
    site: Site = whole_site_over(company)
    async with site.client("alice", Accept="application/json") as client:
        found = (await client.get(PATH)).json()
    assert [one["level"] for one in found] == ["ok", "failure", "warning"]


async def test_it_is_nobody_elses_business(company):
    """A commander's neither."""
    site: Site = whole_site_over(company)
    for person in ("bob", "dave", "erin"):
        async with site.client(person, **HTML) as client:
            assert (await client.get(PATH)).status_code == 403
