// The heat maps' strength, and retries while the server is busy.
const RETRIES = 12;
const compare = document.querySelector("[data-compare]");
const toggle = compare?.querySelector("[data-heat-toggle]");
const strength = compare?.querySelector("[data-heat-strength]");

const show = () => compare.style.setProperty("--heat", strength.value / 100);
strength?.addEventListener("input", () => {
  toggle.checked = true;
  show();
});

// Until its heat map is there, a picture keeps its own colours.
function waiting(image, still) {
  image.parentElement.toggleAttribute("data-waiting", still);
  image.parentElement.querySelector("[data-heat-wait]").hidden = !still;
}

async function fetchWithRetries(image) {
  const wait = image.parentElement.querySelector("[data-heat-wait]");
  const address = image.getAttribute("src");
  image.dataset.heat = "waiting";
  waiting(image, true);
  for (let tries = 0; tries < RETRIES; tries++) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) {
      image.src = URL.createObjectURL(await response.blob());
      image.dataset.heat = "shown";
      waiting(image, false);
      return;
    }
    const pause = Number(response?.headers.get("Retry-After"));
    if (!response || !pause) break;
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
  image.hidden = true;
  wait.textContent = wait.dataset.failed;
}

for (const image of compare?.querySelectorAll("[data-heat]") ?? []) {
  if (image.complete && image.naturalWidth) continue;
  if (image.complete) {
    fetchWithRetries(image);
    continue;
  }
  waiting(image, true);
  image.addEventListener("load", () => waiting(image, false), { once: true });
  image.addEventListener("error", () => fetchWithRetries(image), { once: true });
}
