// One plugin: its source against every release, and its capabilities release by release.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;

  hw.views.plugin = {
    title: "Plugin",

    controls: (state) => {
      const plugin = pluginOf(state);
      return [
        {
          key: "plugin",
          kind: "select",
          label: "Plugin",
          value: plugin?.name,
          options: hw.plugins.map((item) => [item.name, item.name]),
        },
        {
          key: "version",
          kind: "select",
          label: "Version",
          value: plugin && hw.releaseOf(plugin, state.version).version,
          options: (plugin ? [...plugin.releases].reverse() : []).map((release) => [release.version, release.version]),
        },
        ...hw.capabilityControls(),
      ];
    },

    chips: () => hw.capabilityChips(),

    async draw(state) {
      const plugin = pluginOf(state);
      const filter = hw.capabilityFilter(state);
      if (!plugin) return { counts: filter.counts, found: "no plugins", node: null };
      const release = hw.releaseOf(plugin, state.version);
      const cells = byHost((await hw.load(plugin.file)).cells, release.place);
      const hosts = hw.newestFirst.filter((host) => cells.has(host.place));
      const cellAt = (row, column) => cells.get(column.place)?.get(row.place);
      const [rows, columns] = hw.narrowed(filter, hw.capabilitiesLike(state), hosts, cellAt);
      const head = h("div.pluginhead", null, facts(plugin, release), hw.checkStrip(plugin, release), broken(plugin));
      return {
        counts: filter.counts,
        found: hosts.length
          ? `${hw.plural(rows.length, "capability", "capabilities")} on ${hw.plural(columns.length, "release")}`
          : "never run",
        head,
        node: rows.length && columns.length ? table(plugin, release, filter, rows, columns, cellAt) : null,
        why: hosts.length
          ? null
          : `${plugin.name} ${release.version} was never run here: its capabilities are unknown, which is not the same as missing.`,
      };
    },
  };

  const pluginOf = (state) => hw.pluginNamed(state.plugin) || hw.plugins[0];

  const broken = (plugin) =>
    h("p.quiet", null, h("a", { href: hw.address.link({ view: "changes", q: plugin.name, open: "", plugin: "", version: "" }) }, "What of vLLM breaks it"));

  function byHost(cells, release) {
    const found = new Map();
    for (const cell of cells) {
      if (cell[0] !== release) continue;
      const [, host, capability, state, rung, flags] = cell;
      if (!found.has(host)) found.set(host, new Map());
      found.get(host).set(capability, { state, rung, flags });
    }
    return found;
  }

  function facts(plugin, release) {
    const rows = [
      ["vendor", plugin.vendor],
      ["device", plugin.device],
      ["entry points", plugin.entries.join(", ")],
      ["asks for", release.requires.join(", ") || "any vLLM"],
      ["made for", release.baseline],
      ["fits", hw.fitsWords(release)],
      ["first broken by", release.broken_by || (release.window ? "none known" : "")],
      ["built", release.built],
      ["read from", release.subject && `${release.origin}: ${release.subject}`],
    ];
    return h(
      "dl.facts",
      null,
      rows
        .filter(([, text]) => text)
        .map(([name, text]) => h("div", null, h("dt", null, name), h("dd", null, hw.name(text)))),
    );
  }

  // The source against every release, newest first, as everywhere.
  hw.checkStrip = (plugin, release, marked) =>
    h(
      "ol.strip",
      { "aria-label": `${plugin.name} ${release.version} against every release`, tabindex: "0" },
      hw.newestFirst.map((host) => {
        const check = release.checks.get(host.place);
        return h(
          host.version === marked ? "li.marked" : "li",
          null,
          h(
            "a",
            { href: hw.openLink(plugin, release, host, null) },
            h("span.version", null, host.version),
            check ? hw.checkTile(check) : hw.blankTile(),
          ),
        );
      }),
    );

  function table(plugin, release, filter, rows, columns, cellAt) {
    return hw.grid({
      label: `Capabilities of ${plugin.name} ${release.version} by release of vLLM`,
      corner: "Capability",
      rows,
      columns,
      columnHead: (column) => hw.hostHead(column),
      rowHead: hw.capabilityHead,
      key: (row, column) => hw.cellKey(plugin, release, column, row),
      cell(row, column) {
        const cell = cellAt(row, column);
        if (!filter.keeps(cell)) return null;
        return cell ? hw.capabilityTile(cell) : hw.blankTile();
      },
      tell: (row, column) =>
        hw.tell(
          row.title,
          `${plugin.name} ${release.version} on vLLM ${column.version}`,
          hw.cellWords(cellAt(row, column)),
        ),
      open: (row, column) => hw.open(plugin, release, column, row),
      openColumn: (column) => hw.address.write({ view: "capabilities", host: column.version }),
    });
  }
})();
