// The content of the panel: a static cell, a capability, a change of vLLM.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;

  hw.cellEvidence = async (text) => {
    const [name, version, hostVersion, id] = parsed(text);
    const plugin = hw.pluginNamed(name);
    const release = plugin?.releases.find((item) => item.version === version);
    const host = hw.newestFirst.find((item) => item.version === hostVersion);
    if (!release || !host) throw new Error("The address names a cell that this matrix does not have.");
    const [details, changes] = await Promise.all([hw.load(plugin.file), hw.load(hw.index.changes)]);
    const place = { plugin, release, host, details, changes: changes.changes };
    return id === undefined ? checkEvidence(place) : capabilityEvidence(place, hw.capability(id), id);
  };

  function parsed(text) {
    try {
      const found = JSON.parse(text);
      if (Array.isArray(found)) return found;
    } catch {
      // told below
    }
    throw new Error("The address is not one of this page's: it was cut or changed.");
  }

  function headline({ plugin, release, host }, kind) {
    return [
      h("p.kicker", null, kind),
      hw.panelTitle(hw.name(plugin.name), " ", h("span.version", null, hw.name(release.version)), h("span.on", null, " on "), h("span.version", null, `vLLM ${host.version}`)),
    ];
  }

  function checkEvidence(place) {
    const { plugin, release, host, details } = place;
    const check = release.checks.get(host.place);
    const more = details.checks.find((item) => item.release === release.place && item.host === host.place);
    const runs = runsOf(place);
    return [
      ...headline(place, "Source check"),
      h("p.verdict", null, check ? hw.checkTile(check) : hw.blankTile(), h("span", null, check ? hw.words.checks[check.state].meaning : "It was not checked against this release.")),
      hw.facts([
        ["errors", check?.errors ?? ""],
        ["warnings", check?.warnings ?? ""],
        ["notes", check?.notes ?? ""],
        ["asks for", release.requires.join(", ") || "any vLLM"],
        ["allows it", check ? ["it does not say", "yes", "no"][check.declared] : ""],
        ["made for", release.baseline],
        ["fits", hw.fitsWords(release)],
        ["first broken by", release.broken_by],
        ["read whole", more && !more.complete ? "no: files could not be read" : ""],
      ]),
      hw.section("Changes in vLLM behind it", changeList(place, more?.breakages || [])),
      hw.section("Findings by rule", ruleList(more?.rules || [])),
      hw.section("First reasons outside its window", reasons(release)),
      check ? hw.section("Do it again", hw.command(checkCommand(plugin, release, host))) : null,
      hw.section("Runs on this release", runs.length ? [runs.map((run) => runCard(run)), capabilitiesLink(host)] : h("p.quiet", null, "None: no capability was measured here.")),
      hw.section("Against every release", hw.checkStrip(plugin, release, host.version)),
      hw.section("History of this cell", history(place, "")),
    ].filter(Boolean);
  }

  const checkCommand = (plugin, release, host) =>
    `hwcheck check ${quoted(release.subject || `${plugin.name}==${release.version}`)} --host ${quoted(host.version)}`;
  const quoted = (text) => (/^[\w.=+~@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

  function capabilitiesLink(host) {
    return h("p", null, h("a", { href: "#" + new URLSearchParams({ host: host.version, view: "capabilities" }) }, `All capabilities on vLLM ${host.version}`));
  }

  function changeList({ changes, plugin }, ids) {
    const known = ids.map((id) => changes.find((change) => change.id === id)).filter(Boolean);
    if (!known.length) return null;
    const radius = (change) => new Set(change.affected.map(([other]) => other)).size;
    known.sort((left, right) => radius(right) - radius(left));
    return h(
      "ul.plain",
      null,
      known.map((change) => {
        const others = radius(change) - 1;
        const own = change.affected.find(([other]) => other === plugin.place);
        return h(
          "li",
          null,
          h("a.symbol", { href: hw.changeLink(change.id) }, hw.symbol(change.symbol)),
          h("span.sub", null, `${change.rule} · ${change.words}`),
          own ? h("span.sub.where", null, hw.name(own[2], "code")) : null,
          others ? h("span.tag.several", null, `and ${hw.plural(others, "other plugin")}`) : null,
        );
      }),
    );
  }

  const ruleList = (rules) =>
    rules.length
      ? h("ul.rules", null, rules.map(([rule, count]) => h("li", null, h("code", null, rule), ` × ${count.toLocaleString("en")}`)))
      : null;

  function reasons(release) {
    const window = release.window;
    if (!window) return null;
    const part = (host, texts, side) =>
      host && texts.length
        ? [h("p", null, `${side} `, h("span.version", null, `vLLM ${host}`)), h("ul", null, texts.map((text) => h("li", null, hw.name(text))))]
        : [];
    return [...part(window.before, window.reasons_before, "before:"), ...part(window.after, window.reasons_after, "after:")];
  }

  const runsOf = ({ details, release, host }) =>
    details.runs.filter((run) => run.version === release.version && run.host === host.version);

  function capabilityEvidence(place, capability, id) {
    const { plugin, release, host, details } = place;
    if (!capability) throw new Error(`This matrix has no capability '${id}'.`);
    const number = hw.index.capabilities.indexOf(capability);
    const found = details.cells.find(([own, at, of]) => own === release.place && at === host.place && of === number);
    const cell = found && unpacked(found, details);
    const run = cell && details.runs.find((item) => item.id === cell.run);
    return [
      h("p.kicker", null, `${capability.group} · ${capability.id}`),
      hw.panelTitle(hw.name(capability.title)),
      h("p.where", null, h("a", { href: "#" + new URLSearchParams({ plugin: plugin.name, version: release.version, view: "plugin" }) }, hw.name(plugin.name), ` ${release.version}`), ` on vLLM ${host.version}`),
      h("p.verdict", null, cell ? hw.capabilityTile(cell) : hw.blankTile(), h("span", null, cell ? hw.words.states[cell.state].meaning : "Nothing is recorded here, which is not the same as no.")),
      cell?.why ? h("p", null, hw.name(cell.why)) : null,
      hw.section("Rung", ladder(cell ? cell.rung : 0), marks(cell)),
      cell ? hw.section("Contracts that speak", counted(cell.counts), outcomes(cell, run)) : null,
      run ? hw.section("Measured with", runCard(run)) : null,
      cell?.disagreeing.length ? hw.section("Other runs say otherwise", h("ul", null, cell.disagreeing.map((other) => h("li", null, h("code", null, other.slice(0, 16)))))) : null,
      hw.section("Source check of this release", h("p.verdict", null, h("a", { href: hw.openLink(plugin, release, host, null) }, release.checks.has(host.place) ? hw.checkTile(release.checks.get(host.place)) : hw.blankTile(), h("span", null, hw.checkWords(release.checks.get(host.place)))))),
      hw.section("Over releases", overReleases(place, capability, number)),
      hw.section("History of this cell", history(place, capability.id)),
      hw.section(
        "About",
        capability.gate === "closed" ? h("p", null, "vLLM lets no plugin supply it.") : null,
        capability.note ? h("p", null, hw.name(capability.note)) : null,
      ),
    ].filter(Boolean);
  }

  function unpacked(packed, details) {
    const [, , , state, rung, flags, run, why, outcomes, counts, disagreeing] = packed;
    return {
      state,
      rung,
      flags,
      run: run < 0 ? null : details.runs[run].id,
      why: details.texts[why],
      outcomes: outcomes.map((text) => details.texts[text]),
      counts,
      disagreeing: disagreeing.map((place) => details.runs[place].id),
    };
  }

  function ladder(rung) {
    return h(
      "ol.ladder",
      null,
      hw.words.rungs.map((step, number) =>
        h(
          number === rung ? "li.here" : number < rung ? "li.under" : "li",
          { "aria-current": number === rung ? "step" : null, title: step.meaning },
          hw.shape(step.id),
          h("b", null, step.id),
          h("span", null, step.word),
        ),
      ),
    );
  }

  const marks = (cell) =>
    cell && cell.flags
      ? h("p", null, hw.marksOf(cell.flags).map((mark) => h("span.tag", { title: mark.meaning }, mark.word)))
      : null;

  function counted(counts) {
    const names = ["passed", "broken", "not applicable", "not measured", "faults of hwcheck"];
    const told = counts.map((count, at) => (count ? `${count.toLocaleString("en")} ${names[at]}` : "")).filter(Boolean);
    return h("p", null, told.join(", ") || "none");
  }

  function outcomes(cell, run) {
    if (!cell.outcomes.length) return null;
    const failed = new Map((run?.failures || []).map((failure) => [failure.id, failure]));
    return h(
      "ul.plain",
      null,
      cell.outcomes.map((id) => {
        const failure = failed.get(id);
        return h(
          "li.outcome",
          null,
          failure ? hw.shape("broken") : hw.shape("dot"),
          h("span", null, hw.name(id, "code"), failure ? h("span.sub", null, [failure.state, failure.cause].filter(Boolean).join(", "), ": ", hw.name(failure.reason)) : null, failure?.where ? h("span.sub", null, hw.name(failure.where, "code")) : null),
        );
      }),
    );
  }

  function runCard(run) {
    return h(
      "div.card",
      null,
      run.stale ? h("p.note", null, hw.shape("stale"), " stale: ", hw.name(run.stale)) : null,
      run.complete ? null : h("p.note", null, hw.shape("partial"), " not complete: it was interrupted"),
      run.stubbed ? h("p.note", null, hw.shape("E1"), " stand-ins took the place of the vendor's libraries") : null,
      hw.facts([
        ["started", run.started],
        ["took", `${run.seconds.toLocaleString("en")} s`],
        ["device", run.device || "no engine was started"],
        ["torch", run.torch],
        ["Python", run.python],
        ["system", run.system],
        ["hwcheck", run.hwcheck],
        ["profiles", run.profiles.map(([profile, verdict]) => `${profile} ${verdict}`).join(", ")],
        ["document", h("a", { href: `runs/${encodeURIComponent(run.id)}.json` }, run.id.slice(0, 12))],
      ]),
      run.command ? hw.command(run.command) : null,
    );
  }

  function overReleases({ plugin, release, host, details }, capability, number) {
    const mine = details.cells.filter(([own, , of]) => own === release.place && of === number);
    mine.sort(([, left], [, right]) => left - right);
    return h(
      "ol.strip",
      { "aria-label": "The same capability on every release that was run", tabindex: "0" },
      mine.map((cell) => {
        const at = hw.newestFirst.find((item) => item.place === cell[1]);
        return h(
          at.place === host.place ? "li.marked" : "li",
          null,
          h("a", { href: hw.openLink(plugin, release, at, capability) }, h("span.version", null, at.version), hw.capabilityTile({ state: cell[3], rung: cell[4], flags: cell[5] })),
        );
      }),
    );
  }

  function history({ details, release, host }, capability) {
    const lines = details.history.filter(
      (change) => change.version === release.version && change.host === host.version && change.capability === capability,
    );
    if (!lines.length) return h("p.quiet", null, "No change is recorded.");
    return h(
      "ol.history",
      null,
      [...lines].reverse().map((change) =>
        h("li", null, h("time", { datetime: change.date }, change.date.slice(0, 10) || "undated"), h("span", null, `${change.before ? `${change.before} → ` : "first: "}${change.state}`, capability ? ` (E${change.rung})` : "")),
      ),
    );
  }

  hw.changeEvidence = async (id) => {
    const { changes } = await hw.load(hw.index.changes);
    const change = changes.find((item) => item.id === id);
    if (!change) throw new Error("The address names a change that this matrix does not have.");
    const plugins = new Set(change.affected.map(([plugin]) => plugin)).size;
    return [
      h("p.kicker", null, `${change.rule} · ${change.severity}`),
      hw.panelTitle(hw.symbol(change.symbol)),
      h("p.where", null, change.kind === "older" ? `Not there in vLLM ${change.host} and older: ` : `Since vLLM ${change.host}: `, `breaks ${hw.plural(plugins, "plugin")} of ${hw.plugins.length}`),
      hw.facts([[change.kind === "older" ? "there" : "now", change.words], ["before", change.before]]),
      hw.section("Who is hit, and where", h("ul.plain", null, change.affected.map((item) => affected(item, change)))),
      hw.section("More of it", hw.command(`hwcheck explain ${change.rule}`)),
    ].filter(Boolean);
  };

  function affected([place, version, where, side, places, fix], change) {
    const plugin = hw.plugins[place];
    const release = hw.releaseOf(plugin, version);
    const host = hw.newestFirst.find((item) => item.version === change.host);
    const label = [hw.name(plugin.name), ` ${version}`];
    return h(
      "li",
      null,
      host ? h("a", { href: hw.openLink(plugin, release, host, null) }, ...label) : h("b", null, ...label),
      h("span.sub.where", null, hw.name(where, "code"), places > 1 ? ` and ${hw.plural(places - 1, "more place")}` : ""),
      h("span.sub", null, hw.name(side)),
      fix ? h("span.sub.fix", null, "fix: ", hw.name(fix)) : null,
    );
  }
})();
