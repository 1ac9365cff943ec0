// The controls over a table. Their values are in the address; they are kept while somebody types.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  let shown = null;
  let controls = new Map();
  let chips = new Map();

  // controls: [{ key, kind: "search" | "select" | "check", label, options: [[value, text]] }]
  hw.showControls = (view, spec, state) => {
    if (shown !== view) {
      shown = view;
      controls = new Map();
      const bar = document.getElementById("controls");
      bar.replaceChildren(...spec.map((item) => control(item)));
    }
    for (const item of spec) put(item, controls.get(item.key), state[item.key] || "");
  };

  function control(item) {
    const id = `control-${item.key}`;
    const input = { search, select, check }[item.kind](item, id);
    controls.set(item.key, input);
    if (item.kind === "check") {
      return h("label.check", { for: id }, input, h("span", null, item.label));
    }
    return h("div.field", null, h("label", { for: id }, item.label), input);
  }

  function search(item, id) {
    const input = h("input", {
      id,
      type: "search",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: item.hint || null,
    });
    input.addEventListener("input", () =>
      hw.address.change({ [item.key]: input.value }, { replace: true }),
    );
    return input;
  }

  function select(item, id) {
    const input = h("select", { id });
    input.addEventListener("change", () => hw.address.change({ [item.key]: input.value }));
    return input;
  }

  function check(item, id) {
    const input = h("input", { id, type: "checkbox" });
    input.addEventListener("change", () => hw.address.change({ [item.key]: input.checked ? 1 : "" }));
    return input;
  }

  function put(item, input, value) {
    if (item.kind === "check") input.checked = Boolean(value);
    else if (item.kind === "search") {
      if (input.value !== value) input.value = value;
    } else {
      const wanted = JSON.stringify(item.options);
      if (input.dataset.options !== wanted) {
        input.dataset.options = wanted;
        input.replaceChildren(...item.options.map(([key, text]) => h("option", { value: key }, text)));
      }
      input.value = value || item.value || "";
    }
  }

  // chips: [{ key, label, items: [{ id, word, tone, meaning }] }]; the legend and a filter in one.
  hw.showChips = (view, spec, state, counts) => {
    const bar = document.getElementById("chips");
    if (bar.dataset.view !== view) {
      bar.dataset.view = view;
      chips = new Map();
      bar.replaceChildren(...spec.map((group) => chipGroup(group)));
    }
    for (const group of spec) {
      const chosen = hw.chosen(state[group.key]);
      for (const item of group.items) {
        const chip = chips.get(`${group.key} ${item.id}`);
        const count = counts[group.key].get(item.id) || 0;
        chip.setAttribute("aria-pressed", String(chosen.has(item.id)));
        chip.classList.toggle("none", !count);
        chip.querySelector(".count").textContent = count.toLocaleString("en");
      }
    }
  };

  function chipGroup(group) {
    const bar = h("div.chipgroup", { role: "group", "aria-label": `Show only: ${group.label}` });
    bar.append(h("span.grouplabel", { "aria-hidden": "true" }, group.label));
    for (const item of group.items) {
      const chip = h(
        `button.chip.tone-${item.tone || "plain"}`,
        { type: "button", title: item.meaning, "aria-pressed": "false" },
        hw.shape(item.id),
        h("span", null, item.label || item.word),
        h("span.count", null, ""),
      );
      chip.addEventListener("click", () => {
        const chosen = hw.chosen(hw.address.read()[group.key]);
        if (!chosen.delete(item.id)) chosen.add(item.id);
        hw.address.change({ [group.key]: [...chosen].sort().join(",") });
      });
      chips.set(`${group.key} ${item.id}`, chip);
      bar.append(chip);
    }
    return bar;
  }
})();
