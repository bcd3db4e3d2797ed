"""GitLab: the job that deployed the version runs again."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from domain.deployer import Asked, RollbackOrder, Seen
from domain.errors import Permanent, Retry
from integrations.pipelines.api import Api, Json, understood

JOB = "/job/"
OVER = ("success", "failed", "canceled", "skipped")


@dataclass(frozen=True)
class GitLabPipeline:
    """`domain.deployer.Deployer` by retrying a job."""

    api: Api
    name: str = "GitLab"

    async def ask(self, order: RollbackOrder) -> Seen:
        """Ask for the job again: GitLab says at once which job that is now."""
        project, _, job = order.reference.rpartition(JOB)
        if project != order.name or not job.isdecimal():
            raise Permanent(f"the job that deployed {order.version} is not known")
        answer = await self.api.post(f"{_jobs(order)}/{job}/retry")
        if "id" not in answer:
            raise Retry("GitLab did not say which job it began")
        number = str(answer["id"])
        asked = Asked(
            names=(f"{project}{JOB}{number}",),
            complete=True,
            note={"job": number},
            said=f"job {number} was begun",
        )
        return Seen(asked=asked)

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """How the new job is doing."""
        async with understood():
            number = asked.note["job"]
            job = await self.api.get(f"{_jobs(order)}/{quote(number, safe='')}")
            return _state_of(job, asked)

    async def probe(self) -> None:
        """Whose token it is."""
        await self.api.get("/user")


def _jobs(order: RollbackOrder) -> str:
    return f"/projects/{quote(order.name, safe='')}/jobs"


def _state_of(job: Json, before: Asked) -> Seen:
    status, url = str(job["status"]), str(job.get("web_url") or "")
    said = f"job {before.note['job']} is {status}"
    asked = before.model_copy(update={"said": said, "url": url})
    if status == "success":
        return Seen(asked=asked, took=timedelta(seconds=float(job.get("duration") or 0)))
    lost = f"{url or 'the job'} ended with {status}" if status in OVER else ""
    return Seen(asked=asked, lost=lost)
