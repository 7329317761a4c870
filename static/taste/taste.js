// Favourites and "not for me" without a reload. Without this the same buttons send the same form and the page comes back.
const form = document.getElementById("taste-form");
const toast = document.getElementById("toast");
let clearing = 0;

export function showToast(message) {
  clearTimeout(clearing);
  toast.replaceChildren();
  if (!message) return;
  const line = document.createElement("p");
  line.textContent = message;
  toast.append(line);
  clearing = setTimeout(() => toast.replaceChildren(), 4000);
}
if (toast.childElementCount) clearing = setTimeout(() => toast.replaceChildren(), 8000);

function show({ liked, disliked }) {
  const judged = { like: new Set(liked), dislike: new Set(disliked) };
  for (const button of document.querySelectorAll("[data-verdict]")) {
    const pressed = judged[button.dataset.verdict].has(button.value);
    button.setAttribute("aria-pressed", pressed);
    button.name = pressed ? "forget" : button.dataset.verdict;
  }
  const total = liked.length;
  for (const count of document.querySelectorAll("[data-taste-count]")) {
    count.textContent = total;
    count.hidden = total === 0;
  }
}

// The taste page shows what follows at once: fetch it again and put its live part in place, the focus where it was.
async function refresh(focused) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("taste-live");
  if (!response.ok || !fresh) throw new Error(`No #taste-live in ${location.href}`);
  document.getElementById("taste-live").replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("swapped", { detail: { id: "taste-live" } }));
  const sameButton = focused && fresh.querySelectorAll(focused.kind)[focused.index];
  (sameButton ?? fresh.querySelector(focused?.kind ?? "h1") ?? document.getElementById("main")).focus({ preventScroll: true });
}

function focusOf(button) {
  const kind = [".heart", ".not-me", ".remove", ".to-front"].find((one) => button.matches(one)) ?? "h1";
  const index = [...document.querySelectorAll(`#taste-live ${kind}`)].indexOf(button);
  return index < 0 ? null : { kind, index };
}

let busy = Promise.resolve();

async function send(button) {
  const name = button.name;
  const body = new FormData(form);
  body.set(name, button.value);
  const live = document.querySelector("[data-taste-page]");
  const focused = live && focusOf(button);
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${form.action}: ${response.status}`);
  const state = await response.json();
  if (live && name === "adopt") return location.assign(location.pathname);
  show(state);
  if (live) await refresh(focused);
  const messages = { like: toast.dataset.liked, dislike: toast.dataset.disliked, forget: toast.dataset.forgotten };
  if (button.matches(".to-front")) messages.like = toast.dataset.moved;
  return showToast(state.message || messages[name]);
}

form.addEventListener("submit", (event) => {
  if (!event.submitter) return;
  event.preventDefault();
  const button = event.submitter;
  // One after the other: each answer holds the whole taste, and the cookie with it.
  busy = busy.then(() => send(button)).catch(() => showToast(toast.dataset.failed));
});

// l and d judge the card or the item that has the focus, or the item of an item's page.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, dialog, [data-own-keys]")) return;
  const verdict = { l: "like", d: "dislike" }[event.key];
  const around = document.activeElement?.closest?.(".card") ?? document.querySelector(".item");
  const button = verdict && around?.querySelector(`[data-verdict=${verdict}]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy-from]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copyFrom);
  try {
    await navigator.clipboard.writeText(field.value);
    showToast(button.dataset.done);
  } catch {
    field.select(); // no clipboard without https: Ctrl+C takes it
  }
});

// A page from the browser's memory, or one that swapped a part in, may show an old taste.
const refreshButtons = async () => {
  const response = await fetch(form.dataset.state, { headers: { Accept: "application/json" } });
  if (response.ok) show(await response.json());
};
addEventListener("pageshow", (event) => {
  if (event.persisted) refreshButtons().catch(() => {});
});
document.addEventListener("restored", () => refreshButtons().catch(() => {}));
