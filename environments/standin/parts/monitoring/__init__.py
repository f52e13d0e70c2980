"""What watches the stand-in: Prometheus, Alertmanager and the exporters of Debian, and what stands in for the rest."""
