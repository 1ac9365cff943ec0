// Capability x plugin on one release of vLLM, from runs; and capability x release of one plugin.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  const CELL_WIDTH = 7;

  hw.capabilityControls = () => [
    { key: "c", kind: "search", label: "Capability", hint: "name or id" },
    {
      key: "area",
      kind: "select",
      label: "Area",
      options: [["", "all"], ...hw.groups().map((group) => [group, group])],
    },
  ];

  hw.capabilityChips = () => [
    { key: "state", label: "state", items: hw.words.states },
    { key: "rung", label: "rung", items: hw.words.rungs },
    { key: "mark", label: "mark", items: hw.words.marks.filter((mark) => mark.chip) },
  ];

  // Whether a cell passes the chips; and what they count.
  hw.capabilityFilter = (state) => {
    const wanted = { state: hw.chosen(state.state), rung: hw.chosen(state.rung), mark: hw.chosen(state.mark) };
    const tallies = { state: hw.tally(), rung: hw.tally(), mark: hw.tally() };
    const active = wanted.state.size + wanted.rung.size + wanted.mark.size > 0;
    const ids = (cell) => ({
      state: [hw.words.states[cell.state].id],
      rung: [hw.words.rungs[cell.rung].id],
      mark: hw.marksOf(cell.flags).map((mark) => mark.id),
    });
    return {
      active,
      counts: Object.fromEntries(Object.entries(tallies).map(([key, tally]) => [key, tally.counts])),
      keeps(cell) {
        if (!cell) return !active;
        return Object.entries(ids(cell)).every(
          ([key, has]) => !wanted[key].size || has.some((id) => wanted[key].has(id)),
        );
      },
      count(cell) {
        for (const [key, has] of Object.entries(ids(cell))) has.forEach((id) => tallies[key].add(id));
      },
    };
  };

  // Rows and columns without a cell that passes are left out.
  hw.narrowed = (filter, rows, columns, cellAt) => {
    const seen = new Set();
    const kept = rows.filter((row) => {
      let keep = !filter.active;
      for (const column of columns) {
        const cell = cellAt(row, column);
        if (!cell) continue;
        filter.count(cell);
        if (filter.keeps(cell)) {
          keep = true;
          seen.add(column);
        }
      }
      return keep;
    });
    return [kept, filter.active ? columns.filter((column) => seen.has(column)) : columns];
  };

  hw.capabilityHead = (capability) =>
    h(
      "span.rowhead",
      null,
      h("span.name", null, hw.name(capability.title)),
      h("span.sub.id", null, capability.id, capability.gate === "closed" ? " · closed to plugins" : ""),
    );

  hw.views.capabilities = {
    title: "Capabilities",

    controls: () => [
      {
        key: "host",
        kind: "select",
        label: "vLLM",
        options: [
          ["", "newest of each"],
          ...hw.measuredHosts().map((host) => [host.version, host.version]),
        ],
      },
      ...hw.capabilityControls(),
      { key: "q", kind: "search", label: "Plugin", hint: "name, vendor, device" },
      {
        key: "vendor",
        kind: "select",
        label: "Vendor",
        options: [["", "all"], ...hw.vendors().map((vendor) => [vendor, vendor])],
      },
    ],

    chips: () => hw.capabilityChips(),

    async draw(state) {
      const host = hw.newestFirst.find((item) => item.version === state.host);
      const filter = hw.capabilityFilter(state);
      const why = nothing(host);
      if (why) return { counts: filter.counts, found: "no runs", node: null, why };
      const cells = unpack((await hw.load(host ? host.file : hw.index.newest)).cells);
      const columns = hw.pluginsLike(state).map((plugin) => columnOf(plugin, cells, host));
      columns.sort((left, right) => right.cells.size - left.cells.size);
      const cellAt = (row, column) => column.cells.get(row.place);
      const [rows, shown] = hw.narrowed(filter, hw.capabilitiesLike(state), columns, cellAt);
      return {
        counts: filter.counts,
        found: `${hw.plural(rows.length, "capability", "capabilities")}, ${hw.plural(shown.length, "plugin")}, ${host ? `vLLM ${host.version}` : "newest evidence of each"}`,
        node: rows.length && shown.length ? table(filter, rows, shown, cellAt) : null,
      };
    },
  };

  function nothing(host) {
    if (!hw.measuredHosts().length) {
      return "No run is part of this matrix yet: Releases shows what the source says.";
    }
    if (!host || host.file) return null;
    return `Nothing was run on vLLM ${host.version}: choose another release, or look at Releases for what the source says.`;
  }

  // By plugin and release: the host, and from capability to cell.
  function unpack(flat) {
    const found = new Map();
    for (let at = 0; at < flat.length; at += CELL_WIDTH) {
      const [plugin, release, host, capability, state, rung, flags] = flat.slice(at, at + CELL_WIDTH);
      if (!found.has(plugin)) found.set(plugin, new Map());
      const releases = found.get(plugin);
      if (!releases.has(release)) releases.set(release, { host, cells: new Map() });
      releases.get(release).cells.set(capability, { state, rung, flags });
    }
    return found;
  }

  // The newest release of the plugin that was run there stands for it.
  function columnOf(plugin, cells, chosen) {
    const releases = cells.get(plugin.place) || new Map();
    const place = releases.size ? Math.max(...releases.keys()) : plugin.releases.length - 1;
    const found = releases.get(place);
    const host = found ? hw.newestFirst.find((item) => item.place === found.host) : chosen;
    return { plugin, release: plugin.releases[place], host, cells: found?.cells || new Map() };
  }

  const hostWords = (column) => (column.host ? `vLLM ${column.host.version}` : "never run");

  function table(filter, rows, columns, cellAt) {
    return hw.grid({
      label: "Capabilities by plugin, from runs",
      corner: "Capability",
      rows,
      columns,
      columnHead: (column) =>
        h(
          "span.colhead",
          { title: column.plugin.name },
          hw.name(column.plugin.name),
          h("span.version", null, hw.name(column.release.version)),
          h("span.version", null, hostWords(column)),
        ),
      rowHead: hw.capabilityHead,
      key: (row, column) => column.host && hw.cellKey(column.plugin, column.release, column.host, row),
      cell(row, column) {
        const cell = cellAt(row, column);
        if (!filter.keeps(cell)) return null;
        return cell ? hw.capabilityTile(cell) : hw.blankTile();
      },
      tell: (row, column) =>
        hw.tell(
          row.title,
          `${column.plugin.name} ${column.release.version}, ${hostWords(column)}`,
          hw.cellWords(cellAt(row, column)),
        ),
      open: (row, column) =>
        column.host
          ? hw.open(column.plugin, column.release, column.host, row)
          : hw.openPlugin(column.plugin, column.release),
      openColumn: (column) => hw.openPlugin(column.plugin, column.release),
    });
  }
})();
