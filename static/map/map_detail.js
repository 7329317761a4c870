// From near, sheets are too coarse: load the previews in sight one by one, a few at a time, and forget the oldest.
const AT_ONCE = 6;
const PAUSE_MS = 120;
const SLOTS = 256;

export function detailLoader(data, renderer, previewUrl, redraw) {
  const kept = new Map(); // item → slot, least recently seen first
  const running = new Set();
  const failed = new Set();
  const free = Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);
  let wanted = [];
  let timer = 0;

  function freeSlot() {
    if (free.length) return free.pop();
    const seen = new Set(wanted);
    for (const [item, slot] of kept) {
      if (seen.has(item)) continue;
      kept.delete(item);
      renderer.dropDetail(item);
      return slot;
    }
    return -1;
  }

  async function load(item) {
    running.add(item);
    try {
      const response = await fetch(previewUrl(data.ids[item]));
      if (!response.ok) throw new Error(String(response.status));
      const picture = await createImageBitmap(await response.blob());
      const short = Math.min(picture.width, picture.height);
      const side = renderer.detailSide;
      const [left, top] = [(picture.width - short) >> 1, (picture.height - short) >> 1];
      const bitmap = await createImageBitmap(picture, left, top, short, short, { resizeWidth: side, resizeHeight: side, resizeQuality: "medium" });
      picture.close();
      const slot = freeSlot();
      if (slot < 0) return bitmap.close();
      kept.set(item, slot);
      renderer.setDetail(item, slot, bitmap);
      redraw();
    } catch {
      failed.add(item); // the sheet's small picture stays
    } finally {
      running.delete(item);
      pump();
    }
  }

  function pump() {
    for (const item of wanted) {
      if (running.size >= AT_ONCE) return;
      if (!kept.has(item) && !running.has(item) && !failed.has(item)) load(item);
    }
  }

  // Called after each move with a function that lists the items in sight, nearest to the middle first; [] from afar.
  return (listInSight) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      wanted = listInSight().slice(0, SLOTS);
      for (const item of wanted) {
        const slot = kept.get(item);
        if (slot === undefined) continue;
        kept.delete(item);
        kept.set(item, slot);
      }
      pump();
    }, PAUSE_MS);
  };
}
