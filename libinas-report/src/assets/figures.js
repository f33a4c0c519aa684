"use strict";
// Draws the figures of the page.
(() => {
  const { data, count, at, percent, seconds, millijoules } = study;
  const root = document.documentElement;
  const accuracyTitle = data.synthetic ? "validation accuracy, synthetic data" : "validation accuracy";
  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const short = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

  // A dashed line across the plot at a value of an axis, with its name beside it.
  const lineAt = (axis, value, label) => ({
    id: "line-" + axis,
    afterDatasetsDraw(chart) {
      if (value === null) return;
      const { ctx, chartArea: area } = chart;
      const place = chart.scales[axis].getPixelForValue(value);
      const upright = axis === "x";
      if (upright ? place < area.left || place > area.right : place < area.top || place > area.bottom) return;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour("mark");
      ctx.lineWidth = 1.5;
      ctx.setLineDash([6, 4]);
      ctx.beginPath();
      ctx.moveTo(upright ? place : area.left, upright ? area.top : place);
      ctx.lineTo(upright ? place : area.right, upright ? area.bottom : place);
      ctx.stroke();
      ctx.font = "12px " + Chart.defaults.font.family;
      const left = upright && place + 8 + ctx.measureText(label).width > area.right;
      ctx.textAlign = left || !upright ? "right" : "left";
      ctx.textBaseline = "bottom";
      const x = upright ? place + (left ? -6 : 6) : area.right - 4, y = upright ? area.bottom - 8 : place - 3;
      // Readable also where points are.
      ctx.setLineDash([]);
      ctx.lineWidth = 4;
      ctx.lineJoin = "round";
      ctx.strokeStyle = colour("ground");
      ctx.strokeText(label, x, y);
      ctx.fillText(label, x, y);
      ctx.restore();
    },
  });

  const ticks = () => ({ color: colour("quiet"), maxRotation: 60, includeBounds: false, format: { useGrouping: false } });
  const whole = () => Object.assign(ticks(), { precision: 0 });
  const axis = (title, more) => Object.assign({
    title: { display: true, text: title, color: colour("quiet") },
    grid: { color: colour("line"), borderColor: colour("quiet"), tickLength: 4 },
    ticks: ticks(),
  }, more);

  const options = (scales, more) => Object.assign({
    animation: false, maintainAspectRatio: false, normalized: true, scales,
    interaction: { mode: "nearest", intersect: true },
    plugins: {},
  }, more);

  const drawn = [];
  for (let place = 0; place < count; ++place) {
    if (at("accuracy", place) !== null && at("latency", place) !== null) drawn.push(place);
  }
  // Accuracies after short trainings do not compare with the others.
  const shortly = new Set(data.short);
  const full = drawn.filter((place) => !shortly.has(place));
  const leastOf = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const mostOf = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  // A little room around values, as of accuracies that are all alike.
  const room = (values, least) => {
    const low = leastOf(values), high = mostOf(values);
    const margin = Math.max(0.06 * (high - low), least);
    return { min: low - margin, max: high + margin };
  };
  const accuracyRange = () => {
    const { min, max } = room(drawn.map((place) => 100 * at("accuracy", place)), 0.5);
    return { min: Math.max(0, min), max: Math.min(100.5, max) };
  };
  const trialWords = (place) => [
    "trial " + at("number", place) + (place === data.best ? ", chosen" : ""),
    percent(at("accuracy", place)) + " in " + seconds(at("latency", place)),
    short(at("architecture", place) || "", 60),
  ].filter((line) => line !== "");
  const trialTooltip = { callbacks: { label: (item) => (item.raw.place === undefined ? "" : trialWords(item.raw.place)) } };
  const legend = () => ({ position: "bottom", labels: { usePointStyle: true, boxHeight: 7, color: colour("text") } });
  const trained = (point) => {
    const series = (label, places, colours, order) => ({ label, data: places.map(point), backgroundColor: colours, borderWidth: 0,
      pointRadius: size(), order });
    const list = [series("trained", full, faded(), 2)];
    if (data.short.length > 0) list.push(series("trained shortly", data.short, colour("quiet") + "88", 3));
    return list;
  };
  const faded = () => colour("point") + (drawn.length > 1000 ? "66" : "aa");
  const size = () => (drawn.length > 1000 ? 2 : drawn.length > 200 ? 3 : 4);

  const charts = {
    front() {
      const point = (place) => ({ x: at("latency", place), y: 100 * at("accuracy", place), place });
      const y = accuracyRange();
      const fastest = mostOf(drawn.map((place) => at("latency", place)));
      const right = 1.05 * Math.max(fastest, data.requirement === null ? 0 : 1.25 * data.requirement);
      const slow = [];
      for (let place = 0; place < count; ++place) {
        const latency = at("latency", place);
        if (latency !== null && at("accuracy", place) === null && latency <= right) slow.push({ x: latency, y: y.min });
      }
      const datasets = [
        { label: "Pareto front", type: "line", stepped: "before", data: data.front.map(point), borderColor: colour("front"),
          backgroundColor: colour("front"), borderWidth: 2, pointRadius: size() + 0.5, order: 1 },
        ...trained(point),
      ];
      if (data.best !== null && drawn.includes(data.best)) {
        datasets.unshift({ label: "chosen", data: [point(data.best)], pointStyle: "rectRot", pointRadius: 9, pointHoverRadius: 10,
          borderWidth: 2.5, borderColor: colour("best"), backgroundColor: colour("best") + "33", order: 0 });
      }
      if (slow.length > 0) {
        datasets.push({ label: "too slow, not trained", data: slow, pointStyle: "line", rotation: 90, pointRadius: 6, borderWidth: 1,
          borderColor: colour("quiet"), backgroundColor: colour("quiet"), order: 4, clip: false });
      }
      return {
        type: "scatter", data: { datasets },
        options: options(
          { x: axis("latency, s", { min: 0, max: right }), y: axis(accuracyTitle + ", %", y) },
          { plugins: { tooltip: trialTooltip, legend: legend() } }),
        plugins: [lineAt("x", data.requirement, "requirement " + (data.requirement === null ? "" : seconds(data.requirement)))],
      };
    },

    progress() {
      const point = (place) => ({ x: at("number", place), y: 100 * at("accuracy", place), place });
      const best = data.improvements.map(point);
      const last = at("number", count - 1);
      // The best so far lasts until the last trial.
      const line = best.length > 0 ? best.concat([{ x: last, y: best[best.length - 1].y }]) : [];
      return {
        type: "scatter",
        data: { datasets: [
          { label: "best so far", type: "line", stepped: true, data: line, borderColor: colour("front"), backgroundColor: colour("front"),
            borderWidth: 2, pointRadius: line.map((_, index) => (index < best.length ? size() + 0.5 : 0)), order: 1 },
          ...trained(point),
        ] },
        options: options(
          { x: axis("trial", { min: 0, max: Math.max(last, 2), ticks: whole() }),
            y: axis(accuracyTitle + ", %", accuracyRange()) },
          { plugins: { tooltip: trialTooltip, legend: legend() } }),
      };
    },

    refusals() {
      return {
        type: "bar",
        data: { labels: data.refusals.map(([name]) => short(name, 18)),
                datasets: [{ data: data.refusals.map(([, number]) => number), backgroundColor: colour("point"), maxBarThickness: 36 }] },
        options: options(
          { x: axis("proposals", { beginAtZero: true, ticks: whole() }),
            y: axis("", { title: { display: false }, grid: { display: false } }) },
          { indexAxis: "y", plugins: { legend: { display: false } } }),
      };
    },

    cycles() {
      const { of, labels, energy } = data.winner.bars;
      const values = energy.map((value) => (value === null ? null : 1e3 * value));
      const above = (value) => value !== null && value > 1e3 * data.budget;
      return {
        type: "bar",
        data: { labels: labels.map((label) => short(String(label), 16)),
                datasets: [{ data: values, maxBarThickness: 36,
                             backgroundColor: values.map((value) => colour(above(value) ? "best" : "point")) }] },
        options: options(
          { x: axis(of === "layer" ? "layer" : "power cycle", { grid: { display: false } }),
            y: axis("energy, mJ", { beginAtZero: true, suggestedMax: 1.12e3 * data.budget }) },
          { plugins: { legend: { display: false },
                       tooltip: { callbacks: { label: (item) => millijoules(item.raw / 1e3) } } } }),
        plugins: [lineAt("y", 1e3 * data.budget, "budget " + millijoules(data.budget))],
      };
    },

    parts() {
      const parts = data.winner.parts;
      const sum = (key) => parts.reduce((all, part) => all + (part[key] || 0), 0);
      const totals = [sum("time"), sum("energy")];
      const share = (part, key, total) => (total > 0 ? (100 * (part[key] || 0)) / total : 0);
      return {
        type: "bar",
        data: { labels: ["time", "energy"],
                datasets: parts.map((part, index) => ({
                  label: short(part.name, 24), backgroundColor: colour("part-" + (index % 7)), maxBarThickness: 56,
                  borderColor: colour("ground"), borderWidth: { right: 1 },
                  data: [share(part, "time", totals[0]), share(part, "energy", totals[1])] })) },
        options: options(
          { x: axis("share, %", { stacked: true, min: 0, max: 100 }),
            y: axis("", { stacked: true, title: { display: false }, grid: { display: false } }) },
          { indexAxis: "y", plugins: { legend: legend(), tooltip: { callbacks: { label: (item) => {
            const part = parts[item.datasetIndex];
            const value = item.dataIndex === 0 ? seconds(part.time || 0) : millijoules(part.energy || 0);
            return part.name + ": " + value + ", " + item.raw.toFixed(1) + " %";
          } } } } }),
      };
    },

    "layer-parts"() {
      const layers = data.winner.layers;
      return {
        type: "bar",
        data: { labels: layers.map((layer) => short(layer.name, 16)),
                datasets: layers[0].parts.map((part, index) => ({
                  label: short(part.name, 24), backgroundColor: colour("part-" + (index % 7)), maxBarThickness: 36,
                  data: layers.map((layer) => (layer.parts[index] ? layer.parts[index].time : null)) })) },
        options: options(
          { x: axis("layer", { stacked: true, grid: { display: false } }), y: axis("time, s", { stacked: true, beginAtZero: true }) },
          { plugins: { legend: legend(), tooltip: { callbacks: {
            label: (item) => item.dataset.label + ": " + seconds(item.raw || 0) } } } }),
      };
    },
  };

  let shown = [];
  const draw = () => {
    shown.forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour("text");
    Chart.defaults.locale = "en";
    shown = Object.keys(charts).flatMap((id) => {
      const canvas = document.getElementById(id);
      return canvas === null ? [] : [new Chart(canvas, charts[id]())];
    });
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  // On paper the figures are as wide as a page, and light.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    document.querySelectorAll("details.print:not([open])").forEach((part) => {
      part.open = true;
      unfolded.push(part);
    });
    draw();
    shown.forEach((chart) => chart.resize(680, 300));
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    unfolded.splice(0).forEach((part) => { part.open = false; });
    draw();
  });
})();
