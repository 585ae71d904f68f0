from earshot.jobs.policy import QueuePolicy


def test_the_defaults_are_what_the_compatible_api_documents() -> None:
    policy = QueuePolicy()
    assert policy.jobs_per_account == 200
    assert (policy.webhook_attempts, policy.webhook_interval_s) == (10, 10.0)


def test_more_jobs_may_wait_in_a_worker_than_compute() -> None:
    policy = QueuePolicy()
    assert policy.jobs_per_worker > policy.parts_per_worker >= 1


def test_one_account_cannot_have_all_of_a_worker() -> None:
    policy = QueuePolicy()
    assert policy.jobs_per_worker >= 2 * policy.jobs_per_account_and_worker


def test_what_may_decode_at_once_is_bounded_by_the_cores() -> None:
    assert QueuePolicy(parts_per_worker=3).prepares_per_worker == 6
