"""The plugin modules of the gate, one concern each, each after those that it imports."""

pytest_plugins = [
    # the harness
    "fixtures.guard",
    "fixtures.check",
    "fixtures.grounds",
    "fixtures.environment",
    "fixtures.catalogue",
    "fixtures.outcome",
    "fixtures.observations",
    "fixtures.trial",
    # the subjects
    "fixtures.budget",
    "fixtures.network",
    "fixtures.api",
    "fixtures.auth",
    "fixtures.deployment",
    "fixtures.websocket",
    "fixtures.database",
    "fixtures.cache",
    "fixtures.workers",
    "fixtures.monitoring",
    "fixtures.frontend",
    "fixtures.host",
    # what is asked before the first look
    "fixtures.rollout",
    "fixtures.doctor",
    # the embedded deployment, and what is told
    "environments.standin.plugin",
    "reports.early",
    "reports.gate",
]
