"""What a target file may refer to as `${standin:KEY}`: addresses, names and passwords of one stand-in."""

from __future__ import annotations

from collections.abc import Iterable

from environments.standin import accounts
from environments.standin.parts import packages
from environments.standin.site import (
    API_HOST,
    API_PER_SECOND,
    APP_HOST,
    APPLICATION_ROLE,
    DATABASE_NAME,
    FLOWER_USERNAME,
    GATE_ROLE,
    GRAFANA_USERNAME,
    LOGIN_PER_MINUTE,
    MONITORING_HOST,
    PRELOAD,
    S3_BUCKET,
    S3_REGION,
    WWW_HOST,
    Site,
)


def references(site: Site) -> dict[str, str]:
    """Every reference of a stand-in, flat; the keys are the same for every stand-in."""
    return {
        "environment": site.environment,
        "release": site.release,
        "shape": site.shape,
        "folder": str(site.folder),
        "ca_file": str(site.ca_file),
        **front_door(site),
        **replicas(site),
        **stores(site),
        **workers(site),
        **backups(site),
        **monitoring(site),
        **people(),
    }


def front_door(site: Site) -> dict[str, str]:
    """The public names. They need not resolve on this machine: `public_address` is where they lead."""
    https, http = site.ports.https, site.ports.http
    return {
        "public_address": "127.0.0.1",
        "app_host": APP_HOST,
        "api_host": API_HOST,
        "https_port": str(https),
        "http_port": str(http),
        "app_url": f"https://{APP_HOST}:{https}",
        "app_http_url": f"http://{APP_HOST}:{http}",
        "api_url": f"https://{API_HOST}:{https}",
        "api_http_url": f"http://{API_HOST}:{http}",
        "monitoring_https_url": f"https://{MONITORING_HOST}:{https}",
        "monitoring_http_url": f"http://{MONITORING_HOST}:{http}",
        "www_url": f"https://{WWW_HOST}:{https}",
        "www_http_url": f"http://{WWW_HOST}:{http}",
        "api_per_second": str(API_PER_SECOND[site.shape]),
        "login_per_minute": str(LOGIN_PER_MINUTE[site.shape]),
        "websocket_url": f"wss://{APP_HOST}:{https}/ws",
        "strict_transport_security": "max-age=31536000; includeSubDomains" + PRELOAD[site.shape],
        "access_log": str(site.log("access")),
    }


def replicas(site: Site) -> dict[str, str]:
    """The direct address of each replica."""
    ports = {"blue_1": site.ports.blue_1, "blue_2": site.ports.blue_2, "green_1": site.ports.green_1}
    return {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}


def stores(site: Site) -> dict[str, str]:
    """PostgreSQL for the gate's role and the application's, and the cache."""
    return {
        "database_address": f"127.0.0.1:{site.ports.database}",
        "database_name": DATABASE_NAME,
        "database_user": GATE_ROLE,
        "database_password": site.secrets.gate_password,
        "database_app_user": APPLICATION_ROLE,
        "database_app_password": site.secrets.application_password,
        "cache_address": f"127.0.0.1:{site.ports.cache}",
        "cache_user": "default",
        "cache_password": site.secrets.cache_password,
    }


def workers(site: Site) -> dict[str, str]:
    """The workers' broker with its password, and Flower, which shows them."""
    return {
        "workers_broker": site.broker_url,
        "flower_url": f"http://127.0.0.1:{site.ports.flower}",
        "flower_username": FLOWER_USERNAME,
        "flower_password": site.secrets.flower_password,
    }


def backups(site: Site) -> dict[str, str]:
    """The folder of the backups, what opens them, and the bucket they are copied to, with the reader's key."""
    return {
        "backup_folder": str(site.backup_folder),
        "backup_key_file": str(site.backup_key_file),
        "backup_kept_days": str(site.backups_kept_days),
        "s3_url": f"http://127.0.0.1:{site.ports.s3}",
        "s3_bucket": S3_BUCKET,
        "s3_region": S3_REGION,
        "s3_access_key": site.secrets.s3_reader_key,
        "s3_secret_key": site.secrets.s3_reader_secret,
    }


def monitoring(site: Site) -> dict[str, str]:
    """What watches, and where mails and webhooks end; `monitoring_absent` is why it does not, and then it has no address."""
    absent = packages.absent(packages.MONITORING)
    ports = site.ports
    urls = {
        "prometheus_url": f"http://127.0.0.1:{ports.prometheus}",
        "alertmanager_url": f"http://127.0.0.1:{ports.alertmanager}",
        "grafana_url": f"http://127.0.0.1:{ports.grafana}",
        "mail_sink_url": f"http://127.0.0.1:{ports.sinks}/mails",
        "webhook_sink_url": f"http://127.0.0.1:{ports.sinks}/webhooks",
        "mail_address": f"127.0.0.1:{ports.mail}",
    }
    return {
        "monitoring_absent": absent,
        **{name: "" if absent else url for name, url in urls.items()},
        "grafana_username": GRAFANA_USERNAME,
        "grafana_password": site.secrets.grafana_password,
        "grafana_token": site.secrets.grafana_token,
    }


def people() -> dict[str, str]:
    """The gate's own account, the one to be tried with wrong passwords, and one per role."""
    return {
        "probe_username": accounts.PROBE.username,
        "probe_password": accounts.PROBE.password,
        "probe_role": accounts.PROBE.role,
        "sacrificial_username": accounts.SACRIFICIAL.username,
        **dict(credentials(accounts.ROLE_ACCOUNTS)),
    }


def credentials(people: Iterable[accounts.Account]) -> Iterable[tuple[str, str]]:
    """`account_<role>_username` and `account_<role>_password` of each."""
    for account in people:
        yield f"account_{account.role}_username", account.username
        yield f"account_{account.role}_password", account.password
