// The card of the item that is pointed at: fetched once each, shown beside its picture, on phones at the bottom.
const PAUSE_MS = 70;
const GRACE_MS = 220;
const GAP = 14;
const narrow = matchMedia("(max-width: 48rem)");

export function cardShower(holder, stage, urlOf, onClose) {
  const known = new Map();
  let shown = "";
  let timer = 0;
  let closing = 0;

  async function markup(id) {
    if (!known.has(id)) {
      const response = await fetch(urlOf(id), { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(String(response.status));
      known.set(id, await response.text());
      if (known.size > 300) known.delete(known.keys().next().value);
    }
    return known.get(id);
  }

  function position({ x, y, size }) {
    if (narrow.matches) {
      holder.style.transform = "";
      return;
    }
    const [width, height] = [holder.offsetWidth, holder.offsetHeight];
    const right = x + size / 2 + GAP;
    const left = right + width + GAP < stage.clientWidth ? right : x - size / 2 - GAP - width;
    const top = Math.min(Math.max(y - height / 2, GAP), Math.max(GAP, stage.clientHeight - height - GAP));
    holder.style.transform = `translate(${Math.round(Math.max(GAP, left))}px, ${Math.round(top)}px)`;
  }

  const close = () => {
    clearTimeout(timer);
    clearTimeout(closing);
    shown = "";
    holder.hidden = true;
    onClose();
  };
  holder.addEventListener("pointerenter", () => clearTimeout(closing));
  holder.addEventListener("pointerleave", () => (closing = setTimeout(close, GRACE_MS)));

  return {
    get id() {
      return shown;
    },
    show(id, box, immediately = false) {
      clearTimeout(closing);
      if (id === shown) return;
      clearTimeout(timer);
      shown = id;
      timer = setTimeout(
        async () => {
          try {
            const html = await markup(id);
            if (shown !== id) return;
            holder.innerHTML = html;
            holder.hidden = false;
            position(box());
          } catch {
            if (shown === id) holder.hidden = true;
          }
        },
        immediately ? 0 : PAUSE_MS,
      );
    },
    follow(box) {
      if (!holder.hidden) position(box);
    },
    leave() {
      clearTimeout(timer);
      clearTimeout(closing);
      closing = setTimeout(close, GRACE_MS);
    },
    close,
  };
}
