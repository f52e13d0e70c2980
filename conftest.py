"""The plugin modules of the gate, one concern each, each after those that it imports."""

pytest_plugins = [
    # the harness
    "fixtures.guard",
    "fixtures.check",
    "fixtures.grounds",
    "fixtures.catalogue",
    "fixtures.environment",
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
    # the gate's own eyes
    "fixtures.eyesight",
    # what is asked before the first look
    "fixtures.fit",
    "fixtures.opening",
    "fixtures.rollout",
    "fixtures.doctor",
    # the embedded deployment, and what is told
    "environments.standin.plugin",
    "reports.plan",
    "reports.early",
    "reports.allure_extras",
    "reports.gate",
    "reports.warden",
]
