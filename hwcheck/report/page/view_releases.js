// Plugin x release of vLLM, from the source alone.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  hw.views = hw.views || {};

  hw.views.releases = {
    title: "Releases",
    unit: "plugin",

    controls: () => [
      { key: "q", kind: "search", label: "Plugin", hint: "name, vendor, device" },
      {
        key: "vendor",
        kind: "select",
        label: "Vendor",
        options: [["", "all"], ...hw.vendors().map((vendor) => [vendor, vendor])],
      },
      {
        key: "since",
        kind: "select",
        label: "vLLM",
        options: [["", "all releases"], ...hw.minors().map((minor) => [minor, `${minor} and newer`])],
      },
      { key: "versions", kind: "check", label: "every version" },
    ],

    chips: () => [{ key: "check", label: "source", items: hw.words.checks }],

    draw(state) {
      const chosen = hw.chosen(state.check);
      const tally = hw.tally();
      const columns = hostsSince(state.since);
      const rows = rowsOf(state).filter((row) => {
        let kept = !chosen.size;
        for (const column of columns) {
          const check = row.release.checks.get(column.place);
          const id = check && hw.words.checks[check.state].id;
          if (id) tally.add(id);
          if (id && chosen.has(id)) kept = true;
        }
        return kept;
      });
      return {
        counts: { check: tally.counts },
        found: `${rows.length} of ${hw.plural(rowsOf({ versions: state.versions }).length, "row")}, ${hw.plural(columns.length, "release")}`,
        node: rows.length && columns.length ? table(rows, columns, chosen) : null,
      };
    },
  };

  function hostsSince(minor) {
    const all = hw.newestFirst;
    const last = minor ? all.map((host) => host.minor).lastIndexOf(minor) : -1;
    return last < 0 ? all : all.slice(0, last + 1);
  }

  function rowsOf(state) {
    return hw.pluginsLike(state).flatMap((plugin) => {
      const releases = state.versions ? [...plugin.releases].reverse() : plugin.releases.slice(-1);
      return releases.map((release) => ({ plugin, release }));
    });
  }

  const checkAt = (row, column) => row.release.checks.get(column.place);

  function table(rows, columns, chosen) {
    return hw.grid({
      label: "Plugins by release of vLLM, from their source",
      corner: "Plugin",
      rows,
      columns: columns.map((column) => ({ ...column, group: column.minor })),
      key: (row, column) => hw.cellKey(row.plugin, row.release, column),
      columnHead: (column) => hw.hostHead(column),
      rowHead: (row) => hw.pluginHead(row.plugin, row.release),
      cell(row, column) {
        const check = checkAt(row, column);
        if (!check) return chosen.size ? null : hw.blankTile();
        if (chosen.size && !chosen.has(hw.words.checks[check.state].id)) return null;
        return hw.checkTile(check);
      },
      tell: (row, column) =>
        hw.tell(
          `${row.plugin.name} ${row.release.version}`,
          `vLLM ${column.version}${column.released ? ` of ${column.released}` : ""}`,
          hw.checkWords(checkAt(row, column)),
        ),
      open: (row, column) => hw.open(row.plugin, row.release, column, null),
      openRow: (row) => hw.openPlugin(row.plugin, row.release),
      openColumn: (column) =>
        hw.address.write({ view: "capabilities", host: column.version }),
    });
  }

  // The year over the day, so that neighbours with one year are told apart at a glance.
  hw.hostHead = (host) => {
    const [year, ...day] = (host.released || "").split("-");
    return h(
      "span.hosthead",
      { title: host.released ? `vLLM ${host.version}, released ${host.released}` : null },
      h("span.version", null, host.version),
      host.released ? h("time.day", { datetime: host.released }, year, h("br"), day.join("-")) : null,
    );
  };

  hw.pluginHead = (plugin, release) => {
    const words = hw.fitsWords(release);
    const fits = words.startsWith("not ") ? words : `fits ${words}`;
    const built = release.built
      ? [" ", h("time.day", { datetime: release.built, title: "the day its wheel was built" }, release.built)]
      : null;
    return h(
      "span.rowhead",
      null,
      h("span.name", null, hw.name(plugin.name), " ", h("span.version", null, hw.name(release.version)), built),
      h("span.sub", null, plugin.vendor ? hw.name(plugin.vendor) : null, plugin.vendor ? " · " : "", fits),
    );
  };
})();
