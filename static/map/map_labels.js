// Names of the map's regions, as HTML over the picture: coarse ones from afar, fine ones from near, never one over another.
const NEAR = 2.2;
const TOO_NEAR = 120;

export function labels(holder, regions) {
  const all = regions.map(([name, x, y, count, level]) => {
    const element = document.createElement("span");
    element.className = `map-label map-label-${level}`;
    element.textContent = name;
    element.hidden = true;
    holder.append(element);
    return { element, x, y, count, level, width: 0, height: 0, shown: false };
  });
  all.sort((a, b) => b.count - a.count);
  const levels = new Set(all.map((label) => label.level)).size;

  function measure() {
    for (const label of all) label.element.hidden = false;
    for (const label of all) {
      label.width = label.element.offsetWidth;
      label.height = label.element.offsetHeight;
    }
    for (const label of all) label.element.hidden = !label.shown;
  }
  measure();
  document.fonts?.ready.then(measure);

  return (camera) => {
    const level = levels > 1 && camera.scale > camera.fitting * NEAR ? 1 : 0;
    const taken = [];
    for (const label of all) {
      const { x, y } = camera.toScreen(label.x, label.y);
      const left = x - label.width / 2;
      const top = y - label.height / 2;
      const inside = left > 4 && top > 4 && left + label.width < camera.width - 4 && top + label.height < camera.height - 4;
      const free = (box) =>
        left > box.right + 6 || left + label.width < box.left - 6 || top > box.bottom + 4 || top + label.height < box.top - 4;
      const shown = (label.level === level || levels === 1) && inside && camera.scale < TOO_NEAR && taken.every(free);
      if (shown !== label.shown) label.element.hidden = !(label.shown = shown);
      if (!shown) continue;
      taken.push({ left, top, right: left + label.width, bottom: top + label.height });
      label.element.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    }
  };
}
