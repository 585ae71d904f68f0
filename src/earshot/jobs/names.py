"""The names under which jobs are known to the workflow engine; they outlive every release."""

# Workflows of any other version are not run, and ours must survive an upgrade: so, a constant.
# A change that old workflows cannot follow needs a workflow of a new name beside the old one.
APPLICATION_VERSION = "earshot-1"
APPLICATION = "earshot"

JOBS = "jobs"
PARTS = "parts"
WEBHOOKS = "webhooks"
CHORES = "chores"
QUEUES = (JOBS, PARTS, WEBHOOKS, CHORES)

RUN_JOB = "run_job"
RUN_PART = "run_part"
DELIVER_WEBHOOK = "deliver_webhook"
SWEEP = "sweep"


def part_workflow_id(job_id: str, part_index: int) -> str:
    return f"{job_id}:part:{part_index}"


def webhook_workflow_id(job_id: str) -> str:
    """One id per job is what keeps a second announcement from becoming a second webhook."""
    return f"{job_id}:webhook"
