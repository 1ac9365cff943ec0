// Data files are scripts that are loaded when they are needed: `fetch` is refused under file://.
(() => {
  "use strict";
  const hw = {};
  window.hwcheckMatrix = hw;

  const received = new Map();
  const asked = new Map();

  // Called by every data file, with its own path.
  hw.receive = (file, value) => {
    received.set(file, value);
  };

  hw.received = (file) => received.get(file);

  hw.load = (file) => {
    if (received.has(file)) return Promise.resolve(received.get(file));
    if (!asked.has(file)) asked.set(file, addScript(file));
    return asked.get(file);
  };

  function addScript(file) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const fail = () => {
        asked.delete(file); // so that the next opening tries again
        script.remove();
        reject(new Error(`cannot read ${file}: it belongs beside this page`));
      };
      script.src = file.split("/").map(encodeURIComponent).join("/");
      script.onerror = fail;
      script.onload = () => (received.has(file) ? resolve(received.get(file)) : fail());
      document.head.append(script);
    });
  }
})();
