// Elements are made from text, never from markup: a plugin's name cannot become an element.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;

  // h("a.link", { href: "#x" }, "text", node, null)
  hw.h = (name, attributes, ...children) => {
    const [tag, ...classes] = name.split(".");
    const node = document.createElement(tag);
    if (classes.length) node.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : String(value));
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  };

  // A stranger's text, kept from reordering what stands beside it.
  hw.name = (text, kind) => hw.h(kind || "bdi", { dir: "auto" }, String(text));

  hw.shape = (kind) => hw.h("i", { class: `shape shape-${kind}`, "aria-hidden": "true" });

  hw.plural = (count, word, more) =>
    `${count.toLocaleString("en")} ${count === 1 ? word : more || word + "s"}`;

  hw.say = (text) => {
    const region = document.getElementById("said");
    if (region.textContent !== text) region.textContent = text;
  };

  // A command with a button that copies it.
  hw.command = (text) => {
    const { h } = hw;
    const button = h("button.quiet", { type: "button" }, "Copy");
    button.addEventListener("click", async () => {
      const done = await copy(text);
      button.textContent = done ? "Copied" : "Select it";
      hw.say(done ? "Command copied" : "The browser does not let this page copy");
    });
    return h("div.command", null, h("code", { tabindex: "0", dir: "ltr" }, text), button);
  };

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }
})();
