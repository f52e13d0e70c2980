"""What watches the stand-in: Prometheus, Alertmanager and the exporters of Debian, and what stands in for the rest."""

from environments.standin.parts import packages
from environments.standin.parts.monitoring.programs import (
    ALERTMANAGER,
    NODE_EXPORTER,
    POSTGRES_EXPORTER,
    PROMETHEUS,
    REDIS_EXPORTER,
)
from environments.standin.parts.monitoring.prometheus import Prometheus, Watching
from environments.standin.parts.monitoring.scripted import EXPORTER_STANDIN, GRAFANA, SINKS, Scripted
from environments.standin.parts.monitoring.watcher import Watcher
from environments.standin.site import Site

__all__ = ["Configured", "monitoring"]
Configured = Watcher | Scripted  # parts with files that can be edited


def monitoring(site: Site) -> tuple[Configured | Watching, ...]:
    """All parts of the group; none where their programs cannot be had, and the references say why."""
    if packages.absent(packages.MONITORING):
        return ()
    prometheus = Prometheus(site, PROMETHEUS)
    watched: tuple[Configured, ...] = (
        *(Scripted(site, script) for script in (SINKS, EXPORTER_STANDIN, GRAFANA)),
        *(Watcher(site, program) for program in (NODE_EXPORTER, POSTGRES_EXPORTER, REDIS_EXPORTER, ALERTMANAGER)),
        prometheus,
    )
    return (*watched, Watching(prometheus, tuple(part.name for part in watched)))
