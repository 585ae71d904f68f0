from earshot.jobs import names


def test_names_that_stored_jobs_go_by_never_change() -> None:
    assert names.APPLICATION_VERSION == "earshot-1"
    assert (names.RUN_JOB, names.RUN_PART) == ("run_job", "run_part")
    assert (names.DELIVER_WEBHOOK, names.SWEEP) == ("deliver_webhook", "sweep")


def test_a_jobs_workflows_have_ids_of_their_own() -> None:
    ids = {"job", names.webhook_workflow_id("job"), names.part_workflow_id("job", 0)}
    assert len(ids | {names.part_workflow_id("job", 1)}) == 4
