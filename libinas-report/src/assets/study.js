"use strict";
// What the page's scripts share: the data of the study, from the JSON in #study-data, and numbers as the programs
// print them. Texts of a study reach the page as text nodes and canvas texts only.
const study = (() => {
  const data = JSON.parse(document.getElementById("study-data").textContent);
  const columns = data.trials.columns || {};
  const two = (number) => String(number).padStart(2, "0");
  return {
    data,
    columns,
    count: columns.number ? columns.number.length : 0,
    at: (name, place) => (columns[name] ? columns[name][place] : null),
    percent: (share) => (100 * share).toFixed(2) + " %",
    seconds: (value) => String(Number(value.toPrecision(4))) + " s",
    millijoules: (value) => (1e3 * value).toFixed(4) + " mJ",
    duration(value) {
      const whole = Math.floor(value + 0.5);
      if (whole >= 3600) return Math.floor(whole / 3600) + ":" + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
      return whole >= 60 ? Math.floor(whole / 60) + ":" + two(whole % 60) : whole + " s";
    },
  };
})();
