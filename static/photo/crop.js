// A crop box over a picture: corners and middle by pointer, arrows by keyboard. Its box is in shares of the picture, 0 to 1.
const LEAST = 0.08;
const STEP = 0.02;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export class CropBox extends EventTarget {
  constructor(stage, box) {
    super();
    this.stage = stage;
    this.box = box;
    this.set({ left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 });
    box.addEventListener("pointerdown", (event) => this.#grab(event));
    box.addEventListener("keydown", (event) => this.#key(event));
  }

  set({ left, top, right, bottom }) {
    Object.assign(this, { left, top, right, bottom });
    const percent = (share) => `${(100 * share).toFixed(3)}%`;
    Object.assign(this.box.style, { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) });
  }

  get shares() {
    return { left: this.left, top: this.top, right: this.right, bottom: this.bottom };
  }

  change(shares) {
    this.set(shares);
    this.dispatchEvent(new Event("change"));
  }

  #moved(from, dx, dy) {
    const x = clamp(dx, -from.left, 1 - from.right);
    const y = clamp(dy, -from.top, 1 - from.bottom);
    return { left: from.left + x, top: from.top + y, right: from.right + x, bottom: from.bottom + y };
  }

  #resized(from, corner, dx, dy) {
    const to = { ...from };
    if (corner.includes("w")) to.left = clamp(from.left + dx, 0, from.right - LEAST);
    if (corner.includes("e")) to.right = clamp(from.right + dx, from.left + LEAST, 1);
    if (corner.includes("n")) to.top = clamp(from.top + dy, 0, from.bottom - LEAST);
    if (corner.includes("s")) to.bottom = clamp(from.bottom + dy, from.top + LEAST, 1);
    return to;
  }

  #grab(event) {
    if (event.button !== 0) return;
    const corner = event.target.dataset.handle ?? "";
    const from = this.shares;
    const { width, height } = this.stage.getBoundingClientRect();
    const drag = (move) => {
      const dx = (move.clientX - event.clientX) / width;
      const dy = (move.clientY - event.clientY) / height;
      this.set(corner ? this.#resized(from, corner, dx, dy) : this.#moved(from, dx, dy));
    };
    const drop = () => {
      this.box.removeEventListener("pointermove", drag);
      this.dispatchEvent(new Event("change"));
    };
    this.box.setPointerCapture(event.pointerId);
    this.box.addEventListener("pointermove", drag);
    this.box.addEventListener("lostpointercapture", drop, { once: true });
    this.box.focus({ preventScroll: true });
    event.preventDefault();
  }

  #key(event) {
    const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (event.key === "Home") this.change({ left: 0, top: 0, right: 1, bottom: 1 });
    else if (!(event.key in arrows) || event.ctrlKey || event.metaKey || event.altKey) return;
    else this.change(event.shiftKey ? this.#resized(this.shares, "se", ...arrows[event.key]) : this.#moved(this.shares, ...arrows[event.key]));
    event.preventDefault();
    event.stopPropagation();
  }
}
