// Keeps the shell of the page for a moment without network. What the plant does is never kept.
const SHELL = "shell-/assets/app.js";
const FILES = ["/", "/assets/app.js", "/assets/style.css", "/assets/icon.svg"];

self.addEventListener("install", (event) => event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES))));

self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))));

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || !FILES.includes(pathname)) return;
  event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
