// Search by photo: choose, drop, paste or take one, see at once, draw a box. Where the site finds boxes, the picture is sent
// small, and each box can be chosen; where it does not, only the pixels of the box that is drawn leave this browser.
// Without this the form sends the whole picture and the page comes back with the answer.
import { OWN, ProposedBoxes, writeShares } from "./boxes.js";
import { CropBox, cropPixels } from "./crop.js";
import { asAddress, forget, markupOf, recall, remember } from "./photo_memory.js";

const LONGEST = 768;
const TRIES = 20;
const form = document.querySelector("[data-photo-form]");
const find = (name) => form.querySelector(`[data-${name}]`);
const picture = find("photo-picture");
const status = find("photo-status");
const words = form.dataset;
const box = new CropBox(find("photo-stage"), find("crop"));
const proposed = "proposing" in words ? new ProposedBoxes(picture, find("photo-boxes"), find("photo-looks")) : null;
const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };
const MIDDLE = { left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 };
const results = () => document.getElementById("photo-results");
let running = new AbortController();
let timer = 0;
let narrowed = ""; // a query string

function show(file) {
  const url = URL.createObjectURL(file);
  URL.revokeObjectURL(picture.src);
  picture.src = url;
  picture.decode().then(opened, () => {
    status.textContent = words.notAPicture;
  });
}

function edit(shares) {
  for (const part of form.querySelectorAll("[data-photo-drop], [data-photo-samples], [data-photo-start]")) part.hidden = true;
  find("photo-editor").hidden = false;
  form.dataset.editing = "";
  box.set(shares);
}

function opened() {
  edit(MIDDLE);
  proposed?.clear();
  drawingOwn();
  if (!proposed) find("crop").focus({ preventScroll: true });
  search();
}

// A box of one's own is drawn where the site finds none, or by choice.
function drawingOwn() {
  if (!proposed) return;
  const own = proposed.name === OWN;
  find("crop").hidden = !own;
  document.getElementById("crop-help").hidden = !own;
  proposed.drawing.toggleAttribute("hidden", own);
}

// Back from a result: the photo, the box, the results and the place on the page, as they were left.
async function restore({ picture: address, shares, narrowed: chips, boxes, html, scroll }) {
  narrowed = chips;
  picture.src = address;
  await picture.decode();
  edit(shares);
  if (boxes) proposed?.put(boxes);
  drawingOwn();
  results().innerHTML = html; // the site's own, kept by this tab
  document.dispatchEvent(new CustomEvent("swapped", { detail: { id: "photo-results" } }));
  document.dispatchEvent(new CustomEvent("restored")); // hearts may have changed meanwhile
  scrollTo(0, scroll);
}

addEventListener("pagehide", () => {
  const done = "editing" in form.dataset && !results().hasAttribute("aria-busy");
  if (done) remember({ picture: asAddress(picture), shares: box.shares, narrowed, boxes: proposed?.kept, html: markupOf(results()), scroll: scrollY });
});

function again() {
  running.abort();
  forget();
  find("photo-start")?.remove();
  narrowed = "";
  find("photo-editor").hidden = true;
  for (const part of form.querySelectorAll("[data-photo-drop], [data-photo-samples]")) part.hidden = false;
  results().replaceChildren();
  delete form.dataset.editing;
  status.textContent = "";
  for (const input of form.querySelectorAll("[type=file]")) input.value = "";
  form.querySelector("[type=file]").focus();
}

// A part's pixels as a JPEG, no larger than the server would make them.
function pixels(shares) {
  const { source, width, height } = cropPixels(shares, picture.naturalWidth, picture.naturalHeight, LONGEST);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#ffffff"; // see-through pictures stand on white, as shops' do
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, source.x, source.y, source.width, source.height, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const id = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(id), reject(signal.reason)), { once: true });
  });

