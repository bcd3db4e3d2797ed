"""GitLab: the job that deployed the version runs again."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from domain.errors import Permanent, Retry
from domain.ports import RollbackOrder, RolledBack
from integrations.pipelines.api import Api, Json, Patience

JOB = "/job/"
OVER = ("success", "failed", "canceled", "skipped")


@dataclass(frozen=True)
class GitLabPipeline:
    """`domain.ports.Deployer` by retrying a job."""

    api: Api
    patience: Patience
    name: str = "GitLab"

    async def roll_back(self, order: RollbackOrder) -> RolledBack:
        """Ask for the job again, and wait for the end of the new one."""
        project, _, job = order.reference.rpartition(JOB)
        if project != order.name or not job.isdecimal():
            raise Permanent(f"the job that deployed {order.version} is not known")
        jobs = f"/projects/{quote(project, safe='')}/jobs"
        path = f"{jobs}/{(await self._again(f'{jobs}/{job}'))['id']}"

        async def ended() -> Json:
            now = await self.api.get(path)
            return now if now["status"] in OVER else None

        done = await self.patience.until(ended, "the job")
        url = str(done.get("web_url") or "")
        if done["status"] != "success":
            raise Retry(f"{url or 'the job'} ended with {done['status']}")
        return RolledBack(took=timedelta(seconds=float(done.get("duration") or 0)), url=url)

    async def _again(self, job: str) -> Json:
        answer = await self.api.post(f"{job}/retry")
        if "id" not in answer:
            raise Retry("GitLab did not say which job it began")
        return answer
