// Enlarges the picture over the page; on narrow pages shows one of the three measures at a time. Without this both are links.
const large = document.getElementById("large");

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-enlarge]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  large.querySelector("img")?.remove();
  const picture = new Image();
  picture.src = link.href;
  picture.alt = document.querySelector("h1").textContent;
  // As large as the window, but no larger than twice its own pixels: a blur helps nobody.
  picture.addEventListener("load", () => (picture.style.maxWidth = `${2 * picture.naturalWidth}px`));
  large.append(picture);
  large.showModal();
});
large?.addEventListener("click", (event) => {
  if (event.target.matches("img, dialog")) large.close();
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-tab]");
  if (!tab) return;
  event.preventDefault();
  for (const other of document.querySelectorAll("[data-tab]")) other.toggleAttribute("aria-current", false);
  tab.setAttribute("aria-current", "true");
  for (const measure of document.querySelectorAll(".measure")) measure.classList.toggle("shown", `#${measure.id}` === tab.hash);
});
