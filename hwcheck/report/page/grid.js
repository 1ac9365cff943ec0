// A table that is walked with the arrow keys, with heads that stay in sight.
(() => {
  "use strict";
  const hw = window.hwcheckMatrix;
  const { h } = hw;
  const PAGE = 10;
  const CELLS_AT_ONCE = 1500;

  // spec: { label, corner, columns, rows, cell(row, column), tell(row, column), open(row, column),
  //         columnHead(column), rowHead(row), openColumn(column), openRow(row), key(row, column) }
  // `key` names a cell as the address does.
  hw.grid = (spec) => {
    const body = [];
    const table = h("table.grid", {
      role: "grid",
      "aria-label": spec.label,
      "aria-readonly": "true",
    });
    table.style.setProperty("--columns", spec.columns.length);
    table.append(columnWidths(spec), tableHead(spec, body));
    const places = new Map();
    const drawing = tableBody(spec, body, places);
    table.append(drawing.part);
    body[0].cells.forEach((cell, column) => places.set(cell, [0, column]));
    table.finish = drawing.finish;
    walk(table, body, places, spec);
    return table;
  };

  function columnWidths(spec) {
    const group = h("colgroup", null, h("col.first"));
    for (const _ of spec.columns) group.append(h("col"));
    return group;
  }

  function tableHead(spec, body) {
    const head = h("thead");
    const corner = h("th.corner", { scope: "col" }, spec.corner);
    const line = [corner];
    const row = h("tr.heads", { role: "row" }, corner);
    let last = null;
    for (const column of spec.columns) {
      const cell = h("th", { scope: "col" }, spec.columnHead(column));
      if (column.group !== last) cell.classList.add("starts");
      last = column.group;
      line.push(cell);
      row.append(cell);
    }
    body.push({ cells: line, item: null });
    head.append(row);
    return head;
  }

  // What is in sight is drawn at once, and the rest of a large table right after it.
  function tableBody(spec, body, places) {
    const part = h("tbody");
    const rowsAtOnce = Math.max(20, Math.ceil(CELLS_AT_ONCE / (spec.columns.length + 1)));
    let next = 0;
    let group = null;

    function draw(count) {
      const rows = document.createDocumentFragment();
      for (const item of spec.rows.slice(next, next + count)) add(item, rows);
      next += count;
      part.append(rows);
    }

    function add(item, rows) {
      if (item.group && item.group !== group) {
        group = item.group;
        rows.append(
          h(
            "tr.group",
            { role: "row" },
            h("th", { scope: "rowgroup", colspan: spec.columns.length + 1 }, h("span", null, group)),
          ),
        );
      }
      rows.append(tableRow(spec, item, body));
      const row = body.length - 1;
      body[row].cells.forEach((cell, column) => places.set(cell, [row, column]));
    }

    function goOn() {
      if (next >= spec.rows.length) return;
      if (!part.isConnected) return; // another table took its place
      draw(rowsAtOnce);
      setTimeout(goOn);
    }

    draw(rowsAtOnce);
    setTimeout(goOn);
    return { part, finish: () => draw(Math.max(0, spec.rows.length - next)) };
  }

  function tableRow(spec, item, body) {
    const head = h("th", { scope: "row" }, spec.rowHead(item));
    const line = [head];
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    row.append(head);
    let last = null;
    for (const column of spec.columns) {
      const cell = document.createElement("td");
      cell.setAttribute("role", "gridcell");
      if (column.group !== last) cell.className = "starts";
      last = column.group;
      const tile = spec.cell(item, column);
      if (tile) cell.append(tile);
      line.push(cell);
      row.append(cell);
    }
    body.push({ cells: line, item });
    return row;
  }

  function walk(table, body, places, spec) {
    let at = body.length > 1 && spec.columns.length ? [1, 1] : [0, 0];

    const cellAt = ([row, column]) => body[row].cells[column];
    const placeOf = (target) => places.get(target.closest("td, th"));

    function mark(place) {
      cellAt(at).tabIndex = -1;
      cellAt([0, at[1]]).classList.remove("on");
      at = place;
      cellAt(at).tabIndex = 0;
      if (at[1]) cellAt([0, at[1]]).classList.add("on");
    }

    function tell(place) {
      const [row, column] = place;
      if (!row || !column) return;
      spec.tell?.(body[row].item, spec.columns[column - 1]);
    }

    function move(place) {
      mark(place);
      tell(place);
      cellAt(place).focus({ preventScroll: true });
      cellAt(place).scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    function open([row, column]) {
      if (row && column) spec.open?.(body[row].item, spec.columns[column - 1]);
      else if (row) spec.openRow?.(body[row].item);
      else if (column) spec.openColumn?.(spec.columns[column - 1]);
    }

    table.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        open(at);
        return;
      }
      table.finish();
      const next = step(event, at, [body.length - 1, spec.columns.length]);
      if (!next) return;
      event.preventDefault();
      move(next);
    });
    table.addEventListener("click", (event) => {
      const place = placeOf(event.target);
      if (!place || getSelection().toString()) return;
      move(place);
      open(place);
    });
    table.addEventListener("pointerover", (event) => {
      const place = placeOf(event.target);
      if (place) tell(place);
    });
    table.addEventListener("focusin", (event) => {
      const place = placeOf(event.target);
      if (place && (place[0] !== at[0] || place[1] !== at[1])) mark(place);
      if (place) tell(place);
    });
    // The cell whose evidence is open stays marked, and is where the focus returns to.
    table.markOpened = (key) => {
      table.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
      const place = key ? find(key) : null;
      if (!place) return;
      mark(place);
      cellAt(place).setAttribute("aria-selected", "true");
      cellAt(place).scrollIntoView({ block: "nearest", inline: "nearest" });
    };

    function find(key) {
      table.finish();
      for (let row = 1; row < body.length; row += 1) {
        for (let column = 0; column < spec.columns.length; column += 1) {
          if (spec.key(body[row].item, spec.columns[column]) === key) return [row, column + 1];
        }
      }
      return null;
    }

    table.focusCell = () => cellAt(at).focus({ preventScroll: true });
    mark(at);
  }

  function step(event, [row, column], [lastRow, lastColumn]) {
    const within = (value, most) => Math.max(0, Math.min(most, value));
    const moves = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      PageDown: [row + PAGE, column],
      PageUp: [row - PAGE, column],
      Home: event.ctrlKey ? [0, 0] : [row, 0],
      End: event.ctrlKey ? [lastRow, lastColumn] : [row, lastColumn],
    };
    const next = moves[event.key];
    return next && [within(next[0], lastRow), within(next[1], lastColumn)];
  }
})();