// A full queue answers 503 and says when to come again.
async function send(body, signal) {
  for (let left = TRIES; ; left -= 1) {
    const response = await fetch(form.action, { method: "POST", body, signal, headers: { Accept: "text/html" } });
    const wait = Number(response.headers.get("Retry-After"));
    if (response.status !== 503 || !wait || left === 0) return response;
    status.textContent = words.queueing;
    await pause(1000 * wait * (0.5 + Math.random()), signal);
  }
}

// At first the site chooses; then the box that is chosen, which need not be found again.
function ask(body) {
  body.set("without_picture", "1");
  if (!proposed.name) return;
  const { kind, shares } = proposed.chosen;
  body.set("box", kind);
  body.set("crop", writeShares(proposed.name === OWN ? box.shares : shares));
}

async function search() {
  clearTimeout(timer);
  running.abort();
  running = new AbortController();
  const { signal } = running;
  results().setAttribute("aria-busy", "true");
  status.textContent = words.waiting;
  try {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("photo", await pixels(proposed ? WHOLE : box.shares), "photo.jpg");
    if (proposed) ask(body);
    if (find("photo-words")?.value.trim()) body.set("words", find("photo-words").value);
    if (narrowed) body.set("narrowed", narrowed);
    const item = form.querySelector("[name=item]");
    if (item) body.set("item", item.value); // it is no neighbour of its own
    const response = await send(body, signal);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.getElementById("photo-results");
    proposed?.take(answer);
    results().replaceWith(answer);
    status.textContent = response.ok ? words.found : "";
    if (!response.ok) narrowed = "";
    document.dispatchEvent(new CustomEvent("swapped", { detail: { id: "photo-results" } }));
  } catch (error) {
    if (error.name === "AbortError") return;
    results().removeAttribute("aria-busy");
    status.textContent = words.failed;
  }
}

const searchSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(search, 350);
};

proposed?.addEventListener("change", () => {
  const { kind, shares } = proposed.chosen;
  if (proposed.name === OWN) box.set(kind === "whole" ? MIDDLE : shares);
  drawingOwn();
  searchSoon();
});

box.addEventListener("change", () => {
  const label = Object.entries(box.shares).reduce((text, [side, share]) => text.replace(`{${side}}`, Math.round(100 * share)), words.box);
  find("crop-words").textContent = label;
  searchSoon();
});

// A chip holds what remains narrowed down when it is pressed; the price is typed.
document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("#photo-results [name=narrowed]");
  if (!chip || !("editing" in form.dataset)) return;
  event.preventDefault();
  const price = chip.parentElement.querySelector("[name=price_max]")?.value.trim();
  narrowed = price ? `${new URLSearchParams([...new URLSearchParams(chip.value), ["price_max", price]])}` : chip.value;
  search();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("#photo-results [name=price_max]")) event.target.closest(".menu").querySelector("button").click();
});

const take = (files) => {
  const file = [...(files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (file) show(file);
  else if (files?.length) status.textContent = words.notAPicture;
};

for (const input of form.querySelectorAll("[type=file]")) input.addEventListener("change", () => take(input.files));
find("photo-words")?.addEventListener("input", () => "editing" in form.dataset && searchSoon());
find("crop-whole")?.addEventListener("click", () => box.change(WHOLE));
find("photo-again").addEventListener("click", again);

async function fetchAndShow(address) {
  const response = await fetch(address).catch(() => null);
  if (response?.ok) show(await response.blob());
  else status.textContent = words.failed;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "sample") fetchAndShow(event.submitter.querySelector("img").src);
});
document.addEventListener("paste", (event) => take(event.clipboardData?.files));

const drop = find("photo-drop");
let depth = 0;
const over = (by) => {
  depth = by === 0 ? 0 : Math.max(0, depth + by);
  drop.toggleAttribute("data-over", depth > 0);
};
document.addEventListener("dragenter", () => over(1));
document.addEventListener("dragleave", () => over(-1));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  over(0);
  take(event.dataTransfer?.files);
});

const kept = recall();
const start = find("photo-start")?.querySelector("img");
if (kept) restore(kept).catch(forget);
else if (start) fetchAndShow(start.src);
