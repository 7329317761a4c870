// Fingers, mouse, wheel and keys, reported to handlers: move(view, animated), point(x, y), tap(x, y, touch, event), leave(), run(command).
const STEP = 0.18;
const SLOP = 6;

const KEYS = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function listen(canvas, camera, handlers) {
  const down = new Map();
  let travelled = 0;
  let pinch = null;

  const local = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const grip = () => {
    const [a, b] = [...down.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(20, Math.hypot(a.x - b.x, a.y - b.y)) };
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, local(event));
    if (down.size === 1) travelled = 0;
    pinch = down.size === 2 ? grip() : null;
    canvas.focus({ preventScroll: true });
  });

  canvas.addEventListener("pointermove", (event) => {
    const here = local(event);
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") handlers.point(here.x, here.y);
      return;
    }
    travelled += Math.hypot(here.x - before.x, here.y - before.y);
    down.set(event.pointerId, here);
    if (pinch && down.size === 2) {
      const now = grip();
      const moved = camera.moved(now.x - pinch.x, now.y - pinch.y);
      handlers.move(camera.zoomed(now.apart / pinch.apart, now.x, now.y, moved));
      pinch = now;
    } else if (down.size === 1 && travelled > SLOP) {
      canvas.dataset.dragging = "";
      handlers.move(camera.moved(here.x - before.x, here.y - before.y));
    }
  });

  const up = (event) => {
    const point = down.get(event.pointerId);
    if (!point) return;
    down.delete(event.pointerId);
    pinch = null;
    delete canvas.dataset.dragging;
    if (event.type === "pointerup" && down.size === 0 && travelled <= SLOP) handlers.tap(point.x, point.y, event.pointerType !== "mouse", event);
    else if (down.size > 0) travelled = SLOP + 1;
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", (event) => {
    if (!down.size) handlers.leave(event);
  });

  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { x, y } = local(event);
      const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
      // A trackpad's pinch comes as a wheel with ctrlKey and small steps.
      const strength = event.ctrlKey ? 0.012 : 0.0022;
      handlers.move(camera.zoomed(Math.exp(-Math.max(-300, Math.min(300, pixels)) * strength), x, y));
    },
    { passive: false },
  );

  // Before the page's own keys, and only while nothing else has the focus: arrows belong to the map here.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target !== canvas && event.target !== document.body && event.target !== document.querySelector("main")) return;
      if (document.querySelector("dialog[open]")) return;
      const direction = KEYS[event.key];
      const from = camera.target;
      if (direction) {
        const reach = STEP * Math.min(camera.width, camera.height) * (event.shiftKey ? 3 : 1);
        handlers.move(camera.moved(direction[0] * reach, direction[1] * reach, from), true);
      } else if (event.key === "+" || event.key === "=") handlers.run("in");
      else if (event.key === "-" || event.key === "_") handlers.run("out");
      else if (event.key === "0" || event.key === "Home") handlers.run("all");
      else if (event.key === "Enter" && event.target === canvas) handlers.run("open");
      else if (event.key === "Escape") return handlers.run("close");
      else return;
      event.preventDefault();
      if (direction || event.key !== "Enter") handlers.run("middle");
    },
    { capture: true },
  );
}
