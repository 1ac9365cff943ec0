// The state of the page is its address: what is shown can be sent, and the back button works.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const listeners = [];

  hw.address = {
    read() {
      const given = new URLSearchParams(location.hash.slice(1));
      return Object.fromEntries(given);
    },

    // A new entry in the browser's history, or, while somebody types, the present one again.
    write(state, { replace = false } = {}) {
      const next = format(state);
      if (next === (location.hash || "#")) return;
      if (replace) location.replace(next);
      else location.hash = next;
    },

    change(changes, options) {
      this.write({ ...this.read(), ...changes }, options);
    },

    link(changes) {
      return format({ ...this.read(), ...changes });
    },

    listen(listener) {
      listeners.push(listener);
    },
  };

  window.addEventListener("hashchange", () => {
    const state = hw.address.read();
    for (const listener of listeners) listener(state);
  });

  function format(state) {
    const kept = Object.entries(state).filter(([, value]) => value !== "" && value != null);
    kept.sort(([left], [right]) => (left < right ? -1 : 1));
    return "#" + new URLSearchParams(kept).toString();
  }
})();
