// Counts what was shown and opened, for the shop's owner: no cookie, no address, nothing of the visitor.
// Elements: `[data-place]` holds cards `[data-item]`; a link inside a card opens it; `[data-shop-item]` leads to the shop.
const ADDRESS = document.querySelector("[data-usage]")?.dataset.usage;
const SEND_AFTER_MS = 2000;
const OPENED_AT = "opened-at"; // sessionStorage: the place by which this tab came to the item it shows

const waiting = new Map(); // place → {shown: Set, opened: Set, shop: Set}
const counted = new Set(); // "place item", once a page
let timer = 0;

function note(place, event, item) {
  if (!waiting.has(place)) waiting.set(place, { shown: new Set(), opened: new Set(), shop: new Set() });
  waiting.get(place)[event].add(item);
  // A click may leave the page: it is sent at once, with what waits.
  if (event === "shown") timer ||= setTimeout(send, SEND_AFTER_MS);
  else send();
}

function send() {
  clearTimeout(timer);
  timer = 0;
  for (const [place, events] of waiting) {
    const message = { place, shown: [...events.shown], opened: [...events.opened], shop: [...events.shop] };
    navigator.sendBeacon(ADDRESS, JSON.stringify(message));
  }
  waiting.clear();
}

function placeOf(element) {
  return element.closest("[data-place]")?.dataset.place;
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    const place = placeOf(target);
    const key = `${place} ${target.dataset.item}`;
    if (!isIntersecting || !place || counted.has(key)) continue;
    counted.add(key);
    seen.unobserve(target);
    note(place, "shown", target.dataset.item);
  }
}, { threshold: 0.5 });

function watch(root) {
  for (const card of root.querySelectorAll("[data-place] [data-item]")) seen.observe(card);
}

function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link) return;
  const shopItem = link.dataset.shopItem;
  if (shopItem) {
    note(readPlace(shopItem) ?? "wall", "shop", shopItem);
    return;
  }
  const card = link.closest("[data-item]");
  const place = card && placeOf(card);
  if (!place) return;
  note(place, "opened", card.dataset.item);
  keepPlace(card.dataset.item, place);
}

function keepPlace(item, place) {
  try {
    sessionStorage.setItem(OPENED_AT, JSON.stringify({ item, place }));
  } catch {
    // A browser that keeps nothing: the way to the shop is then counted for the wall.
  }
}

function readPlace(item) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(OPENED_AT) ?? "null");
    return kept?.item === item ? kept.place : undefined;
  } catch {
    return undefined;
  }
}

if (ADDRESS && navigator.sendBeacon) {
  watch(document);
  // Walls grow: what is added is watched too.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE && node.parentElement) watch(node.parentElement);
  }).observe(document.querySelector("main") ?? document.body, { childList: true, subtree: true });
  document.addEventListener("click", follow);
  document.addEventListener("auxclick", follow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
}
