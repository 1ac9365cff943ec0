// What of vLLM breaks plugins, the change that breaks most of them first: its blast radius.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  const MOST = 150;

  hw.views.changes = {
    title: "Changes",
    keys: "A change opens who is hit, and where.",

    controls: () => [
      { key: "s", kind: "search", label: "Change", hint: "symbol or words" },
      {
        key: "at",
        kind: "select",
        label: "vLLM",
        options: [["", "all releases"], ...hw.newestFirst.map((host) => [host.version, host.version])],
      },
      {
        key: "side",
        kind: "select",
        label: "Breaks by",
        options: [["", "moving forward"], ["older", "moving back"], ["both", "either"]],
      },
      { key: "q", kind: "search", label: "Plugin", hint: "name, vendor, device" },
      {
        key: "vendor",
        kind: "select",
        label: "Vendor",
        options: [["", "all"], ...hw.vendors().map((vendor) => [vendor, vendor])],
      },
    ],

    chips: () => [],

    async draw(state) {
      const all = (await hw.load(hw.index.changes)).changes;
      // A new vLLM is what people ask about; that an old one lacks what came later is no surprise.
      const side = state.side || "newer";
      const plugins = new Set(hw.pluginsLike(state).map((plugin) => plugin.place));
      const wanted = (state.s || "").toLowerCase();
      const like = all.filter(
        (change) =>
          (side === "both" || change.kind === side) &&
          `${change.symbol} ${change.words} ${change.rule}`.toLowerCase().includes(wanted) &&
          change.affected.some(([plugin]) => plugins.has(plugin)),
      );
      const found = like
        .filter((change) => !state.at || change.host === state.at)
        .map((change) => ({ ...change, names: namesOf(change, plugins) }));
      found.sort((left, right) => right.names.length - left.names.length);
      const shown = found.slice(0, state.all ? found.length : MOST);
      return {
        counts: {},
        found: `${hw.plural(found.length, "change")}, ${found.filter((item) => item.names.length > 1).length} of several plugins`,
        head: bars(like, plugins, state),
        node: shown.length ? table(shown) : null,
        more: found.length > shown.length ? found.length : 0,
      };
    },
  };

  const namesOf = (change, plugins) =>
    [...new Set(change.affected.map(([plugin]) => plugin))]
      .filter((plugin) => plugins.has(plugin))
      .map((plugin) => hw.plugins[plugin].name);

  // How many plugins each release breaks.
  function bars(changes, plugins, state) {
    const broken = new Map();
    for (const change of changes) {
      if (!broken.has(change.host)) broken.set(change.host, new Set());
      for (const [plugin] of change.affected) {
        if (plugins.has(plugin)) broken.get(change.host).add(plugin);
      }
    }
    const most = Math.max(1, ...[...broken.values()].map((set) => set.size));
    const list = h("ol.bars", { "aria-label": "Plugins that each release breaks" });
    for (const host of hw.newestFirst) {
      const count = broken.get(host.version)?.size || 0;
      const chosen = state.at === host.version;
      const bar = h("span.bar", null);
      bar.style.setProperty("--part", count / most);
      list.append(
        h(
          "li",
          null,
          h(
            "a",
            {
              href: hw.address.link({ at: chosen ? "" : host.version, change: "" }),
              class: chosen ? "chosen" : null,
              "aria-current": chosen ? "true" : null,
              "aria-label": `vLLM ${host.version} breaks ${hw.plural(count, "plugin")}`,
            },
            h("span.number", null, count || ""),
            bar,
            h("span.version", null, host.version),
          ),
        ),
      );
    }
    return h(
      "figure.radius",
      null,
      h("figcaption", null, "Plugins that each release of vLLM breaks, by what is listed below"),
      list,
    );
  }

  function table(changes) {
    const rows = changes.map((change) =>
      h(
        "tr",
        null,
        h("td.radiuscell", null, radius(change)),
        h("th", { scope: "row" }, h("a.symbol", { href: hw.changeLink(change.id) }, hw.symbol(change.symbol)), h("span.sub", null, change.words)),
        h("td.at.version", null, change.kind === "older" ? `≤ ${change.host}` : change.host),
        h("td.hit", null, change.names.slice(0, 8).map((name) => h("span.tag", null, hw.name(name))), change.names.length > 8 ? h("span.sub", null, `and ${change.names.length - 8} more`) : null),
      ),
    );
    return h(
      "table.list",
      { "aria-label": "Changes in vLLM, by how many plugins they break" },
      h("thead", null, h("tr", null, ["breaks", "of vLLM", "in", "plugins"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", null, rows),
    );
  }

  function radius(change) {
    const bar = h("span.part", { "aria-hidden": "true" });
    bar.style.setProperty("--part", change.names.length / hw.plugins.length);
    return h("span.radiusnumber", null, h("b", null, change.names.length), h("span.sr", null, change.names.length === 1 ? " plugin" : " plugins"), bar);
  }

  // A dotted name that breaks at its dots.
  hw.symbol = (text) => {
    const code = h("code");
    String(text)
      .split(/(?<=\.)/)
      .forEach((part) => code.append(part, h("wbr")));
    return code;
  };
})();
