"""Faults of the edge, as rows of the registry in faults.py: the WebSocket and its events, the front door, the front end."""

from __future__ import annotations

from environments.standin.acts import AssetEdit, LeftBehind, Lie, NginxEdit, Stop
from environments.standin.fault import Row

FRAMING = 'add_header X-Frame-Options           "DENY" always;'
CACHED = "add_header Cache-Control             $cache_control;"
REFUSE_STRANGERS = "ssl_reject_handshake on;\n        return 421;\n        include problem.inc;"
STRANGERS = "root @frontend@;\n        include public.inc;\n        include application.inc;"
PROTOCOLS = "ssl_protocols             TLSv1.2 TLSv1.3;"
CIPHERS = "ssl_ciphers               ECDHE+AESGCM:ECDHE+CHACHA20;"
ORIGIN = '"https://@app_host@:@https_port@" $http_origin;'
HIDDEN = "location ~ /\\. {\n    return 404;\n}"
LEAVINGS = "location ~* (~|\\.(map|"
LIVE = "proxy_read_timeout 3600s;\n    proxy_send_timeout 3600s;"
WWW = "return 301 https://@app_host@:@https_port@$request_uri;"

EDGE_FAULTS: tuple[Row, ...] = (
    # what happens, and who hears of it
    ("event-doubled", "Every event is told twice.",
     "websocket.events-once", "websocket", Lie("event-doubled")),
    ("event-lost-on-one-replica", "One of the live replicas tells no event.",
     "websocket.every-replica-tells", "websocket", Lie("event-lost", replicas=("blue-2",))),
    ("event-late", "Events come three seconds late.",
     "websocket.events-in-time websocket.every-replica-tells", "websocket", Lie("event-late")),
    ("event-nameless", "Events carry no id.",
     "websocket.event-shape", "websocket", Lie("event-nameless")),
    ("event-of-unknown-line", "Events are about a line that the database does not have.",
     "websocket.event-codes-exist", "websocket", Lie("event-of-unknown-line")),
    ("event-invented", "Whoever subscribes hears at once of something that never happened.",
     "websocket.nothing-invented", "websocket", Lie("event-invented")),
    ("event-to-everybody", "Everybody hears everything.",
     "websocket.only-subscribed", "websocket", Lie("event-to-everybody")),
    ("unsubscription-ignored", "Who unsubscribed still hears.",
     "websocket.unsubscribed-silent", "websocket", Lie("unsubscription-ignored")),
    ("malformed-frame-closes", "A malformed frame ends the connection.",
     "websocket.malformed-survives", "websocket", Lie("malformed-frame-closes")),
    ("subscription-type-unknown", "One of the advertised subscriptions is refused.",
     "websocket.subscription-types", "websocket", Lie("subscription-type-unknown")),
    ("websocket-stats-open", "Anybody learns who is connected.",
     "websocket.statistics-closed", "websocket", Lie("websocket-stats-open")),
    ("producer-stopped", "Nobody tells what happens.",
     "websocket.events-in-time websocket.every-replica-tells", "websocket", Stop("producer")),
    ("idle-socket-dropped", "The front door drops a socket that is silent for two seconds.",
     "websocket.idle-survives", "websocket", NginxEdit(LIVE, "proxy_read_timeout 2s;")),
    ("websocket-path-lost", "One of the paths of the WebSocket leads nowhere.",
     "websocket.paths", "websocket", NginxEdit("location ~ ^/ws(/|$) {", "location = /ws/andon {\n    return 404;\n}\nlocation ~ ^/ws(/|$) {")),
    # the front door
    ("header-missing-on-413", "A security header is missing where a request is too large, and only there.",
     "deployment.headers-on-errors", "deployment",
     NginxEdit(FRAMING, 'map $status $framing { default DENY; 413 ""; }\n    add_header X-Frame-Options           $framing always;')),
    ("headers-not-always", "A security header is only on answers that are no error.",
     "deployment.headers-on-errors", "deployment", NginxEdit(FRAMING, FRAMING.replace(" always", ""))),
    ("csp-unsafe-eval", "The content security policy allows to run what was typed.",
     "deployment.content-security-policy", "deployment", NginxEdit("default-src 'self'; connect-src", "default-src 'self'; script-src 'self' 'unsafe-eval'; connect-src")),
    ("tls-old", "TLS 1.0 and 1.1 are still spoken.",
     "deployment.tls-versions", "deployment",
     NginxEdit(PROTOCOLS, "ssl_protocols             TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;"), NginxEdit(CIPHERS, "ssl_ciphers               ALL:@SECLEVEL=0;")),
    ("tls-weak-cipher", "A cipher of the last century is still taken.",
     "deployment.tls-ciphers", "deployment", NginxEdit(CIPHERS, "ssl_ciphers               ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0;")),
    ("http2-off", "HTTP/2 is not spoken.",
     "deployment.http2", "deployment", NginxEdit("http2 on;", "http2 off;")),
    ("version-shown", "The front door tells its version.",
     "deployment.no-version", "deployment", NginxEdit("server_tokens off;", "server_tokens on;")),
    ("cors-any-origin", "Pages of any origin may ask with a user's token.",
     "deployment.cors", "deployment", NginxEdit(ORIGIN, "~. $http_origin;")),
    ("cors-forgotten", "The front end may not ask the API.",
     "deployment.cors", "deployment", NginxEdit(ORIGIN, "")),
    ("rate-limit-off", "Nobody is limited.",
     "deployment.rate-limit deployment.login-limit", "deployment", NginxEdit("0 $binary_remote_addr;", "0 '';")),
    ("login-limit-off", "Log-ins are not limited.",
     "deployment.login-limit", "deployment", NginxEdit("limit_req zone=login         burst=@login_burst@ nodelay;", "")),
    ("git-served", "A folder that an editor left is served.",
     "deployment.leavings", "deployment", LeftBehind(".git/config", "[core]\n"), NginxEdit(HIDDEN, "")),
    ("source-map-served", "The sources of the front end are served.",
     "deployment.leavings", "deployment", LeftBehind("assets/app.js.map", "{}"), NginxEdit(LEAVINGS, LEAVINGS.replace("map|", ""))),
    ("unknown-host-served", "A name that is not ours gets the application.",
     "deployment.unknown-host", "deployment", NginxEdit(REFUSE_STRANGERS, STRANGERS)),
    ("query-logged", "The access log holds queries, and these hold tokens.",
     "deployment.access-log", "deployment", NginxEdit('"$request_method $uri $server_protocol"', '"$request"')),
    ("metrics-open", "Anybody reads the application's metrics.",
     "deployment.metrics-closed", "deployment", NginxEdit("location = /metrics {\n    return 403;", "location = /metrics {\n    proxy_pass http://127.0.0.1:@blue_1@;")),
    ("body-limit-off", "A request may be of any size.",
     "deployment.body-limit", "deployment", NginxEdit("client_max_body_size        10m;", "client_max_body_size        0;")),
    ("www-lost", "The www host leads to a page that is not there.",
     "deployment.www", "deployment", NginxEdit(WWW, "return 404;")),
    # the front end
    ("index-cached-for-ever", "The front page may be kept for a year, and the next release is not seen.",
     "frontend.index-fresh", "frontend", NginxEdit(CACHED, 'add_header Cache-Control             "public, max-age=31536000, immutable";')),
    ("assets-not-cached", "What never changes is asked for each time.",
     "frontend.assets-kept", "frontend", NginxEdit('~^/assets/  "public, max-age=31536000, immutable";', "")),
    ("asset-uncompressed", "Scripts are sent as they are.",
     "frontend.compressed", "frontend", NginxEdit("gzip            on;", "gzip            off;")),
    ("asset-foreign-host", "The front end asks another host.",
     "frontend.own-hosts", "frontend", AssetEdit(".js", "/health", "https://api.staging.example/health")),
    ("asset-plain-socket", "The front end opens its WebSocket unencrypted.",
     "frontend.encrypted-only", "frontend", AssetEdit(".js", "wss://", "ws://")),
    ("manifest-missing", "The manifest that the index names was not deployed.",
     "frontend.assets", "frontend", AssetEdit(".webmanifest", "", None)),
)  # fmt: skip
