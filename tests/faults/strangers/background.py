"""What strangers did behind the application: to the workers, and to what watches."""

from __future__ import annotations

from tests.faults.strangers.acts import HandsTied, Relabelled, WorkerTold
from tests.faults.strangers.fault import registry, stranger

FAULTS = registry(
    __name__,
    stranger(
        "worker-at-another-broker",
        "The worker listens at database 1 of the broker, all others at 0.",
        "nobody consumes the queues",
        WorkerTold("broker", "/0", "/1"),
        caught_by="smoke.workers",
    ),
    stranger(
        "worker-fails-every-job",
        "The worker has an old database password: it answers, takes every job, and every job fails.",
        "no job succeeds",
        WorkerTold("database", "password=", "password=old"),
        left_to="workers (workers.jobs-succeed)",
    ),
    stranger(
        "worker-hands-are-tied",
        "The worker's processes hang; it answers to pings itself.",
        "no job is worked on",
        HandsTied(),
        left_to="workers (workers.jobs-succeed, workers.queues-short): it is seen when jobs were due and are not done",
    ),
    stranger(
        "watched-as-another-environment",
        "Prometheus labels what it sees with another environment.",
        "the external label is wrong",
        Relabelled("demo"),
        left_to="monitoring (monitoring.external-labels)",
    ),
)
