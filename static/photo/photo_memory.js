// Keeps the photo, the box and the results in this tab, so that "back" from a result brings them back. sessionStorage: it
// never leaves the browser, other tabs cannot read it, and it goes when the tab is closed.
const KEY = "photo";
const LONGEST = 1280;

// The history entry is marked: only "back" to it, or a reload, finds what was kept; a fresh visit starts afresh.
export function remember(entry) {
  const mark = String(Math.random());
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...entry, mark }));
    history.replaceState({ photo: mark }, "");
  } catch {
    forget(); // no room, or no storage at all: then there is nothing to come back to
  }
}

export function forget() {
  history.replaceState(null, "");
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Storage may be forbidden.
  }
}

// What was remembered of this history entry, or null.
export function recall() {
  try {
    const entry = JSON.parse(sessionStorage.getItem(KEY));
    return entry && entry.mark === history.state?.photo ? entry : null;
  } catch {
    return null;
  }
}

// An element's markup to keep, without style attributes, which the policy forbids in markup: a tool or an extension may have set some.
export function markupOf(element) {
  // In a document of its own: a copy in this one would fetch its pictures, and the policy forbids to fetch a data: address.
  const copy = document.implementation.createHTMLDocument("").importNode(element, true);
  for (const styled of copy.querySelectorAll("[style]")) styled.removeAttribute("style");
  return copy.innerHTML;
}

// The picture as a data: address, no side above LONGEST, so that it fits where 5 MB do.
export function asAddress(image) {
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.9);
}
