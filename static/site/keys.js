// The keyboard: n or space another random item, j/k or arrows through the cards, enter opens, b back, / search, ? help.
const help = document.getElementById("keys-help");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

for (const button of document.querySelectorAll("[data-help-open]")) button.addEventListener("click", () => help.showModal());

const titles = () => [...document.querySelectorAll("main .card-link")].filter((link) => link.offsetParent !== null);

function focusOn(link) {
  if (!link) return;
  link.focus({ preventScroll: true });
  link.closest(".card").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "nearest", inline: "nearest" });
}

function step(by) {
  const links = titles();
  const card = document.activeElement?.closest?.(".card");
  const at = card ? links.findIndex((link) => card.contains(link)) : -1;
  focusOn(links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)]);
}

function stepRow(by) {
  const card = document.activeElement?.closest?.(".card");
  if (!card) return step(by);
  const here = card.getBoundingClientRect();
  const there = titles()
    .map((link) => ({ link, box: link.closest(".card").getBoundingClientRect() }))
    .filter(({ box }) => (by > 0 ? box.top > here.bottom - 4 : box.bottom < here.top + 4));
  // The same column first, and in it the nearest: a wall has no rows that run through.
  const column = Math.min(...there.map(({ box }) => Math.abs(box.left - here.left)));
  const near = there.filter(({ box }) => Math.abs(box.left - here.left) < column + 4);
  near.sort((a, b) => Math.abs(a.box.top - here.top) - Math.abs(b.box.top - here.top));
  return focusOn(near[0]?.link);
}

const another = () => {
  const link = document.querySelector("[data-random]") ?? document.querySelector(".wordmark");
  location.assign(link.href);
};

const actions = {
  n: another,
  " ": another,
  j: () => step(1),
  k: () => step(-1),
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  ArrowDown: () => stepRow(1),
  ArrowUp: () => stepRow(-1),
  b: () => history.back(),
  "/": () => document.querySelector("main [type=search], #site-search")?.focus(),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const target = event.target;
  if (target.closest?.("input, textarea, select, [contenteditable], [data-own-keys], canvas, [role=application]")) return;
  const onControl = target.closest?.("a, button, summary");
  if (event.key === " " && onControl && !target.closest(".card")) return;
  // Vertical arrows scroll a page until a card has the focus; then they walk the rows.
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !target.closest?.(".card")) return;
  const action = actions[event.key];
  if (!action || (event.key.startsWith("Arrow") && titles().length === 0)) return;
  event.preventDefault();
  action();
});
