// Links and forms that change one part of a page: fetch the whole page, put its part in place. The server renders one thing only.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

async function swap(url, id, signal) {
  const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old) throw new Error(`No #${id} in ${url}`);
  const put = () => old.replaceWith(fresh);
  if (document.startViewTransition && !calm.matches) await document.startViewTransition(put).updateCallbackDone;
  else put();
  document.dispatchEvent(new CustomEvent("swapped", { detail: { id } }));
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  try {
    await swap(link.href, link.dataset.swap);
    history.replaceState(null, "", link.href);
  } catch {
    location.assign(link.href);
  }
});

// A form that narrows down, for a price that is typed; fields that were left empty stay out of the address.
document.addEventListener("submit", async (event) => {
  const asked = event.target.closest("form[data-swap]");
  if (!asked) return;
  event.preventDefault();
  const fields = [...new FormData(asked)].filter(([, value]) => value.trim());
  const url = `${new URL(asked.getAttribute("action") ?? location.pathname, location.href).pathname}?${new URLSearchParams(fields)}`;
  try {
    await swap(url, asked.dataset.swap);
    history.replaceState(null, "", url);
  } catch {
    location.assign(url);
  }
});

// The grid answers while you type; the address always says what is shown. Without this the form's button does it.
const form = document.querySelector("[data-filters]");
if (form) {
  const PAUSE_MS = 160;
  let timer = 0;
  let running = new AbortController();

  // What is chosen by chips stays: it stands in the address.
  const address = () => {
    const query = new URLSearchParams(location.search);
    for (const name of ["q", "exact", "after", "before"]) query.delete(name);
    const words = new FormData(form).get("q").trim();
    const pairs = [...(words ? [["q", words]] : []), ...query];
    return form.getAttribute("action") + (pairs.length ? `?${new URLSearchParams(pairs)}` : "");
  };

  const show = async () => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    const url = address();
    try {
      await swap(url, "narrowed", running.signal);
      history.replaceState(null, "", url);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  };

  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(show, event.target.matches("[type=search], [type=text]") ? PAUSE_MS : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
}
