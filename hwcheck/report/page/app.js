// Ties the page together: theme, tabs, and drawing what the address says.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  const KEYS = "Arrow keys walk the table, Enter opens the evidence.";
  const THEMES = ["auto", "light", "dark"];
  const at = (id) => document.getElementById(id);
  let drawn = null;
  let turn = 0;

  hw.tell = (what, where, words) => {
    at("told").replaceChildren(hw.name(what, "b"), h("span.sub", null, hw.name(where)), h("span", null, words));
  };

  async function draw(state) {
    const view = hw.views[state.view] ? state.view : "releases";
    const mine = JSON.stringify({ ...state, view, open: "", change: "" });
    if (mine !== drawn) {
      drawn = mine;
      const now = (turn += 1);
      const form = hw.views[view];
      for (const link of document.querySelectorAll("#tabs a")) {
        const current = link.dataset.view === view;
        if (current) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      hw.showControls(view, form.controls(state), state);
      let result;
      try {
        result = await form.draw(state);
      } catch (error) {
        result = { counts: {}, found: "not readable", node: null, why: error.message };
      }
      if (now !== turn) return; // the address went on while a file was read
      show(view, form, state, result);
    }
    await hw.showPanel(state);
  }

  function show(view, form, state, result) {
    const counts = { state: new Map(), rung: new Map(), mark: new Map(), check: new Map(), ...result.counts };
    hw.showChips(view, form.chips(), state, counts);
    document.body.classList.toggle("compact", Boolean(state.compact));
    at("compact").setAttribute("aria-pressed", String(Boolean(state.compact)));
    const place = at("place");
    place.dataset.view = view;
    place.replaceChildren();
    if (result.head) place.append(result.head);
    place.append(result.node || empty(result.why));
    if (result.more) {
      place.append(h("p.more", null, h("a", { href: hw.address.link({ all: 1 }) }, `Show all ${result.more.toLocaleString("en")}`)));
    }
    place.scrollTo(0, 0);
    at("found").textContent = result.found;
    hw.say(result.found);
    at("told").replaceChildren(result.node ? h("span.keys", null, form.keys || KEYS) : "");
    document.title = `${form.title} · ${hw.index.title}`;
    document.body.dataset.drawn = String(turn);
  }

  function empty(why) {
    const link = h("a", { href: "#view=" + (hw.address.read().view || "releases") }, "Clear the filters");
    return h("p.empty", null, why || ["No cell passes these filters. ", link]);
  }

  function themes() {
    const button = at("theme");
    let theme = stored() || "auto";
    const put = () => {
      if (theme === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
      button.querySelector("span").textContent = theme;
      button.setAttribute("aria-label", `Colours: ${theme}`);
    };
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      try {
        localStorage.setItem("hwcheck-theme", theme);
      } catch {
        // a browser may keep nothing for files; the choice then ends with the page
      }
      put();
    });
    put();
  }

  function stored() {
    try {
      const theme = localStorage.getItem("hwcheck-theme");
      return THEMES.includes(theme) ? theme : null;
    } catch {
      return null;
    }
  }

  function problems() {
    const list = hw.index.problems;
    const button = at("problems");
    if (!list.length) return;
    button.hidden = false;
    button.querySelector("span").textContent = hw.plural(list.length, "problem");
    at("problemlist").append(
      ...list.map((problem) =>
        h("li", null, hw.name(problem.subject, "b"), h("span", null, hw.name(problem.detail)), problem.remedy ? h("span.sub", null, hw.name(problem.remedy)) : null),
      ),
    );
    button.addEventListener("click", () => at("problemdialog").showModal());
  }

  function legend() {
    const part = (name, items) => [
      h("h3", null, name),
      h("dl.legend", null, items.map((item) => h("div", null, h("dt", null, hw.shape(item.id), " ", item.word), h("dd", null, item.meaning)))),
    ];
    at("legendbody").append(
      ...part("What the source says", hw.words.checks),
      ...part("State of a capability", hw.words.states),
      ...part("Rung: how well it is proven", hw.words.rungs.map((rung) => ({ ...rung, word: `${rung.id} ${rung.word}` }))),
      ...part("Marks", hw.words.marks.map((mark) => ({ ...mark, id: mark.id === "stale" ? "stale" : "dot" }))),
    );
    at("legend").addEventListener("click", () => at("legenddialog").showModal());
    for (const button of document.querySelectorAll("dialog .close")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
  }

  const index = hw.received("data/index.js");
  if (!index) {
    at("place").append(h("p.empty", null, "cannot read data/index.js: it belongs beside this page"));
    return;
  }
  hw.start(index);
  themes();
  problems();
  legend();
  at("compact").addEventListener("click", () =>
    hw.address.change({ compact: hw.address.read().compact ? "" : 1 }),
  );
  at("morefilters").addEventListener("click", () => {
    const open = at("filters").classList.toggle("open");
    at("morefilters").setAttribute("aria-expanded", String(open));
  });
  document.querySelector("[data-skip]").addEventListener("click", (event) => {
    event.preventDefault(); // the address says what is shown, and a fragment would replace that
    const table = document.querySelector("table.grid");
    if (table) table.focusCell();
    else at("place").focus();
  });
  hw.address.listen(draw);
  draw(hw.address.read());
})();
