// A tile tells a state and a rung, each by a shape and a word; colour repeats what they say.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const made = new Map();

  // Thousands of cells show few different tiles: each is made once and copied.
  function copied(key, make) {
    if (!made.has(key)) made.set(key, make());
    return made.get(key).cloneNode(true);
  }

  hw.checkTile = (check) => {
    const word = hw.words.checks[check.state];
    const text = word.counts ? String(check.errors) : word.short;
    return copied(`c${check.state}|${text}|${check.runs > 0}`, () => {
      const tile = hw.h(`span.tile.tone-${word.tone}`, null, text);
      tile.classList.add(`shape-${word.id}`);
      if (check.runs) tile.classList.add("ran");
      const more = said(word, check);
      if (more) tile.append(hw.h("span.sr", null, more));
      return tile;
    });
  };

  // What a reader of the screen hears besides the text that is seen.
  function said(word, check) {
    const parts = [];
    if (word.counts) parts.push(check.errors === 1 ? "error" : "errors");
    if (word.short !== word.word) parts.push(word.word);
    if (check.runs) parts.push("was run");
    return parts.length ? ` ${parts.join(", ")}` : "";
  }

  hw.capabilityTile = (cell) =>
    copied(`s${cell.state}|${cell.rung}|${cell.flags}`, () => {
      const { h } = hw;
      const word = hw.words.states[cell.state];
      const rung = hw.words.rungs[cell.rung];
      const marks = hw.marksOf(cell.flags);
      const stale = marks.some((mark) => mark.id === "stale");
      const step = h("span.rung", null, rung.id);
      step.classList.add(`shape-${rung.id}`);
      const tile = h(
        `span.tile.two.tone-${word.tone}.rung-${cell.rung}`,
        null,
        h("span.word", null, word.short),
        step,
        stale ? h("span.old", null, "stale") : null,
      );
      tile.classList.add(`shape-${word.id}`);
      if (stale) tile.classList.add("stale");
      return tile;
    });

  hw.blankTile = () =>
    copied("blank", () =>
      hw.h("span.blank.shape-blank", null, hw.h("span.sr", null, "unknown")),
    );

  hw.marksOf = (flags) => hw.words.marks.filter((_, bit) => flags & (1 << bit));

  // The same as words, for the line under the table and for headings.
  hw.checkWords = (check) => {
    if (!check) return "not checked";
    const word = hw.words.checks[check.state];
    const parts = [word.word];
    if (check.errors) parts.push(hw.plural(check.errors, "error"));
    if (check.warnings) parts.push(hw.plural(check.warnings, "warning"));
    if (check.runs) parts.push(hw.plural(check.runs, "run"));
    return parts.join(", ");
  };

  hw.cellWords = (cell) => {
    if (!cell) return "unknown: nothing is recorded here";
    const rung = hw.words.rungs[cell.rung];
    const marks = hw.marksOf(cell.flags).map((mark) => mark.word);
    return [`${hw.words.states[cell.state].word}`, `${rung.id} ${rung.word}`, ...marks].join(", ");
  };
})();
