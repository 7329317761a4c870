// What a person chose stays chosen: the theme, whether raw distances are shown, that the first visit's line was read.
const root = document.documentElement;

function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

const systemIsDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark();
    root.dataset.theme = dark ? "light" : "dark";
    remember("theme", root.dataset.theme);
  });
}

for (const box of document.querySelectorAll("[data-distances-toggle]")) {
  box.checked = root.dataset.distances === "raw";
  box.addEventListener("change", () => {
    if (box.checked) root.dataset.distances = "raw";
    else delete root.dataset.distances;
    remember("distances", box.checked ? "raw" : null);
  });
}

// The first visit's line stands on its first page only: one word in this browser, nothing sent.
for (const doors of document.querySelectorAll("[data-doors]")) {
  remember("doors", "seen");
  doors.addEventListener("click", (event) => {
    if (!event.target.closest("[data-doors-close]")) return;
    root.classList.add("doors-seen");
    document.getElementById("main").focus({ preventScroll: true });
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "✓";
    } catch {
      // No clipboard without https: select the command, so that Ctrl+C takes it.
      getSelection().selectAllChildren(button.previousElementSibling);
    }
    setTimeout(() => (button.textContent = words), 1500);
  });
}

// A random item gets its own address, so that "back" and "reload" keep it.
const item = document.querySelector("[data-item-page]");
if (item && location.pathname !== item.dataset.itemPage && location.search === "") {
  history.replaceState(null, "", item.dataset.itemPage);
}
