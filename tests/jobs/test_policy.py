from earshot.jobs.policy import QueuePolicy


def test_the_defaults_are_what_the_compatible_api_documents() -> None:
    policy = QueuePolicy()
    assert policy.jobs_per_account == 200
    assert (policy.webhook_attempts, policy.webhook_interval_s) == (10, 10.0)


def test_more_jobs_may_wait_in_a_worker_than_compute() -> None:
    policy = QueuePolicy()
    assert policy.jobs_per_worker > policy.parts_per_worker >= 1
