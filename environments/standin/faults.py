"""The registry of faults: small lies and breaks of the kind real deployments have.

The ids are those of exactly the checks that must turn red by it, each with words that the refutation says (never a port,
a time, or what else differs between runs); the subjects, those whose suites are worth running against it, besides smoke.
"""

from __future__ import annotations

from difflib import get_close_matches

from environments.standin.acts import CacheCommand, Hang, HideAsset, Lie, NginxEdit, Sql, Stop
from environments.standin.api_faults import API_FAULTS
from environments.standin.backup.acts import LetStrangers, Tamper
from environments.standin.edge_faults import EDGE_FAULTS
from environments.standin.elsewhere import entry
from environments.standin.fault import Fault, fault
from environments.standin.monitoring_acts import Seen, Silence, WatchEdit
from environments.standin.worker_acts import CancelConsumer, Crowd, OpenFlower, Reconnect, ScheduleLie


class UnknownFault(KeyError):
    """No fault has this name; the message lists those that look like it."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, FAULTS, n=4, cutoff=0.4)
        self.message = f"no fault is named {name!r}" + (f"; near: {', '.join(near)}" if near else "; see --list-faults")
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


def find(name: str) -> Fault:
    """The fault of a name, which may be one of elsewhere.py; `UnknownFault` otherwise."""
    try:
        return entry(name, "FAULTS", FAULTS)
    except (KeyError, ImportError, AttributeError):
        raise UnknownFault(name) from None


NEWEST_MIGRATION = "migration_file = (select max(migration_file) from public.migration_history)"
FRAME_OPTIONS = 'add_header X-Frame-Options           "DENY" always;'
UPGRADE = "proxy_set_header Upgrade           $http_upgrade;"
REDIRECT = "return 301 https://$host:@https_port@$request_uri;"
PAGES = "location / {\n            try_files $uri"
CERTIFICATE = "@certificates@/front-door."
ESCALATE = "factory_telemetry.auto_escalate_andon_events()"

# A critical andon call that nobody has taken up.
CALL = "md5('the call of a fault')::uuid"
MAKE_CALL = f"""insert into factory_telemetry.andon_events (id, line_id, equipment_code, event_type, priority, description, reported_by)
    select {CALL}, l.id, l.equipment_codes[1], 'stop', 'critical', 'Closure jammed, guard open', u.id
      from factory_telemetry.production_lines l, factory_telemetry.users u where u.role = 'operator' limit 1"""
PLANT = "bakery-plant1.internal"
RECEIVER = "  - name: low-priority-alerts\n    webhook_configs: [{ url: 'http://127.0.0.1:@sinks_port@/alerts/low-priority-alerts' }]"
PANEL = '"expr": "sum(rate(pg_stat_statements_calls_total'

REGISTRY = (
    # what the health endpoints say
    fault("health-constant", "The health endpoint answers what it answered when the process started.",
          {"smoke.health-computed": "two calls gave the timestamps"}, "api", Lie("health-constant")),
    fault("release-old", "Every replica still runs the release before.",
          {"smoke.release": "runs where"}, "api", Lie("release-old")),
    fault("one-replica-old", "One live replica was left out when the others got the new release.",
          {"smoke.release": "runs where", "smoke.same-release-everywhere": "the replicas run different releases"}, "api", Lie("release-old", replicas=("blue-2",))),
    fault("upstream-nowhere", "The front door hands every request to an address where nobody is.",
          {"smoke.api": "answered 502: the front door reaches no backend"}, "api deployment", NginxEdit("proxy_pass http://backend;", "proxy_pass http://127.0.0.1:9;")),
    fault("environment-says-other", "The application believes to be in another environment.",
          {"smoke.environment": "it calls its environment"}, "api", Lie("environment-says-other")),
    fault("health-denies-database", "The health endpoint calls a database unhealthy that is well.",
          {"smoke.health-components": "it says database is unhealthy, and a direct look says healthy"}, "api database", Lie("health-denies-database")),
    fault("health-lies-about-cache", "The cache is down and the health endpoint says that all is well.",
          {"smoke.health-components": "it says redis is healthy, and a direct look says unhealthy", "smoke.cache": "cannot be reached"}, "api cache", Lie("health-says-all-is-well"), Reconnect(), Stop("cache")),
    # logging in
    fault("login-broken", "Logging in with the right password ends in an internal error.",
          {"smoke.login": "answered 500 where 200 belongs"}, "auth", Lie("login-broken")),
    fault("login-wrong-role", "A log-in tells a role that is not the user's.",
          {"smoke.login": "the role is"}, "auth", Lie("login-wrong-role")),
    fault("login-reveals-unknown-user", "A refused log-in tells whether the name exists.",
          {"smoke.login-refused-alike": "a wrong password is told as"}, "auth", Lie("login-reveals-unknown-user")),
    fault("login-accepts-any-password", "Any password opens an account that exists.",
          {"smoke.login-refused-alike": "a wrong password was answered with 200"}, "auth", Lie("login-accepts-any-password")),
    fault("refresh-refused", "A refresh token brings nothing, and everybody is thrown out when the access token ends.",
          {"smoke.refresh": "to the refresh token of this run's log-in"}, "auth", Lie("refresh-refused")),
    # reading
    fault("lines-invented", "The list of lines has one that the database does not have.",
          {"smoke.lines": "('L-BAG2', "}, "api", Lie("lines-invented")),
    fault("lines-empty", "The list of lines is empty.",
          {"smoke.lines": "answers [] and the database holds"}, "api", Lie("lines-empty")),
    fault("denial-masked", "A denied request ends in an internal error.",
          {"smoke.denial": "was answered with 500"}, "auth", Lie("denial-masked")),
    fault("role-too-many", "An operator may read the production plan.",
          {"smoke.denial": "was answered with 200"}, "auth", Lie("role-too-many")),
    fault("reads-without-token", "Reads need no token.",
          {"smoke.token-needed": "without a token was answered with 200"}, "auth", Lie("reads-without-token")),
    fault("reads-slow", "One read in four takes 0.4 s longer.",
          {"smoke.response-time": "over the objective of"}, "api", Lie("reads-slow")),
    # WebSocket
    fault("websocket-dead", "The front door does not upgrade connections.",
          {"smoke.websocket": "answered the handshake with 404", "smoke.websocket-refuses-strangers": "was answered with 404"}, "websocket", NginxEdit(UPGRADE, "")),
    fault("websocket-open", "A WebSocket opens without a token.",
          {"smoke.websocket-refuses-strangers": "was answered with 101"}, "websocket", Lie("websocket-open")),
    fault("websocket-deaf", "A WebSocket answers neither ping nor heartbeat.",
          {"smoke.websocket-heartbeat": "no answer to a heartbeat within"}, "websocket", Lie("websocket-deaf")),
    fault("websocket-forgets-subscription", "A WebSocket forgets what was subscribed to.",
          {"smoke.websocket-subscription": "no confirmation within"}, "websocket", Lie("websocket-forgets-subscription")),
    # front end
    fault("asset-missing", "The script that the index names was not deployed.",
          {"smoke.front-end": "answered 404"}, "frontend", HideAsset(".js")),
    fault("asset-wrong-type", "The script that the index names is answered with the index itself.",
          {"smoke.front-end": "came as text/html"}, "frontend",
          NginxEdit(PAGES, "location /assets/ {\n            try_files /index.html =404;\n        }\n        " + PAGES)),
    # stores
    fault("migration-unrecorded", "The newest migration is not recorded as applied.",
          {"smoke.migrations": "not applied: "}, "database",
          Sql(remember=f"select * from public.migration_history where {NEWEST_MIGRATION}",
              do=f"delete from public.migration_history where {NEWEST_MIGRATION}",
              undo="insert into public.migration_history values (%s, %s, %s, %s, %s)")),
    fault("migration-edited", "A migration's file was edited after it had been applied.",
          {"smoke.migrations": "applied from another text: "}, "database",
          Sql(remember=f"select checksum, migration_file from public.migration_history where {NEWEST_MIGRATION}",
              do=f"update public.migration_history set checksum = md5(checksum) || md5(checksum) where {NEWEST_MIGRATION}",
              undo="update public.migration_history set checksum = %s where migration_file = %s")),
    fault("postgres-stopped", "The database is down.",
          {"smoke.database": "cannot be reached: Connection refused"}, "database", Stop("postgres")),
    fault("redis-stopped", "The cache is down.",
          {"smoke.cache": "cannot be reached"}, "cache", Reconnect(), Stop("cache")),
    fault("postgres-hung", "The database accepts connections and answers nothing.",
          {"smoke.database": "did not answer"}, "database", Hang("postgres")),
    fault("redis-hung", "The cache accepts connections and answers nothing.",
          {"smoke.cache": "did not answer in time"}, "cache", Reconnect(), Hang("cache")),
    fault("postgres-read-only", "After a failover, the application's role was left read-only.",
          {"smoke.database-writable": "default_transaction_read_only is on for"}, "database",
          Sql(do="alter role ms5_application set default_transaction_read_only = on",
              undo="alter role ms5_application reset default_transaction_read_only")),
    fault("redis-full", "The cache uses all the memory it may: it answers, and takes no writes.",
          {"smoke.cache-writable": "answers and takes no writes: it uses"}, "cache", Reconnect(),
          CacheCommand(do=("CONFIG", "SET", "maxmemory", "100kb"), undo=("CONFIG", "SET", "maxmemory", "256mb"))),
    fault("redis-open", "The cache needs no password.",
          {"smoke.cache-password": "a PING without a password was answered"}, "cache",
          CacheCommand(do=("CONFIG", "SET", "requirepass", ""), undo=("CONFIG", "SET", "requirepass", "{password}"))),
    # front door
    fault("nginx-stopped", "The front door is shut.",
          {"smoke.front-door": "cannot be reached: Connection refused"}, "api frontend", Stop("nginx")),
    fault("replica-stopped", "One live replica is down, and the front door hides it.",
          {"smoke.every-replica": "/health cannot be reached: Connection refused"}, "api", Stop("blue-2")),
    fault("replicas-stopped", "Both live replicas are down, and the front door reaches nobody.",
          {"smoke.every-replica": "/health cannot be reached: Connection refused"}, "api", Stop("blue-1"), Stop("blue-2")),
    fault("nginx-hung", "The front door accepts connections and answers nothing.",
          {"smoke.front-door": "did not answer in time"}, "api frontend", Hang("nginx")),
    fault("replica-hung", "One live replica accepts connections and answers nothing.",
          {"smoke.every-replica": "did not answer in time"}, "api", Hang("blue-2")),
    fault("replicas-hung", "Both live replicas accept connections and answer nothing.",
          {"smoke.every-replica": "did not answer in time"}, "api", Hang("blue-1"), Hang("blue-2")),
    fault("certificate-expiring", "The front door's certificate ends in ten days.",
          {"smoke.certificate": "the certificate of app.ms5.localhost ends in"}, "api", NginxEdit(CERTIFICATE, "@certificates@/expiring.")),
    fault("certificate-wrong-name", "The front door's certificate is for another name.",
          {"smoke.certificate": "Hostname mismatch"}, "api", NginxEdit(CERTIFICATE, "@certificates@/other-name.")),
    fault("redirect-elsewhere", "Plain HTTP redirects to another host.",
          {"smoke.redirect": "redirects to https://www.elsewhere.localhost/"}, "api", NginxEdit(REDIRECT, "return 301 https://www.elsewhere.localhost$request_uri;")),
    fault("redirect-missing", "Plain HTTP is answered and does not redirect.",
          {"smoke.redirect": "answered 200 where 301 belongs"}, "api", NginxEdit(REDIRECT, 'return 200 "MS5.0 Floor Dashboard";')),
    fault("header-missing", "A security header is missing.",
          {"smoke.headers": "X-Frame-Options was sent 0 times"}, "api", NginxEdit(FRAME_OPTIONS, "")),
    fault("header-doubled", "A security header is sent twice.",
          {"smoke.headers": "X-Frame-Options was sent 2 times"}, "api", NginxEdit(FRAME_OPTIONS, f"{FRAME_OPTIONS}\n    {FRAME_OPTIONS}")),
    # workers
    fault("worker-stopped", "No worker runs.",
          {"smoke.workers": "0 workers answer where", "workers.alive": ""}, "workers", Stop("worker")),
    fault("worker-hung", "The worker holds its connection and answers nothing.",
          {"smoke.workers": "0 workers answer where", "workers.alive": ""}, "workers", Hang("worker")),
    fault("queue-unconsumed", "No worker takes from one of the queues.",
          "workers.queues-consumed", "workers", CancelConsumer("quality")),
    fault("queue-backlog", "Jobs without end occupy the worker, and a queue grows.",
          "workers.queues-short", "workers", Crowd("reports")),
    fault("task-unregistered", "The schedule names a job that no worker knows.",
          "workers.scheduled-registered", "workers", ScheduleLie("task-unregistered")),
    fault("schedule-entry-missing", "The schedule has lost an entry.",
          "workers.schedule-complete", "workers", ScheduleLie("entry-missing")),
    fault("beat-stopped", "Nothing is started by the clock.",
          "workers.clock-runs", "workers", Stop("beat")),
    fault("jobs-failing", "A scheduled job fails each time: its right was taken away.",
          "workers.jobs-succeed", "workers",
          Sql(do=f"revoke execute on function {ESCALATE} from public, ms5_application; grant execute on function {ESCALATE} to ms5_gate",
              undo=f"revoke execute on function {ESCALATE} from ms5_gate; grant execute on function {ESCALATE} to public, ms5_application")),
    fault("flower-stopped", "Flower is down.",
          "workers.flower", "workers", Stop("flower")),
    fault("flower-open", "Flower needs no log-in.",
          "workers.flower-password", "workers", OpenFlower()),
    # backups
    fault("backup-stale", "The last backup is older than an hour.",
          "backup.recovery-point", "backup", Tamper("stale")),
    fault("backup-day-missing", "There is no backup of one of the last days.",
          "backup.every-day", "backup", Tamper("day-missing")),
    fault("backup-schema-only-missing", "The schema is not backed up by itself.",
          "backup.kinds", "backup", Tamper("schema-only-missing")),
    fault("backup-kept-too-long", "A backup is kept long after its time.",
          "backup.kept", "backup", Tamper("kept-too-long")),
    fault("backup-truncated", "The newest database backup ends in the middle, and the job did not notice.",
          "backup.opens", "backup", Tamper("truncated")),
    fault("backup-empty", "The newest database backup is of an empty database.",
          "backup.complete backup.sizes", "backup", Tamper("empty")),
    fault("backup-rows-missing", "The newest database backup has lost the rows of one table.",
          "backup.restores", "backup", Tamper("rows-missing")),
    fault("backup-files-empty", "The newest backup of files holds no file.",
          "backup.files", "backup", Tamper("files-empty")),
    fault("backup-other-key", "The newest database backup does not open with the key.",
          "backup.opens", "backup", Tamper("other-key")),
    fault("backup-unencrypted", "The newest database backup is not encrypted.",
          "backup.encrypted", "backup", Tamper("unencrypted")),
    fault("backup-checksum-wrong", "The metadata of the newest database backup name another checksum.",
          "backup.checksum", "backup", Tamper("checksum-wrong")),
    fault("backup-metadata-password", "The metadata of the newest database backup hold a password.",
          "backup.metadata-secrets", "backup", Tamper("metadata-password")),
    fault("backup-metadata-broken", "The metadata of the newest database backup do not parse.",
          "backup.metadata", "backup", Tamper("metadata-broken")),
    fault("bucket-behind", "The newest backup was not copied to the bucket.",
          "backup.off-site", "backup", Tamper("newest-missing", bucket_only=True)),
    fault("bucket-open", "Strangers may list the bucket.",
          "backup.bucket-closed", "backup", LetStrangers("List")),
    fault("bucket-readable", "Strangers may read what is in the bucket.",
          "backup.bucket-closed", "backup", LetStrangers("Read")),
    fault("bucket-writable", "Strangers may write to the bucket and delete what is in it.",
          "backup.bucket-closed", "backup", LetStrangers("Write")),
    fault("object-store-stopped", "The object store is down.",
          "backup.bucket", "backup", Stop("object-store")),
    # monitoring: Prometheus, what it looks at and by which rules it judges
    fault("prometheus-stopped", "Prometheus is down.",
          {"smoke.prometheus": "/-/ready cannot be reached: Connection refused", "monitoring.prometheus": ""}, "monitoring", Stop("prometheus")),
    fault("prometheus-hung", "Prometheus accepts connections and answers nothing.",
          {"smoke.prometheus": "did not answer in time", "monitoring.prometheus": ""}, "monitoring", Hang("prometheus")),
    fault("exporter-stopped", "An exporter is down, and nothing of Redis is known.",
          "monitoring.targets-up", "monitoring", Seen(Stop("redis-exporter"), shows='up{job="redis"} == 0')),
    fault("scrape-job-missing", "Prometheus was never told of the workers' exporter.",
          "monitoring.jobs", "monitoring",
          WatchEdit("prometheus", "prometheus.yml", "job_name: celery-worker\n", "job_name: celery\n")),
    fault("external-label-wrong", "Prometheus says to be another environment's.",
          "monitoring.external-labels", "monitoring",
          WatchEdit("prometheus", "prometheus.yml", "cluster: ms5-@environment@", "cluster: ms5-development")),
    fault("application-metric-missing", "The application no longer tells OEE to Prometheus.",
          "monitoring.application-metrics monitoring.rules-can-fire", "monitoring",
          Seen(Lie("metric-missing"), shows="absent(ms5_oee_score)")),
    fault("rule-missing", "The alerts on backups were not deployed.",
          "monitoring.rules-loaded", "monitoring", WatchEdit("prometheus", "rules/backup_recovery.yml", "", None)),
    fault("rule-edited", "Somebody loosened an alert by hand.",
          "monitoring.rules-loaded", "monitoring",
          WatchEdit("prometheus", "rules/database_health.yml", "(pg_settings_max_connections) > 0.8", "(pg_settings_max_connections) > 0.99")),
    fault("rule-never-fires", "An alert is on a metric that nobody exports.",
          "monitoring.rules-can-fire monitoring.rules-loaded", "monitoring",
          WatchEdit("prometheus", "rules/production_system.yml", "(ms5_downtime_duration_minutes{", "(ms5_downtime_minutes{")),
    fault("rule-broken", "An alert cannot be judged: its sides have nothing in common.",
          "monitoring.rules-healthy monitoring.rules-loaded", "monitoring",
          WatchEdit("prometheus", "rules/cache_system.yml", "expr: min(redis_up) == 0", "expr: redis_up * on () redis_memory_used_bytes * on () up == 0")),
    fault("critical-alert-fires", "A critical andon call is open, and its alert fires.",
          "monitoring.nothing-critical-fires", "monitoring",
          Seen(Sql(remember=f"select {CALL}", do=MAKE_CALL, undo="delete from factory_telemetry.andon_events where id = %s"),
               shows='ALERTS{alertname="CriticalAndonEvent", alertstate="firing"}')),
    # monitoring: Alertmanager, and whom it calls
    fault("alertmanager-stopped", "Alertmanager is down.",
          "monitoring.alertmanager monitoring.targets-up", "monitoring",
          Seen(Stop("alertmanager"), shows='up{job="alertmanager"} == 0')),
    fault("alertmanager-unknown", "Prometheus sends its alerts where nobody is.",
          "monitoring.alertmanager-known", "monitoring",
          WatchEdit("prometheus", "prometheus.yml", "- static_configs: [{ targets: ['127.0.0.1:@alertmanager_port@'] }]", "- static_configs: []")),
    fault("alert-misrouted", "The route to the database's administrators waits for a service that no rule names.",
          "monitoring.routes", "monitoring",
          WatchEdit("alertmanager", "alertmanager.yml", 'service="database"', 'service="postgres"')),
    fault("alert-route-ends", "Critical alerts end with the managers, and whoever could mend it is not called.",
          "monitoring.routes", "monitoring",
          WatchEdit("alertmanager", "alertmanager.yml", "receiver: critical-alerts,        continue: true", "receiver: critical-alerts")),
    fault("receiver-missing", "One of the receivers was forgotten, with its route.",
          "monitoring.receivers", "monitoring",
          WatchEdit("alertmanager", "alertmanager.yml", "receiver: low-priority-alerts, ", "receiver: default-webhook, "),
          WatchEdit("alertmanager", "alertmanager.yml", RECEIVER, "")),
    fault("receiver-placeholder", "Critical alerts go to an address out of an example.",
          "monitoring.receivers-real", "monitoring",
          WatchEdit("alertmanager", "alertmanager.yml", f"managers.on.duty@{PLANT}", "alerts@example.com")),
    fault("mail-undelivered", "Alertmanager's mail server does not exist.",
          "monitoring.alert-arrives", "monitoring",
          WatchEdit("alertmanager", "alertmanager.yml", "smtp_smarthost: 127.0.0.1:@mail_port@", "smtp_smarthost: 127.0.0.1:9")),
    fault("alerts-silenced", "Every alert is silenced for a month.",
          "monitoring.silences", "monitoring", Silence()),
    # monitoring: what Grafana shows, and to whom
    fault("grafana-stopped", "Grafana is down.",
          "monitoring.grafana monitoring.targets-up", "monitoring", Seen(Stop("grafana"), shows='up{job="grafana"} == 0')),
    fault("grafana-anonymous", "Grafana shows everything to everybody.",
          "monitoring.grafana-closed", "monitoring", WatchEdit("grafana", "settings.json", '"anonymous": false', '"anonymous": true')),
    fault("grafana-default-password", "Grafana still has the account it came with.",
          "monitoring.grafana-password", "monitoring",
          WatchEdit("grafana", "settings.json", '"users": { ', '"users": { "admin": "admin", ')),
    fault("datasource-broken", "Grafana has an old password of the database.",
          "monitoring.datasources monitoring.panels", "monitoring",
          WatchEdit("grafana", "settings.json", '"password": "@monitoring_password@"', '"password": "of-last-year"')),
    fault("datasource-not-default", "Grafana's default data source is not Prometheus.",
          "monitoring.datasources", "monitoring", WatchEdit("grafana", "settings.json", '"isDefault": true', '"isDefault": false')),
    fault("dashboard-missing", "The andon dashboard was not deployed.",
          "monitoring.dashboards", "monitoring", WatchEdit("grafana", "dashboards/ms5-andon-dashboard.json", "", None)),
    fault("dashboard-panel-empty", "A panel asks for a metric under its old name and stays empty.",
          "monitoring.panels", "monitoring",
          WatchEdit("grafana", "dashboards/ms5-timescaledb-prod.json", PANEL, PANEL.replace("calls_total", "calls"))),
    # what happens on the floor, and the edge that it passes
    *(fault(*row) for row in EDGE_FAULTS),
    # the API, and who is let in
    *(fault(*row) for row in API_FAULTS),
)  # fmt: skip

FAULTS = {one.name: one for one in REGISTRY}
