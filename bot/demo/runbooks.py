"""The demo's two runbooks that can be run; what they ask and change is simulated there."""

from datetime import timedelta

from domain.runbook import Action, HttpRequest, Parameter, Runbook, RunbookStep, Wait

TRINO = "https://trino.prod.example.com"
MINIO = "https://minio.prod.example.com"


def _state(state: str) -> HttpRequest:
    return HttpRequest(method="PUT", url=f"{TRINO}/v1/info/state", send=state)


WITH_STEPS = (
    Runbook(
        id="trino-coordinator-5xx",
        title="Trino coordinator 5xx",
        service="trino",
        body="1. Look at the coordinator's log for restarts.\n"
        "2. Compare the running version with the last one that worked.\n"
        "3. Roll back if it changed within the last half hour.\n"
        "4. Otherwise drain the coordinator and restart it.",
        parameters=(
            Parameter(
                name="unit",
                type="choice",
                choices=("trino", "trino-standby"),
                default="trino",
                description="Which unit is restarted",
            ),
        ),
        steps=(
            RunbookStep(name="Ask the coordinator", http=HttpRequest(url=f"{TRINO}/v1/info")),
            RunbookStep(
                name="Drain it",
                http=_state("SHUTTING_DOWN"),
                safety="reversible",
                undo=Action(http=_state("ACTIVE")),
            ),
            RunbookStep(
                name="Restart it",
                command=("systemctl", "restart", "${unit}"),
                safety="disruptive",
                verify=Action(http=HttpRequest(url=f"{TRINO}/v1/status")),
            ),
            RunbookStep(
                name="Wait until it answers",
                wait=Wait(url=f"{TRINO}/v1/info", every=timedelta(seconds=5)),
                timeout=timedelta(minutes=5),
            ),
            RunbookStep(
                name="Look at the dashboard",
                manual="Look at the error rate for two minutes. Below 1 % it is done.",
            ),
        ),
    ),
    Runbook(
        id="minio-disk-full",
        title="MinIO disk filling up",
        service="minio",
        body="1. Find the bucket that grows.\n"
        "2. Expire old versions.\n"
        "3. Add a drive if it still grows.",
        parameters=(
            Parameter(
                name="bucket",
                pattern=r"[a-z0-9][a-z0-9.-]{2,62}",
                default="events",
                description="The bucket that grows",
            ),
        ),
        steps=(
            RunbookStep(
                name="Ask for its state", http=HttpRequest(url=f"{MINIO}/minio/health/cluster")
            ),
            RunbookStep(
                name="Tell the others", message="Old versions in ${bucket} are being expired."
            ),
            RunbookStep(
                name="Expire old versions",
                manual="Open the console, bucket ${bucket}, Lifecycle: keep one version.",
            ),
        ),
    ),
)
