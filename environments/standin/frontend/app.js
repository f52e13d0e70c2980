// The floor at a glance: is the system healthy, and what do the lines do.
const state = document.getElementById("state");
const lines = document.getElementById("lines");

async function showHealth() {
  const answer = await fetch("/health");
  const health = await answer.json();
  state.textContent = `${health.status} · ${health.version}`;
}

async function showLines(token) {
  const answer = await fetch("/api/v1/production/lines", { headers: { Authorization: `Bearer ${token}` } });
  for (const line of await answer.json()) {
    const row = document.createElement("li");
    row.textContent = `${line.line_code} ${line.name}: ${line.status}`;
    lines.append(row);
  }
}

const token = sessionStorage.getItem("access_token");
showHealth().catch(() => { state.textContent = "unreachable"; });
if (token) showLines(token);
