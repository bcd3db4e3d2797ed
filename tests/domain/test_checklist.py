"""Pages of others as runbooks: their names, what is refused, and which runbook is suggested."""

import pytest

from domain.checklist import MOST_BODY, ImportedPage, NotAdopted, Step, adopted, differs, slug
from domain.runbook import MOST_STEPS, Runbook
from domain.runbook_suggestion import Trouble, suggested, urls_of
from tests.fakes.stores import NOON

URL = "https://example.com/books/DiskFull.md"
LOOK = Step(words="Look at ${HOME}", commands="df -h")


def page(**changes: object) -> ImportedPage:
    """A page about disks."""
    told = {"url": URL, "name": "a/DiskFull.md", "title": "Disk full", "body": "# Disk full"}
    return ImportedPage.model_validate(told | {"steps": (LOOK,), "sha256": "ab"} | changes)


def test_a_page_becomes_a_runbook_for_people():
    """Its steps are manual, nothing in them is filled in, and where it stood is kept."""
    made = adopted(page(), {}, NOON, "minio")
    assert (made.id, made.service, made.environment) == ("disk-full", "minio", "prod")
    assert [one.kind for one in made.steps] == ["manual"]
    assert made.steps[0].manual == "Look at $${HOME}\ndf -h"
    assert made.source is not None
    assert (made.source.url, made.source.at, made.source.sha256) == (URL, NOON, "ab")
    later = NOON.replace(hour=13)
    present = {made.id: (made, None)}
    again = adopted(page(), present, later, None)
    assert not differs(again, present)
    changed = adopted(page(sha256="cd", title="Full disk"), present, later, None)
    assert (changed.id, changed.service, changed.source and changed.source.at) == (
        "disk-full", "minio", later,
    )  # fmt: skip
    assert differs(changed, present)
    assert changed.version != made.version
    assert again.version == made.version


def test_names_that_are_taken():
    """The folder goes before; where that is taken too, the page is refused."""
    other = Runbook(id="disk-full", title="x")
    second = adopted(page(), {"disk-full": (other, "x.md")}, NOON, None)
    assert second.id == "a-disk-full"
    both = {"disk-full": (other, None), "a-disk-full": (other, None)}
    with pytest.raises(NotAdopted, match="there is another runbook disk-full"):
        adopted(page(), both, NOON, None)
    assert slug("KubePodCrashLooping") == "kube-pod-crash-looping"
    assert adopted(page(name="§.md"), {}, NOON, None).id == "disk-full"
    with pytest.raises(NotAdopted, match="another runbook §"):
        adopted(page(name="§.md", title="§"), {}, NOON, None)


@pytest.mark.parametrize(
    ("body", "why"),
    [(" \n", "there is no text on it"), ("x" * (MOST_BODY + 1), "more than 100,000 characters")],
)
def test_pages_that_are_refused(body: str, why: str):
    """With the reason."""
    with pytest.raises(NotAdopted, match=why):
        adopted(page(body=body), {}, NOON, None)


def test_long_and_empty_steps():
    """As many as a runbook has, each as long as a step may be."""
    many = [Step(words="x" * 3000), Step(words="", commands="a\nb"), Step(words="")]
    made = adopted(page(steps=(*many, *([LOOK] * MOST_STEPS))), {}, NOON, None)
    assert len(made.steps) == MOST_STEPS - 1
    assert (len(made.steps[0].name), len(made.steps[0].manual or "")) == (80, 2000)
    assert made.steps[1].name == "a b"


def test_what_alerts_name_goes_first():
    """Then what was written for the service, then a page elsewhere, then a title that fits."""
    taken = adopted(page(), {}, NOON, None)
    own = Runbook(id="minio", title="MinIO is slow", service="minio", body="disk")
    shelf = [taken, own, Runbook(id="minio-2", title="Another", service="minio")]
    words = "The disk is full"
    urls = urls_of([{"runbook_url": URL}, {"runbook": "see wiki"}, {"runbook_url": URL}])
    assert urls == (URL,)

    def named(**told: object) -> str:
        found = suggested(Trouble.model_validate({"words": words} | told), shelf)
        return f"{found.id or found.url}, {found.why}" if found else ""

    assert named(urls=urls, service="minio") == "disk-full, its alert names it"
    far = ("https://wiki.example.com/x",)
    assert named(urls=far, service="minio") == "minio, written for minio"
    assert named(urls=far).startswith("https://wiki.example.com/x, its alert names it, and")
    assert named(words="nothing", service="minio") == "minio, written for minio"
    assert named() == "disk-full, its title fits the alert"
    assert named(words="a slow thing") == ""
    assert named(words="zebra") == ""
