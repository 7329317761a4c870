// The boxes that the site found on a photo: a click on one and its radio button are one choice, among them a box of one's own.
import { markupOf } from "./photo_memory.js";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 1000; // of the drawing, which is stretched over the picture
const THUMB = 96;
export const OWN = "own";

// A box's path inside the whole, so that what is around it can be darkened.
export function shadePath({ left, top, right, bottom }) {
  const [x, y, w, h] = [left, top, right - left, bottom - top].map((share) => Math.round(SIZE * share));
  return `M0 0H${SIZE}V${SIZE}H0zM${x} ${y}v${h}h${w}v${-h}z`;
}

// "left,top,right,bottom" ↔ a box in shares of the picture.
export function readShares(text) {
  const [left, top, right, bottom] = text.split(",").map(Number);
  return { left, top, right, bottom };
}

export function writeShares({ left, top, right, bottom }) {
  return [left, top, right, bottom].map((share) => share.toFixed(5)).join(",");
}

export class ProposedBoxes extends EventTarget {
  #kind = ""; // of the last one proposed that was chosen: what a box of one's own begins as
  #shares = null;

  constructor(picture, drawing, list) {
    super();
    Object.assign(this, { picture, drawing, list });
    drawing.addEventListener("click", ({ target }) => this.choose(target.dataset.box));
    list.addEventListener("change", () => this.#chosen());
  }

  // Takes the boxes out of an answer; one that has none leaves those of before.
  take(answer) {
    const proposed = answer.querySelector("[data-proposed]");
    if (!proposed) return;
    this.put({ drawing: proposed.querySelector("[data-boxes]").innerHTML, list: proposed.querySelector("[data-looks]").outerHTML });
    proposed.remove();
  }

  // What `kept` gave, or an answer's.
  put({ drawing, list, name }) {
    this.drawing.innerHTML = drawing;
    this.list.innerHTML = list;
    for (const radio of this.list.querySelectorAll("[data-shares]")) radio.after(this.#thumb(readShares(radio.dataset.shares)));
    if (name) this.#radio(name).checked = true;
    this.#draw();
  }

  clear() {
    this.drawing.replaceChildren();
    this.list.replaceChildren();
  }

  get kept() {
    const list = this.list.cloneNode(true);
    for (const thumb of list.querySelectorAll("canvas")) thumb.remove(); // they are drawn again; the own box's sign is not
    return { drawing: this.drawing.innerHTML, list: markupOf(list), name: this.name };
  }

  get name() {
    return this.list.querySelector(":checked")?.value;
  }

  // Of the chosen one: its kind and shares; of a box of one's own the kind and shares that it begins with.
  get chosen() {
    return { kind: this.#kind, shares: this.#shares };
  }

  choose(name) {
    const radio = name && this.#radio(name);
    if (!radio || radio.checked) return;
    radio.checked = true;
    this.#chosen();
  }

  #radio(name) {
    return this.list.querySelector(`[value="${CSS.escape(name)}"]`);
  }

  #chosen() {
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  #draw() {
    const radio = this.list.querySelector(":checked");
    if (radio?.dataset.shares) [this.#kind, this.#shares] = [radio.dataset.kind, readShares(radio.dataset.shares)];
    for (const line of this.drawing.querySelectorAll(".box-line")) line.classList.toggle("on", line.dataset.box === radio?.value);
    this.drawing.querySelector(".box-shade")?.remove();
    const shade = document.createElementNS(SVG, "path");
    shade.setAttribute("class", "box-shade");
    shade.setAttribute("fill-rule", "evenodd");
    shade.setAttribute("d", shadePath(this.#shares));
    this.drawing.prepend(shade);
  }

  #thumb({ left, top, right, bottom }) {
    const { naturalWidth: w, naturalHeight: h } = this.picture;
    const [width, height] = [(right - left) * w, (bottom - top) * h];
    const scale = THUMB / Math.max(width, height);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { className: "look-thumb", width: Math.max(1, width * scale), height: Math.max(1, height * scale) });
    canvas.getContext("2d").drawImage(this.picture, left * w, top * h, width, height, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}
