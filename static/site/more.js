// More on a wall: twice by itself as one scrolls, a screen ahead, then when its link is pressed. Without this it is a link.
const BY_ITSELF = 2;

let added = 0; // how many times

async function add(place, asked) {
  const link = place.querySelector("[data-more-link]");
  const wall = document.querySelector("[data-wall]");
  const response = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const known = new Set([...wall.children].map((card) => card.dataset.item));
  const cards = [...(page.querySelector("[data-wall]")?.children ?? [])].filter((card) => !known.has(card.dataset.item));
  if (!response.ok || !cards.length) throw new Error(`Nothing more in ${link.href}`);
  wall.append(...cards);
  added += 1;
  const count = document.querySelector("[data-shown]");
  if (count) count.textContent = count.textContent.replace(/\d+/, wall.children.length);
  const next = page.querySelector("[data-more-link]");
  if (next) link.href = next.href;
  else place.remove();
  // The focus goes to the first of the new ones: the link that was pressed may be gone.
  if (asked) cards[0].querySelector("a").focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("swapped", { detail: { id: "wall" } }));
}

// Back from an item: what had been added is added again, so that the place one left is there to return to.
const key = () => `more ${location.pathname}${location.search}`; // filters change it while the page stands

function keep(added) {
  try {
    if (added) sessionStorage.setItem(key(), JSON.stringify({ added, top: scrollY }));
    else sessionStorage.removeItem(key());
  } catch {
    // Storage may be forbidden; "back" then leads to the page's beginning.
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(key())) ?? { added: 0, top: 0 };
  } catch {
    return { added: 0, top: 0 };
  }
}

async function bringBack() {
  const { added: wanted, top } = kept();
  if (!wanted || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  try {
    while (added < wanted) {
      const place = document.querySelector("[data-more]");
      if (!place) break;
      await add(place, false);
    }
  } catch {
    // The link is still there to press.
  }
  scrollTo({ top, behavior: "instant" });
}

let watcher;
function watch() {
  watcher?.disconnect();
  const place = document.querySelector("[data-more]");
  if (!place) return;
  let left = BY_ITSELF;
  let busy = false;
  watcher = new IntersectionObserver(
    async (entries) => {
      if (busy || !scrollY || !entries.some((entry) => entry.isIntersecting)) return;
      busy = true;
      try {
        await add(place, false);
        left -= 1;
      } catch {
        left = 0; // the link is still there to press
      }
      busy = false;
      watcher.unobserve(place);
      if (left > 0 && place.isConnected) watcher.observe(place);
    },
    { rootMargin: "100% 0px" },
  );
  watcher.observe(place);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-more-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  try {
    await add(link.closest("[data-more]"), true);
  } catch {
    location.assign(link.href);
  }
});
document.addEventListener("swapped", (event) => {
  if (event.detail.id === "wall") return;
  added = 0;
  watch();
});
addEventListener("pagehide", () => keep(added));
bringBack().then(watch);

// Chip menus: one open at a time; Escape closes and gives the focus back.
const menus = () => [...document.querySelectorAll("[data-menu][open]")];
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
