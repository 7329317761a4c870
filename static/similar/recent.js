// Recently seen: ids only, in this browser only; the site gives their pictures and keeps nothing.
const KEY = "recent";
const MOST = 12;

const section = document.querySelector("[data-recent]");
const here = document.querySelector("[data-item-page]")?.dataset.item;

function read() {
  try {
    const ids = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

function write(ids) {
  try {
    if (ids.length) localStorage.setItem(KEY, JSON.stringify(ids.slice(0, MOST + 1)));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage may be forbidden; nothing is remembered then.
  }
}

async function show(ids) {
  const response = await fetch(`${section.dataset.recent}?ids=${ids.map(encodeURIComponent).join(",")}`);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const strip = page.querySelector(".strip");
  const shown = [...strip.querySelectorAll("[data-item]")].map((card) => card.dataset.item);
  // What is gone is forgotten; other tabs may have added to the list meanwhile.
  write(read().filter((id) => id === here || shown.includes(id) || !ids.includes(id)));
  if (!shown.length) return;
  section.append(strip);
  section.hidden = false;
}

if (section && here) {
  const others = read().filter((id) => id !== here);
  write([here, ...others]);
  if (others.length) show(others.slice(0, MOST)).catch(() => {});
  section.querySelector("[data-recent-clear]").addEventListener("click", () => {
    write([]);
    section.remove();
    document.getElementById("main").focus({ preventScroll: true });
  });
}
