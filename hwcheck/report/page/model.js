// The index of the matrix, and the questions that views ask of it.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const CHECK_WIDTH = 7;

  hw.start = (index) => {
    hw.index = index;
    hw.words = index.words;
    hw.newestFirst = index.hosts.map((host, place) => ({ ...host, place })).reverse();
    hw.plugins = index.plugins.map((plugin, place) => ({ ...plugin, place }));
    for (const plugin of hw.plugins) {
      plugin.releases = plugin.releases.map((release, place) => ({
        ...release,
        place,
        checks: checksOf(release.checks),
      }));
    }
  };

  // From the place of a host to what the source says of it.
  function checksOf(flat) {
    const checks = new Map();
    for (let at = 0; at < flat.length; at += CHECK_WIDTH) {
      const [host, state, errors, warnings, notes, runs, declared] = flat.slice(at, at + CHECK_WIDTH);
      checks.set(host, { host, state, errors, warnings, notes, runs, declared });
    }
    return checks;
  }

  hw.hostPlace = (version) => hw.index.hosts.findIndex((host) => host.version === version);
  hw.pluginNamed = (name) => hw.plugins.find((plugin) => plugin.name === name);
  hw.releaseOf = (plugin, version) =>
    plugin.releases.find((release) => release.version === version) || plugin.releases.at(-1);
  hw.capability = (id) => hw.index.capabilities.find((item) => item.id === id);
  hw.vendors = () => [...new Set(hw.plugins.map((plugin) => plugin.vendor))].filter(Boolean).sort();
  hw.groups = () => [...new Set(hw.index.capabilities.map((item) => item.group))];
  hw.minors = () => [...new Set(hw.newestFirst.map((host) => host.minor))];
  hw.measuredHosts = () => hw.newestFirst.filter((host) => host.file);

  hw.pluginsLike = (state) => {
    const wanted = (state.q || "").toLowerCase();
    return hw.plugins.filter(
      (plugin) =>
        (!state.vendor || plugin.vendor === state.vendor) &&
        `${plugin.name} ${plugin.vendor} ${plugin.device}`.toLowerCase().includes(wanted),
    );
  };

  hw.capabilitiesLike = (state) => {
    const wanted = (state.c || "").toLowerCase();
    const groups = hw.groups();
    const areaOf = (capability) => groups.indexOf(capability.group);
    return hw.index.capabilities
      .map((capability, place) => ({ ...capability, place }))
      .sort((left, right) => areaOf(left) - areaOf(right) || left.place - right.place)
      .filter(
        (capability) =>
          (!state.area || capability.group === state.area) &&
          `${capability.id} ${capability.title}`.toLowerCase().includes(wanted),
      );
  };

  // The releases that fit, in words; none is not the same as not looked at.
  hw.fitsWords = (release) => {
    const { window } = release;
    if (window) return window.first === window.last ? window.first : `${window.first} – ${window.last}`;
    const states = new Set([...release.checks.values()].map((check) => hw.words.checks[check.state].id));
    if (states.has("breaks") || states.has("fits")) return "no known release";
    return states.has("unreadable") ? "not readable" : "not checked";
  };

  hw.chosen = (text) => new Set((text || "").split(",").filter(Boolean));

  // Counts of words by id, for the chips.
  hw.tally = () => {
    const counts = new Map();
    return { counts, add: (id) => counts.set(id, (counts.get(id) || 0) + 1) };
  };
})();
