"use strict";
// Fills the table of trials, a part at a time, in any order.
(() => {
  const { data, columns, count, percent, seconds, millijoules, duration } = study;
  const host = document.getElementById("trial-table");
  if (host === null) return;
  const kRows = 25;
  const plain = (value) => String(value);
  const accuracyName = data.synthetic ? "accuracy (synthetic data)" : "accuracy";
  // Key, title, text of a value, whether it is a number.
  const fields = [
    ["number", "trial", plain, true],
    ["architecture", "architecture", plain, false],
    ["outcome", "outcome", (index) => data.trials.outcomes[index], false],
    ["accuracy", accuracyName, percent, true],
    ["latency", "latency", seconds, true],
    ["energy", "energy", millijoules, true],
    ["macs", "MACs", plain, true],
    ["weights", "weights B", plain, true],
    ["nvm", "NVM B", plain, true],
    ["epochs", "epochs", plain, true],
    ["images", "images", plain, true],
    ["seconds", "trained for", duration, true],
    ["reward", "reward", (value) => (value < 0 ? "" : "+") + value.toFixed(3), true],
    ["reason", "why refused", plain, false],
  ].filter(([key]) => columns[key] !== undefined);
  const state = { key: columns.accuracy ? "accuracy" : "number", down: Boolean(columns.accuracy), outcome: -1, page: 0 };

  const element = (name, properties, children) => {
    const made = Object.assign(document.createElement(name), properties);
    (children || []).forEach((child) => made.append(child));
    return made;
  };
  const places = () => {
    const list = [];
    for (let place = 0; place < count; ++place) {
      if (state.outcome < 0 || columns.outcome[place] === state.outcome) list.push(place);
    }
    const values = columns[state.key];
    return list.sort((a, b) => {
      const x = values[a], y = values[b];
      if (x === y) return a - b;
      if (x === null) return 1;
      if (y === null) return -1;
      return (x < y ? -1 : 1) * (state.down ? -1 : 1);
    });
  };
  const head = () => element("tr", {}, fields.map(([key, title, , isNumber]) => {
    const sorted = state.key === key;
    const button = element("button", { type: "button", textContent: title + (sorted ? (state.down ? " ↓" : " ↑") : "") });
    button.addEventListener("click", () => {
      state.down = sorted ? !state.down : isNumber && key !== "number" && key !== "latency";
      state.key = key;
      state.page = 0;
      fill();
      table.querySelectorAll("th button")[fields.findIndex(([other]) => other === key)].focus();
    });
    const cell = element("th", { scope: "col", className: isNumber ? "n" : "" }, [button]);
    if (sorted) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    return cell;
  }));
  const row = (place) => element("tr", { className: place === data.best ? "best" : "" }, fields.map(([key, , text, isNumber]) => {
    const value = columns[key][place];
    const words = value === null ? "" : text(value);
    return element("td", { className: isNumber ? "n" : words.length > 64 ? "long" : "", textContent: words });
  }));

  const table = element("table");
  const where = element("span", { role: "status" });
  const back = element("button", { type: "button", textContent: "Back" });
  const next = element("button", { type: "button", textContent: "Next" });
  const choice = element("select", {}, [element("option", { value: "-1", textContent: "all outcomes" })].concat(
    data.trials.outcomes.map((name, index) => element("option", { value: String(index), textContent: name }))));
  choice.setAttribute("aria-label", "outcome");
  const fill = () => {
    const list = places();
    const pages = Math.max(1, Math.ceil(list.length / kRows));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const first = state.page * kRows;
    const rows = list.slice(first, first + kRows).map(row);
    table.replaceChildren(
      element("caption", { className: "unseen", textContent: "trials" }),
      element("thead", {}, [head()]), element("tbody", {}, rows));
    where.textContent = list.length === 0 ? "none" : first + 1 + " to " + (first + rows.length) + " of " + list.length;
    back.disabled = state.page === 0;
    next.disabled = state.page === pages - 1;
  };
  choice.addEventListener("change", () => { state.outcome = Number(choice.value); state.page = 0; fill(); });
  back.addEventListener("click", () => { --state.page; fill(); });
  next.addEventListener("click", () => { ++state.page; fill(); });
  const scroll = element("div", { className: "scroll", tabIndex: 0 }, [table]);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "trials");
  fill();
  host.append(element("div", { className: "tools" }, [choice, element("span", { className: "gap" }), where, back, next]), scroll);
})();
