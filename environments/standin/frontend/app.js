// The floor at a glance: lines with their OEE, andon calls, and what happens, live over the WebSocket.
const at = (id) => document.getElementById(id);
const KEY = "access_token";
const TYPES = ["line", "oee", "andon", "downtime", "job", "quality", "escalation", "changeover", "production", "equipment"];
const NEWS_KEPT = 8;
const RETRY_SECONDS = 2;
const PING_SECONDS = 25;
const lines = new Map(); // by identity
const calls = new Map();
let socket = null;

// ——— asking

class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

async function ask(path, options = {}) {
  const token = sessionStorage.getItem(KEY);
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(path, { ...options, headers });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body?.error?.message ?? `answered ${answer.status}`);
  return body;
}

// What this user's role may not read is left out, and so is what fails: the rest is still worth seeing.
const optional = (path) => ask(path).catch((error) => { if (error.status === 401) throw error; return null; });
const listed = (body) => Array.isArray(body) ? body : body?.items ?? [];

// ——— showing

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const percent = (share) => share == null ? "–" : `${Math.round(share * 100)} %`;
const clock = (time) => new Date(time ?? Date.now()).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

function card(line) {
  const item = element("li", "", { "data-status": line.status });
  const state = element("p", "Status ");
  state.append(element("strong", line.status));
  const figures = element("dl");
  for (const name of ["oee", "availability", "performance", "quality"]) {
    const pair = element("div");
    pair.append(element("dt", name === "oee" ? "OEE" : name[0].toUpperCase() + name.slice(1)), element("dd", percent(line[name])));
    figures.append(pair);
  }
  item.append(element("h3", `${line.line_code} · ${line.name}`), state);
  if (line.oee != null) item.append(element("meter", percent(line.oee), { min: 0, max: 1, low: 0.6, high: 0.8, optimum: 1, value: line.oee, "aria-label": `OEE of ${line.line_code}` }));
  item.append(figures);
  return item;
}

function call(event) {
  const item = element("li", "", { "data-priority": event.priority });
  const text = element("span");
  text.append(element("b", event.priority), ` ${event.event_type}: ${event.description}`);
  item.append(text, element("small", `${event.status} · ${clock(event.reported_at)}`));
  return item;
}

function show() {
  at("lines").replaceChildren(...[...lines.values()].map(card));
  const open = [...calls.values()].filter((one) => one.status !== "resolved");
  at("calls").replaceChildren(...open.sort((a, b) => a.reported_at < b.reported_at ? 1 : -1).map(call));
  at("calls-count").textContent = open.length;
}

function report(event) {
  const item = element("li", [event.type.replaceAll("_", " "), event.data.line_code, event.data.equipment_code].filter(Boolean).join(" · "));
  item.append(element("small", clock(event.timestamp)));
  at("news").prepend(item);
  while (at("news").children.length > NEWS_KEPT) at("news").lastChild.remove();
}

// ——— what happens

const HEARD = {
  line_status_update: (data) => lines.set(data.id, { ...lines.get(data.id), ...data }),
  oee_update: ({ line_id, oee, availability, performance, quality }) =>
    lines.has(line_id) && Object.assign(lines.get(line_id), { oee, availability, performance, quality }),
  andon_event: (data) => calls.set(data.id, data),
};

function hear({ data: text }) {
  const event = JSON.parse(text);
  if (!event.event_id) return;
  HEARD[event.type]?.(event.data);
  report(event);
  show();
}

function listen() {
  const token = sessionStorage.getItem(KEY);
  socket = new WebSocket(`wss://${location.host}/ws?token=${encodeURIComponent(token)}`);
  const own = socket;
  const ping = setInterval(() => own.readyState === WebSocket.OPEN && own.send('{"type":"ping"}'), PING_SECONDS * 1000);
  own.onopen = () => {
    for (const type of TYPES) own.send(JSON.stringify({ type: "subscribe", subscription_type: type }));
    live(true);
  };
  own.onmessage = hear;
  own.onclose = () => {
    clearInterval(ping);
    live(false);
    if (own === socket) setTimeout(() => own === socket && load().catch(leave), RETRY_SECONDS * 1000);
  };
}

function live(on) {
  at("live").dataset.state = on ? "on" : "off";
  at("live").textContent = on ? "live" : "not live";
}

// ——— coming and going

async function load() {
  const [found, open] = await Promise.all([ask("/api/v1/production/lines"), optional("/api/v1/andon/events/active")]);
  await Promise.all(listed(found).map(async (line) => lines.set(line.id, { ...await optional(`/api/v1/oee/lines/${line.id}/current`), ...line })));
  for (const one of listed(open)) calls.set(one.id, one);
  at("enter").hidden = true;
  at("board").hidden = at("leave").hidden = false;
  show();
  listen();
}

function leave(error) {
  if (error instanceof TypeError) { setTimeout(() => load().catch(leave), RETRY_SECONDS * 1000); return; } // no network
  const former = socket;
  socket = null;
  former?.close();
  sessionStorage.removeItem(KEY);
  lines.clear();
  calls.clear();
  at("enter").hidden = false;
  at("board").hidden = at("leave").hidden = true;
}

at("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("refusal").textContent = "";
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  try {
    const session = await ask("/api/v1/auth/login", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    sessionStorage.setItem(KEY, session.access_token);
    event.target.reset();
    await load();
  } catch (error) {
    at("refusal").textContent = error.message;
  }
});

at("leave").addEventListener("click", async () => {
  await ask("/api/v1/auth/logout", { method: "POST" }).catch(() => null);
  leave();
});

ask("/health")
  .then(({ status, version }) => { at("health").textContent = `${status} · ${version}`; })
  .catch(() => { at("health").textContent = "unreachable"; });
if (sessionStorage.getItem(KEY)) load().catch(leave);
navigator.serviceWorker?.register("/service-worker.js").catch(() => null);
