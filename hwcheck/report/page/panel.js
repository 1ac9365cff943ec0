// What stands behind a cell: opened beside the table, closed with Escape, and the focus goes back.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  let shown = "";
  let before = null;

  hw.cellKey = (plugin, release, host, capability) =>
    JSON.stringify([plugin.name, release.version, host.version, ...(capability ? [capability.id] : [])]);
  hw.openLink = (...cell) => hw.address.link({ change: "", open: hw.cellKey(...cell) });
  hw.open = (plugin, release, host, capability) => {
    location.hash = hw.openLink(plugin, release, host, capability);
  };
  hw.changeLink = (id) => hw.address.link({ change: id, open: "" });
  hw.openPlugin = (plugin, release) =>
    hw.address.write({ view: "plugin", plugin: plugin.name, version: release.version });

  // Follows the address: opens, replaces or closes the panel.
  hw.showPanel = async (state) => {
    const wanted = state.open || state.change || "";
    document.querySelector("table.grid")?.markOpened(state.open);
    if (wanted === shown) return;
    const first = !shown;
    shown = wanted;
    if (!wanted) return hide();
    if (first) before = document.activeElement;
    let content;
    try {
      content = state.open ? await hw.cellEvidence(state.open) : await hw.changeEvidence(state.change);
    } catch (error) {
      content = [title("Nothing to show"), h("p", null, error.message)];
    }
    if (shown === wanted) reveal(content);
  };

  hw.closePanel = () => {
    if (shown) hw.address.change({ open: "", change: "" });
  };

  function reveal(content) {
    const panel = document.getElementById("panel");
    const close = h("button.close", { type: "button", "aria-label": "Close (Escape)", onclick: hw.closePanel }, hw.shape("close"));
    panel.replaceChildren(close, ...content);
    panel.hidden = false;
    document.body.classList.add("opened");
    covered(true);
    panel.scrollTop = 0;
    const heading = panel.querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  function hide() {
    const panel = document.getElementById("panel");
    const held = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.hidden = true;
    panel.replaceChildren();
    document.body.classList.remove("opened");
    covered(false);
    if (held) back();
    before = null;
  }

  function back() {
    // In the table the cell that was opened last is the place to go on from.
    const outside = before?.isConnected && before !== document.body && !before.closest("table.grid");
    if (outside) before.focus({ preventScroll: true });
    else document.querySelector("table.grid")?.focusCell();
  }

  // On a phone the panel covers the page, which must then be out of reach of the keyboard too.
  function covered(open) {
    const covers = open && matchMedia("(max-width: 760px)").matches;
    for (const id of ["top", "main"]) document.getElementById(id).inert = covers;
  }
  matchMedia("(max-width: 760px)").addEventListener("change", () => covered(Boolean(shown)));

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) {
      event.preventDefault();
      hw.closePanel();
    }
  });

  function title(...parts) {
    return h("h2", { id: "panel-title" }, ...parts);
  }
  hw.panelTitle = title;

  hw.section = (name, ...content) => {
    const kept = content.flat().filter(Boolean);
    return kept.length ? h("section", null, h("h3", null, name), ...kept) : null;
  };

  hw.facts = (rows) =>
    h(
      "dl.facts",
      null,
      rows
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value.nodeType ? value : hw.name(value)))),
    );
})();
