"""What strangers did to the front door and the front end."""

from __future__ import annotations

from environments.standin.acts import HideAsset, NginxEdit
from tests.faults.strangers.acts import Emptied
from tests.faults.strangers.fault import lie, registry, stranger

API = "server_name @api_host@;\n        include public.inc;"
WWW = "server_name @www_host@;\n        include public.inc;"
HEALTH = "location ~ ^/(health(/detailed)?|docs"
ZONE = "    include upstream.inc;"
PAGES = "location / {\n            try_files $uri $uri/ =404;"
NOBODY = "ssl_reject_handshake on;\n        return 421;\n        include problem.inc;"
ORIGINS = "map $http_origin $cors_origin {\n        default             '';"
REDIRECT = "return 301 https://$host:@https_port@$request_uri;"
OTHER_CERTIFICATE = (
    "{}\n        ssl_certificate @certificates@/{}.pem;\n        ssl_certificate_key @certificates@/{}.key;"
)
OWN_CLOCK = """    map $msec $split_second { ~\\.(?<digits>\\d+) $digits; }
    map $time_iso8601 $second { ~^(?<digits_of_second>[^+]+) $digits_of_second; }
"""
OWN_HEALTH = (
    'return 200 \'{"status":"healthy","service":"MS5.0 Floor Dashboard API","version":"5.0.0",'
    '"timestamp":"$second.$split_second+00:00"}\';'
)

FAULTS = registry(
    __name__,
    stranger(
        "api-host-drops-tokens",
        "A header was added for the api host alone, and the Authorization header is lost there.",
        "a token that the app host takes is refused on the api host",
        NginxEdit(API, f'{API}\n        proxy_set_header X-Plant "1";\n        proxy_set_header Authorization "";'),
        caught_by="smoke.lines smoke.denial smoke.environment smoke.refresh",
    ),
    stranger(
        "health-kept-by-the-door",
        "nginx keeps /health for a minute and answers from memory.",
        "two calls of /health through the door are the same",
        NginxEdit(ZONE, f"    proxy_cache_path @folder@/kept keys_zone=kept:1m;\n{ZONE}"),
        NginxEdit(
            HEALTH,
            "location = /health {\n    proxy_cache kept;\n    proxy_cache_valid 200 1m;\n"
            f"    proxy_pass http://backend;\n}}\n{HEALTH}",
        ),
        caught_by="smoke.health-computed",
    ),
    stranger(
        "health-made-by-the-door",
        "nginx answers /health by itself, with the right version and its own clock; no backend is asked.",
        "the door's /health is no backend's",
        NginxEdit(ZONE, OWN_CLOCK + ZONE),
        NginxEdit(HEALTH, f"location = /health {{\n    default_type application/json;\n    {OWN_HEALTH}\n}}\n{HEALTH}"),
        left_to="deployment: nothing in an answer tells; requests through the door must be counted by the replicas",
    ),
    stranger(
        "missing-script-becomes-index",
        "The script was not deployed, and the fallback of single-page applications answers with the index, 200.",
        "the script is HTML",
        HideAsset(".js"),
        NginxEdit(PAGES, PAGES.replace("=404", "/index.html")),
        caught_by="smoke.front-end",
    ),
    stranger(
        "script-is-empty",
        "The disk was full when the script was copied: it is there, has its type, and no content.",
        "the script has no content",
        Emptied(".js"),
        caught_by="smoke.front-end",
    ),
    stranger(
        "assets-lose-headers",
        "A location for static files has an add_header of its own, so files lose the security headers.",
        "files come without HSTS and the rest",
        NginxEdit(
            PAGES,
            'location /assets/ {\n            add_header Cache-Control "public, max-age=31536000";\n'
            f"            try_files $uri =404;\n        }}\n        {PAGES}",
        ),
        caught_by="smoke.headers",
    ),
    stranger(
        "header-comes-twice",
        "The application sets X-Frame-Options too, and the door no longer hides it.",
        "a security header comes twice",
        lie("frames-itself"),
        NginxEdit("    proxy_hide_header X-Frame-Options;\n", ""),
        caught_by="smoke.headers",
    ),
    stranger(
        "api-redirects-to-app",
        "Plain HTTP of the api host redirects to the app host.",
        "HTTP leads to another host",
        NginxEdit(
            REDIRECT, f"if ($host = @api_host@) {{ {REDIRECT.replace('$host', '@app_host@')} }}\n        {REDIRECT}"
        ),
        caught_by="smoke.redirect",
    ),
    stranger(
        "api-certificate-expires",
        "The api host has a certificate of its own, and that one runs out in ten days.",
        "the api host's certificate is nearly over",
        NginxEdit(API, OTHER_CERTIFICATE.format(API, "expiring", "expiring")),
        caught_by="smoke.certificate",
    ),
    stranger(
        "www-certificate-of-another",
        "The www host serves a certificate for another name.",
        "a public host's certificate does not cover its name",
        NginxEdit(WWW, OTHER_CERTIFICATE.format(WWW, "other-name", "other-name")),
        caught_by="smoke.certificate",
    ),
    stranger(
        "websocket-only-at-ws",
        "The door upgrades /ws, and no path below it.",
        "sockets below /ws cannot be opened, /ws/health is 404",
        NginxEdit("location ~ ^/ws(/|$) {", "location = /ws {"),
        left_to="websocket (websocket.paths): smoke opens one path",
    ),
    stranger(
        "socket-cut-when-idle",
        "The door has its default patience with sockets, 15 s without a word.",
        "sockets do not outlive a silence of 5 min",
        NginxEdit("    proxy_read_timeout 3600s;\n", ""),
        left_to="websocket (websocket.idle-survives): it takes longer than smoke may",
    ),
    stranger(
        "tokens-in-access-log",
        "The access log keeps queries, and with them tokens.",
        "the access log has a query",
        NginxEdit('"$request_method $uri $server_protocol"', '"$request"'),
        left_to="deployment (deployment.access-log): the host's log must be read",
    ),
    stranger(
        "cors-believes-everybody",
        "Every origin is allowed, with credentials.",
        "an unknown origin is allowed",
        NginxEdit(ORIGINS, ORIGINS.replace("''", "$http_origin")),
        left_to="deployment (deployment.cors)",
    ),
    stranger(
        "strange-hosts-let-in",
        "A name nobody configured gets the application.",
        "an unknown host gets an application",
        NginxEdit(NOBODY, "root @frontend@;\n        include public.inc;\n        include application.inc;"),
        left_to="deployment (deployment.unknown-host)",
    ),
)
