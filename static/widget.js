// "Similar products" for a shop's own product page. One line there:
//   <script async src="https://this-site/static/widget.js" data-item="100123"></script>
// Options: data-count (1 to 12, 5), data-metric (cosine), data-title, data-links ("shop", or "site" for this site's pages);
// data-words ("red floral dress", with data-item or instead of it, where the site's index reads words), data-without (an id);
// data-category, data-colour, data-price-max, data-in-stock ("any": also what is known to be out of stock) narrow it down.
// It draws where the script stands, in a shadow root: neither page's styles touch the other's. Custom properties reach in:
// --similar-gap, --similar-radius, --similar-min (the least width of a card). Events on the element: similar:ready, similar:failed.
(() => {
  const script = document.currentScript;
  const { item, count = "5", metric = "cosine", title = "Similar products", links = "shop" } = script.dataset;
  const { category, colour, priceMax, inStock, words, without } = script.dataset;
  const base = new URL("../", script.src);

  const styles = `
    :host { display: block; container-type: inline-size; }
    h2 { margin: 0 0 0.75em; font: inherit; font-size: 1.25em; font-weight: 600; }
    ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--similar-min, 8.5em), 1fr)); gap: var(--similar-gap, 1em);
         margin: 0; padding: 0; list-style: none; }
    a { display: block; color: inherit; text-decoration: none; }
    a:hover span:first-of-type { text-decoration: underline; }
    a:focus-visible { outline: 2px solid; outline-offset: 3px; }
    img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: rgb(128 128 128 / 12%);
          border-radius: var(--similar-radius, 0.5em); }
    span { display: block; margin-top: 0.5em; font-size: 0.9em; line-height: 1.35; overflow-wrap: anywhere; }
    .price { margin-top: 0.15em; font-weight: 600; }`;

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  function price(product) {
    if (product.price === null) return "";
    const number = Number(product.price);
    if (!product.currency) return number.toFixed(2);
    try {
      return new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "currency", currency: product.currency }).format(number);
    } catch {
      return `${number.toFixed(2)} ${product.currency}`;
    }
  }

  function card(product) {
    const picture = new URL(product.preview);
    picture.searchParams.set("w", "320");
    const name = product.title || product.id;
    const href = links === "shop" && /^https?:/.test(product.url) ? product.url : product.page;
    const image = element("img", { src: picture.href, width: 320, height: 320, alt: "", loading: "lazy", decoding: "async" });
    const link = element("a", { href }, image, element("span", { textContent: name }));
    const cost = price(product);
    if (cost) link.append(element("span", { className: "price", textContent: cost }));
    const toShop = href === product.url;
    link.addEventListener("click", () => send({ opened: [product.id], shop: toShop ? [product.id] : [] }));
    const entry = element("li", {}, link);
    entry.dataset.item = product.id;
    return entry;
  }

  // Counted for the shop's owner, of nobody in particular: which of these were shown, opened, followed to the shop.
  function send(events) {
    navigator.sendBeacon?.(new URL("usage/", base), JSON.stringify({ place: "widget", ...events }));
  }

  function watch(cards) {
    let shown = [];
    const sendShown = () => {
      if (shown.length) send({ shown });
      shown = [];
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        if (!shown.length) setTimeout(sendShown, 1000);
        shown.push(target.dataset.item);
      }
    }, { threshold: 0.5 });
    for (const one of cards) observer.observe(one);
  }

  async function show() {
    const host = element("div", { className: "similar-products" });
    script.after(host);
    const tell = (name, detail) => host.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
    try {
      if (!item && !words) throw new Error("widget.js: data-item is missing");
      const query = new URLSearchParams(words || without ? { k: count } : { metric, k: count, folded: "true" });
      const wish = words || without ? { q: words, item, without } : {};
      const narrowing = { category, colour, price_max: priceMax, in_stock: inStock };
      for (const [name, value] of Object.entries({ ...wish, ...narrowing })) if (value) query.set(name, value);
      const place = words || without ? "search/words" : `items/${encodeURIComponent(item)}/similar`;
      const response = await fetch(new URL(`api/v1/${place}?${query}`, base));
      const data = await response.json();
      if (!response.ok) throw new Error(`widget.js: ${data.detail}`);
      if (data.neighbours.length) {
        const root = host.attachShadow({ mode: "open" });
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(styles);
        root.adoptedStyleSheets = [sheet];
        const section = element("section", {}, element("h2", { textContent: title }), element("ul", {}, ...data.neighbours.map(card)));
        section.setAttribute("aria-label", title);
        root.append(section);
        watch(root.querySelectorAll("[data-item]"));
      }
      tell("similar:ready", { item, shown: data.neighbours.length });
    } catch (error) {
      // A shop's page is worth more than its recommendations: say so in the console and leave the page as it is.
      console.warn(error.message);
      tell("similar:failed", { item, message: error.message });
    }
  }

  show();
})();
