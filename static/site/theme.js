// Runs before the first paint: a chosen theme never flashes the other one, and the first visit's line never moves a page. Classic script on purpose: modules are deferred.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
    if (localStorage.getItem("doors") === "seen") root.classList.add("doors-seen");
    if (localStorage.getItem("distances") === "raw") root.dataset.distances = "raw";
  } catch {
    // Storage may be forbidden; the system's theme stands.
  }
})();
