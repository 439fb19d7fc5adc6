"use strict";
(() => {
  // Every text of the trace reaches the page as the text of a node or the value of an attribute, never as markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const byId = id => document.getElementById(id);

  function element(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
  }

  function shape(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
  }

  function fill(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter(child => child !== null && child !== undefined));
    return node;
  }

  // --- texts

  const plain = new Intl.NumberFormat("en-US");
  const count = value => value === null ? "–" : plain.format(value);
  const known = text => text === null || text === undefined ? "–" : text === "" ? "(no name)" : text;

  function scaled(value, steps, digits = 3) {
    let [unit, size] = steps[0];
    for (const step of steps) if (value >= step[1]) [unit, size] = step;
    const number = value / size;
    const fraction = size === 1 && Number.isInteger(value) ? 0 : Math.max(0, digits - String(Math.floor(number)).length);
    return number.toFixed(fraction) + " " + unit;
  }

  const bytes = value =>
    value === null ? "–" : scaled(value, [["B", 1], ["kB", 1e3], ["MB", 1e6], ["GB", 1e9], ["TB", 1e12]]);
  const duration = value =>
    value === null || value === undefined
      ? "–" : scaled(value, [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]]);
  const time = value => (value / 1e9).toFixed(6) + " s";

  const first = data.sources[0] || {};
  const hasNanoseconds = data.sources.every(source => source.countsNanoseconds);

  function dateOf(source) {
    if (source.wallMicroseconds === null) return null;
    return new Date(source.wallMicroseconds / 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
  }

  // --- tables: sorted by a click on a title, filtered by a text, a page of rows at a time

  const pageSize = 50;

  /**
   * columns: title, value of a row, and how it is shown; numbers are sorted from the largest on.
   * totals: texts by column, for all rows, whatever is filtered.
   */
  function table(host, { name, columns, rows, total = null, beyond = 0, open = null, sort = 0 }) {
    let order = { column: sort, down: !!columns[sort].isNumber && !columns[sort].isTime };
    let shown = pageSize;
    let words = "";
    let found = [];
    const status = element("span", { class: "hint", role: "status" });
    const input = element("input", { type: "search", id: host.id + "-filter", autocomplete: "off", spellcheck: "false" });
    const heads = columns.map((column, index) => {
      const button = element("button", { type: "button" }, column.title);
      button.addEventListener("click", () => {
        order = { column: index, down: order.column === index ? !order.down : !!column.isNumber && !column.isTime };
        draw();
      });
      return element("th", { scope: "col", class: column.isNumber ? "number" : null }, button);
    });
    const body = element("tbody");
    const foot = total === null ? null : element("tfoot", {}, element("tr", {}, ...columns.map((column, index) =>
      element("td", { class: column.isNumber ? "number" : null }, total[index] === undefined ? "" : total[index]))));
    const grid = element("table", { "aria-label": name }, element("thead", {}, element("tr", {}, ...heads)), body, foot);
    const more = element("button", { type: "button", class: "more" });
    more.addEventListener("click", () => {
      body.append(...found.slice(shown, shown + 200).map(row => line(row)));
      shown += 200;
      sayRest();
    });
    input.addEventListener("input", () => { words = input.value.toLowerCase(); shown = pageSize; draw(); });
    host.append(
      element("div", { class: "tools" }, element("label", {}, "Filter", input), status),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name + ", table" }, grid), more);

    function text(column, row) {
      const value = column.value(row);
      return String(column.show ? column.show(value, row) : known(value));
    }

    function compare(left, right) {
      const column = columns[order.column];
      const [a, b] = [column.value(left), column.value(right)];
      if (a === b) return 0;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      const result = typeof a === "number" ? a - b : String(a) < String(b) ? -1 : 1;
      return order.down ? -result : result;
    }

    function draw() {
      found = words === "" ? rows.slice() : rows.filter(row =>
        columns.some(column => text(column, row).toLowerCase().includes(words)));
      found.sort(compare);
      heads.forEach((head, index) => {
        if (index === order.column) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      body.replaceChildren(...found.slice(0, shown).map(row => line(row)));
      sayRest();
    }

    function sayRest() {
      const rest = found.length - Math.min(shown, found.length);
      more.hidden = rest === 0;
      more.textContent = `Show ${Math.min(rest, 200)} more of ${count(rest)}`;
      status.textContent = `${count(found.length)} of ${count(rows.length)}` +
        (beyond > 0 ? `; ${count(beyond)} smaller ones are in the totals only` : "");
    }

    function line(row) {
      const cells = columns.map((column, index) => {
        const content = text(column, row);
        const attributes = { class: column.isNumber ? "number" : column.isName ? "name" : null };
        if (column.isBad && column.value(row)) attributes.class += " bad";
        if (index > 0 || open === null) return element("td", attributes, content);
        const button = element("button", { type: "button", class: "open", title: "Show its events" }, content);
        return element("td", attributes, button);
      });
      const result = element("tr", { class: open === null ? null : "link" }, ...cells);
      if (open !== null) result.addEventListener("click", () => open(row));
      return result;
    }

    draw();
    return { redraw(newRows) { rows = newRows; shown = pageSize; draw(); } };
  }

  const number = (title, value, show = count, more = {}) => ({ title, value, show, isNumber: true, ...more });
  const name = (title, value, show) => ({ title, value, show, isName: true });

  // --- overview

  function overview() {
    const total = data.total;
    const date = dateOf(first);
    const machine = first.machine ? first.machine.split(" ") : null;
    byId("subject").textContent = [
      data.sources.map(source => source.name).join(", "),
      machine ? `${machine[1] || ""} (${machine[0]} ${machine[2] || ""} ${machine[machine.length - 1]})` : "machine unknown",
      date || "time of day unknown", hasNanoseconds ? duration(data.length) : count(data.length) + " ticks",
    ].join(" · ");
    document.title = "Socket traffic: " + data.sources.map(source => source.name).join(", ");
    const items = [
      ["Messages sent", count(total.sends), "sends"], ["Bytes sent", bytes(total.sentBytes), "sentBytes", count(total.sentBytes)],
      ["Messages received", count(total.receives), "receives"],
      ["Bytes received", bytes(total.receivedBytes), "receivedBytes", count(total.receivedBytes)],
      ["Failed calls", count(total.failed), "failed"], ["Connections", count(data.connections.count), "connections"],
      ["Send, 99 %", duration(total.sendLatency[2]), "sendLatency"],
      ["Receive, 99 %", duration(total.receiveLatency[2]), "receiveLatency"],
    ];
    byId("totals").append(...items.map(([title, value, key, exact]) => element("div", {},
      element("dt", {}, title),
      element("dd", { "data-key": key, "data-value": typeof total[key] === "number" ? total[key] : null }, value,
        exact && exact !== value ? element("small", {}, exact) : null))));
    const notes = byId("notes");
    for (const source of data.sources) {
      const prefix = data.sources.length > 1 ? source.name + ": " : "";
      const missing = [
        [source.lost, "records were lost"], [source.uncounted, "times an unknown number of records was lost"],
        [source.missed, "returns were missed"],
      ].filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
      if (missing.length > 0) notes.append(element("p", { class: "warning" }, prefix + missing.join(", ") + "."));
      else notes.append(element("p", { class: "fact" }, prefix + "No record was lost."));
      const facts = [["Machine", source.machine], ["Recorder", source.recorder], ["Trace clock", source.clock],
        ["Began", dateOf(source)], ["Events", count(source.events)],
        ["Operations that had not ended", count(source.unfinished)]];
      const list = facts.filter(([, value]) => value !== null).map(([title, value]) => `${title}: ${value}`);
      notes.append(element("details", {}, element("summary", {}, prefix + "How it was traced"),
        ...[...list, ...source.remarks].map(text => element("p", { class: "fact" }, text))));
    }
    const unknown = [["process", "the process"], ["outcome", "the outcome"], ["latency", "the latency"], ["peer", "the other end"]]
      .filter(([key]) => data.unknown[key] > 0)
      .map(([key, what]) => `${what} of ${count(data.unknown[key])}`);
    if (unknown.length > 0) {
      notes.append(element("p", { class: "fact", id: "unknown" },
        `Unknown, of ${count(data.unknown.messages)} messages: ${unknown.join(", ")}.`));
    }
  }

  // --- axes

  const widthThatFits = () => Math.max(320, Math.min(1160, byId("main").clientWidth - (innerWidth < 520 ? 24 : 40)));
  // Kept: to ask for it has all that was added since laid out.
  let width = widthThatFits();
  const chartWidth = () => width;

  function ticks(from, to, wanted) {
    const rough = (to - from) / wanted;
    if (!(rough > 0)) return [from];
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough);
    const result = [];
    for (let value = Math.ceil(from / step) * step; value <= to * (1 + 1e-9); value += step) result.push(value);
    return result;
  }

  function timeAxis(svg, left, width, y, from, to) {
    const wanted = Math.max(2, Math.floor(width / 110));
    svg.append(shape("line", { class: "axis", x1: left, x2: left + width, y1: y, y2: y }));
    for (const tick of ticks(from, to, wanted)) {
      const x = left + (tick - from) / (to - from) * width;
      svg.append(shape("line", { class: "axis", x1: x, x2: x, y1: y, y2: y + 4 }));
      const anchor = x > left + width - 30 ? "end" : x < left + 30 ? "start" : "middle";
      svg.append(shape("text", { x, y: y + 17, "text-anchor": anchor }, tick === 0 ? "0" : duration(tick)));
    }
  }

  /** Shortens the labels of a chart that is in the page to their room: how wide a font is differs from machine to machine. */
  function fit(svg) {
    const labels = [...svg.querySelectorAll("text[data-room]")]
      .map(label => [label, Number(label.dataset.room), label.getComputedTextLength()]);
    for (const [label, room, length] of labels) {
      if (length <= room) continue;
      const characters = [...label.textContent];
      let kept = Math.floor(characters.length * room / length);
      do {
        label.textContent = characters.slice(0, kept).join("") + "…";
        kept -= 1;
      } while (kept > 0 && label.getComputedTextLength() > room);
    }
  }

  // --- traffic over time

  const measures = [
    ["bytes", "Bytes", ["sentBytes", "receivedBytes"], bytes], ["messages", "Messages", ["sends", "receives"], count],
    ["failed", "Failed calls", ["failed"], count],
  ];
  let measure = measures[0];
  const whole = [0, Math.max(data.length, 1)];
  let view = whole.slice();
  let selection = null;
  let cursor = null;

  function stepsInView() {
    const steps = [];
    const length = data.steps.sends.length;
    const from = Math.floor(view[0] / data.step);
    const to = Math.min(length, Math.ceil(view[1] / data.step));
    // As many bars as are wide enough to be seen and hit.
    const group = Math.max(1, Math.ceil((to - from) / Math.floor(chartWidth() / 7)));
    for (let index = from; index < to; index += group) {
      const step = { from: index * data.step, to: Math.min(index + group, to) * data.step };
      for (const key of Object.keys(data.steps)) {
        step[key] = 0;
        for (let member = index; member < Math.min(index + group, to); member += 1) step[key] += data.steps[key][member];
      }
      steps.push(step);
    }
    return steps;
  }

  let drawnSteps = [];

  function drawTime() {
    const [width, height, left, bottom] = [chartWidth(), 230, 72, 24];
    const inner = width - left - 6;
    const [, title, keys, show] = measure;
    drawnSteps = stepsInView();
    const largest = Math.max(1, ...drawnSteps.map(step => keys.reduce((sum, key) => sum + step[key], 0)));
    const x = value => left + (value - view[0]) / (view[1] - view[0]) * inner;
    const y = value => height - bottom - value / largest * (height - bottom - 14);
    const svg = shape("svg", {
      viewBox: `0 0 ${width} ${height}`, role: "application", tabindex: "0", id: "time-svg",
      "aria-label": `${title} over time; ${drawnSteps.length} bars. Arrow keys move, Enter shows events.`,
      "aria-describedby": "time-hint",
    });
    for (const tick of ticks(0, largest, 4)) {
      svg.append(shape("line", { class: "axis", x1: left, x2: left + inner, y1: y(tick), y2: y(tick) }));
      svg.append(shape("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, show(Math.round(tick))));
    }
    for (const [index, step] of drawnSteps.entries()) {
      let base = 0;
      const [x1, x2] = [Math.max(left, x(step.from)), Math.min(left + inner, x(step.to))];
      for (const key of keys) {
        if (step[key] === 0) continue;
        const [low, high] = [y(base), y(base + step[key])];
        svg.append(shape("rect", {
          class: key === "failed" ? "fail bar" : key.startsWith("sen") ? "send bar" : "receive bar",
          x: x1, width: Math.max(0.8, x2 - x1 - (x2 - x1 > 4 ? 1 : 0)), y: Math.min(high, low - 1),
          height: Math.max(1, low - high), "data-step": index, "data-key": key, "data-value": step[key],
        }));
        base += step[key];
      }
    }
    for (const [at] of data.losses) {
      if (at >= view[0] && at <= view[1]) {
        svg.append(shape("line", { class: "loss", x1: x(at), x2: x(at), y1: 10, y2: height - bottom },
          shape("title", {}, "Records are missing here")));
      }
    }
    timeAxis(svg, left, inner, height - bottom, view[0], view[1]);
    if (selection) {
      svg.append(shape("rect", {
        class: "brush", x: x(Math.max(selection[0], view[0])), y: 8, height: height - bottom - 8,
        width: Math.max(1, x(Math.min(selection[1], view[1])) - x(Math.max(selection[0], view[0]))),
      }));
    }
    if (cursor !== null && drawnSteps[cursor]) {
      const at = x((drawnSteps[cursor].from + drawnSteps[cursor].to) / 2);
      svg.append(shape("line", { class: "cursor", x1: at, x2: at, y1: 8, y2: height - bottom }));
    }
    const surface = shape("rect", { class: "surface", x: left, y: 0, width: inner, height: height - bottom });
    svg.append(surface);
    const hadFocus = document.activeElement && document.activeElement.id === "time-svg";
    byId("time-chart").replaceChildren(
      element("div", { class: "legend" }, ...keys.map(key => element("span", {
        class: key === "failed" ? "fail" : key.startsWith("sen") ? "send" : "receive",
      }, key === "failed" ? "failed" : key.startsWith("sen") ? "sent" : "received"))), svg);
    if (hadFocus) svg.focus({ preventScroll: true });
    brush(svg, surface, left, inner);
    svg.addEventListener("keydown", moveCursor);
    byId("zoom").disabled = byId("selected").disabled = selection === null;
    byId("reset").disabled = view[0] === whole[0] && view[1] === whole[1] && selection === null;
  }

  function brush(svg, surface, left, inner) {
    const at = event => {
      const box = svg.getBoundingClientRect();
      const position = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      return Math.min(1, Math.max(0, (position - left) / inner)) * (view[1] - view[0]) + view[0];
    };
    surface.addEventListener("pointerdown", event => {
      const begin = at(event);
      const move = moved => {
        const now = at(moved);
        selection = [Math.min(begin, now), Math.max(begin, now)];
        mark(surface, left, inner);
      };
      const end = ended => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", end);
        removeEventListener("pointercancel", end);
        const now = at(ended);
        const step = drawnSteps.find(one => begin >= one.from && begin < one.to);
        // A click without a drag is on the bar there.
        if (Math.abs(now - begin) < (view[1] - view[0]) / 300) {
          if (!step) return;
          selection = [step.from, step.to];
          showEvents({ from: step.from, to: step.to });
        }
        say();
        drawTime();
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", end);
      addEventListener("pointercancel", end);
    });
  }

  function mark(surface, left, inner) {
    const svg = surface.ownerSVGElement;
    let box = svg.querySelector(".brush");
    if (!box) {
      box = shape("rect", { class: "brush", y: 8, height: surface.getAttribute("height") - 8 });
      svg.insertBefore(box, surface);
    }
    const x = value => left + (value - view[0]) / (view[1] - view[0]) * inner;
    box.setAttribute("x", x(selection[0]));
    box.setAttribute("width", Math.max(1, x(selection[1]) - x(selection[0])));
  }

  function moveCursor(event) {
    const last = drawnSteps.length - 1;
    const old = cursor === null ? -1 : cursor;
    if (event.key === "ArrowRight") cursor = Math.min(last, old + 1);
    else if (event.key === "ArrowLeft") cursor = Math.max(0, old < 0 ? last : old - 1);
    else if (event.key === "Home") cursor = 0;
    else if (event.key === "End") cursor = last;
    else if (event.key === "Enter" && cursor !== null) {
      event.preventDefault();
      return showEvents(selection ? { from: selection[0], to: selection[1] } : drawnSteps[cursor]);
    } else if (event.key === "z" || event.key === "Z") return zoom();
    else if (event.key === "Escape") return showAll();
    else return;
    event.preventDefault();
    const step = drawnSteps[cursor];
    if (!step) return;
    if (event.shiftKey) {
      selection = selection ? [Math.min(selection[0], step.from), Math.max(selection[1], step.to)] : [step.from, step.to];
    } else selection = null;
    say(step);
    drawTime();
  }

  function say(step = null) {
    const part = step || (selection ? sum(selection) : null);
    byId("time-status").textContent = part === null ? "" :
      `${duration(part.from)} to ${duration(part.to)}: ${count(part.sends)} sent, ${bytes(part.sentBytes)}; ` +
      `${count(part.receives)} received, ${bytes(part.receivedBytes)}; ${count(part.failed)} failed`;
  }

  function sum([from, to]) {
    const result = { from, to };
    for (const key of Object.keys(data.steps)) {
      result[key] = data.steps[key].reduce((total, value, index) =>
        index * data.step < to && (index + 1) * data.step > from ? total + value : total, 0);
    }
    return result;
  }

  function zoom() {
    if (!selection) return;
    const least = data.step * 2;
    view = [Math.max(0, Math.floor(selection[0] / data.step) * data.step), Math.ceil(selection[1] / data.step) * data.step];
    if (view[1] - view[0] < least) view[1] = view[0] + least;
    selection = cursor = null;
    drawTimes();
  }

  function showAll() {
    [view, selection, cursor] = [whole.slice(), null, null];
    byId("time-status").textContent = "";
    drawTimes();
  }

  function drawTimes() {
    drawTime();
    drawHeat();
    drawWaterfall();
  }

  // --- latency

  function drawHeat() {
    const host = byId("heat-chart");
    const { step, bounds, cells } = data.heat;
    const seen = cells.filter(([at]) => (at + 1) * step > view[0] && at * step < view[1]);
    if (cells.length === 0) return host.replaceChildren();
    const [low, high] = [Math.min(...cells.map(cell => cell[1])), Math.max(...cells.map(cell => cell[1]))];
    const [width, left, bottom, row] = [chartWidth(), 72, 24, 13];
    const height = (high - low + 1) * row + bottom + 6;
    const inner = width - left - 6;
    const largest = Math.max(1, ...seen.map(cell => cell[2]));
    const x = value => left + (value - view[0]) / (view[1] - view[0]) * inner;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label":
      "Heat map of latency over time: the darker, the more messages took so long." });
    const drawn = new Map();
    for (let bin = low; bin <= high; bin += 1) {
      if ((bin - low) % 2 === 0 || high - low < 8) {
        svg.append(shape("text", { x: left - 6, y: (high - bin) * row + row - 1, "text-anchor": "end" }, duration(bounds[bin])));
      }
    }
    for (const [at, bin, number] of seen) {
      const [x1, x2] = [Math.max(left, x(at * step)), Math.min(left + inner, x((at + 1) * step))];
      const cell = shape("rect", {
        class: "hit cell", x: x1, width: Math.max(1, x2 - x1 - 0.5), y: (high - bin) * row + 1, height: row - 1,
        "fill-opacity": (0.15 + 0.85 * Math.log1p(number) / Math.log1p(largest)).toFixed(3), "data-value": number,
      });
      drawn.set(cell, [at, bin, number]);
      svg.append(cell);
    }
    // There are thousands of them: what each says is made when it is pointed at.
    svg.addEventListener("pointerover", ({ target }) => {
      if (!drawn.has(target) || target.firstChild) return;
      const [at, bin, number] = drawn.get(target);
      const words = `${duration(at * step)}: ${count(number)} messages took ${duration(bounds[bin])} or longer`;
      target.append(shape("title", {}, words));
    });
    svg.addEventListener("click", ({ target }) => {
      if (!drawn.has(target)) return;
      const [at, bin] = drawn.get(target);
      showEvents({
        from: at * step, to: (at + 1) * step, least: bounds[bin], most: bounds[bin + 1] ?? Infinity, messages: true,
      });
    });
    timeAxis(svg, left, inner, height - bottom, view[0], view[1]);
    host.replaceChildren(element("p", { class: "chart-title" }, "Latency of messages over time"), svg);
  }

  function drawLatency() {
    const { send, receive } = data.latency;
    const froms = [...new Set([...send, ...receive].map(bucket => bucket[0]))].sort((a, b) => a - b);
    const host = byId("latency-chart");
    if (froms.length === 0) return host.replaceChildren(element("p", {}, "No message tells its latency."));
    byId("latency-legend").replaceChildren(element("span", {}, "sent"), element("span", { class: "receive" }, "received"));
    const [width, height, left, bottom] = [chartWidth(), 200, 72, 24];
    const inner = width - left - 6;
    const slot = inner / froms.length;
    const largest = Math.max(...[...send, ...receive].map(bucket => bucket[2]));
    const y = value => height - bottom - value / largest * (height - bottom - 10);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Histogram of latency" });
    for (const tick of ticks(0, largest, 4)) {
      svg.append(shape("line", { class: "axis", x1: left, x2: left + inner, y1: y(tick), y2: y(tick) }));
      svg.append(shape("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, count(Math.round(tick))));
    }
    const every = Math.ceil(64 / slot);
    froms.forEach((from, index) => {
      if (index % every === 0) {
        const isLast = left + index * slot > width - 64;
        svg.append(shape("text", {
          x: isLast ? width : left + index * slot, y: height - bottom + 16, "text-anchor": isLast ? "end" : "start",
        }, duration(from)));
      }
      for (const [kind, buckets] of [["send", send], ["receive", receive]]) {
        const bucket = buckets.find(one => one[0] === from);
        if (!bucket || bucket[2] === 0) continue;
        const x = left + index * slot + (kind === "send" ? 1 : slot / 2);
        const top = Math.min(y(bucket[2]), height - bottom - 1);
        const words = `${duration(bucket[0])} to ${duration(bucket[1])}: ${count(bucket[2])} ${kind === "send" ? "sent" : "received"}`;
        const bar = shape("rect", {
          class: `${kind} hit bar`, x, y: top, width: Math.max(1, slot / 2 - 2), height: height - bottom - top,
          tabindex: "0", role: "button", "aria-label": words, "data-from": from, "data-value": bucket[2],
        }, shape("title", {}, words));
        act(bar, () => showEvents({
          least: bucket[0], most: bucket[1], alias: kind === "send" ? "socket.send" : "socket.receive",
        }));
        svg.append(bar);
      }
    });
    svg.append(shape("line", { class: "axis", x1: left, x2: left + inner, y1: height - bottom, y2: height - bottom }));
    host.replaceChildren(svg);
  }

  /** A click, or Enter and the space bar where it has the focus. */
  function act(node, action) {
    node.addEventListener("click", action);
    node.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      action();
    });
  }

  // --- who talks to whom

  function drawGraph() {
    const host = byId("graph-chart");
    const rows = data.edges.rows.filter(row => row[2] + row[4] > 0).slice(0, 24);
    if (rows.length === 0) return host.replaceChildren(element("p", {}, "No message was seen."));
    const width = chartWidth();
    const side = Math.min(260, width * 0.36);
    const sum = (index) => {
      const sums = new Map();
      for (const row of rows) {
        const old = sums.get(row[index]) || [0, 0];
        sums.set(row[index], [old[0] + row[2], old[1] + row[3]]);
      }
      return [...sums].sort((a, b) => b[1][1] - a[1][1] || b[1][0] - a[1][0]);
    };
    const [processes, peers] = [sum(0), sum(1)];
    const gap = 34;
    const height = Math.max(processes.length, peers.length) * gap + 28;
    // The side with fewer of them is spread, so that lines are short.
    const place = list => new Map(list.map(([key], index) => [key, 20 + (index + 0.5) * (height - 26) / list.length]));
    const [processAt, peerAt] = [place(processes), place(peers)];
    const largest = Math.max(...rows.map(row => row[3]), 1);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label":
      "Processes on the left, peers on the right; the thicker a line, the more bytes." });
    svg.append(shape("text", { x: 0, y: 12 }, "Process"), shape("text", { x: width - side, y: 12 }, "Peer"));
    for (const [comm, peer, messages, moved, failed] of rows) {
      const words = `${known(comm)} and ${known(peer)}: ${count(messages)} messages, ${bytes(moved)}, ${count(failed)} failed`;
      const [y1, y2, middle] = [processAt.get(comm), peerAt.get(peer), width / 2];
      const line = shape("g", { class: "hit", tabindex: "0", role: "button", "aria-label": words },
        shape("path", {
          class: "edge" + (failed > 0 && moved === 0 ? " failing" : ""),
          d: `M ${side} ${y1} C ${middle} ${y1} ${middle} ${y2} ${width - side} ${y2}`,
          "stroke-width": (1.5 + 16 * Math.sqrt(moved / largest)).toFixed(1), "data-value": moved, "data-messages": messages,
        }), shape("title", {}, words));
      act(line, () => showEvents({ comm, peer, messages: true }));
      svg.append(line);
    }
    const boxes = (list, at, x, action) => {
      for (const [key, [messages, moved]] of list) {
        const words = `${known(key)}: ${count(messages)} messages, ${bytes(moved)}`;
        const box = shape("g", { class: "hit", tabindex: "0", role: "button", "aria-label": words },
          shape("rect", { class: "node", x, y: at.get(key) - 13, width: side, height: 26, rx: 5 }),
          shape("text", { class: "strong", x: x + 8, y: at.get(key) + 4, "data-room": side - 78 }, known(key)),
          shape("text", { x: x + side - 8, y: at.get(key) + 4, "text-anchor": "end" }, bytes(moved)),
          shape("title", {}, words));
        act(box, () => action(key));
        svg.append(box);
      }
    };
    boxes(processes, processAt, 0, comm => showEvents({ comm, messages: true }));
    boxes(peers, peerAt, width - side, peer => showEvents({ peer, messages: true }));
    const left = data.edges.count - rows.length;
    host.replaceChildren(svg, left > 0 ? element("p", { class: "hint" }, `${count(left)} pairs with less traffic are not drawn.`) : "");
    fit(svg);
  }

  // --- connections

  const C = { begin: 0, made: 1, end: 2, pid: 3, comm: 4, source: 5, direction: 6, local: 7, remote: 8, protocol: 9,
    sends: 10, sentBytes: 11, receives: 12, receivedBytes: 13, wait: 14, how: 15, serial: 16, marks: 17 };
  const isBadEnd = how => !["closed", "open", "unknown"].includes(how);

  function drawWaterfall() {
    const host = byId("waterfall-chart");
    const rows = data.connections.rows.filter(row => row[C.end] >= view[0] && row[C.begin] <= view[1]);
    if (rows.length === 0) return host.replaceChildren();
    const drawn = rows.slice(0, 40);
    const width = chartWidth();
    const left = Math.min(250, width * 0.4);
    const [inner, row] = [width - left - 6, 20];
    const height = drawn.length * row + 30;
    // As much of the time as those have that are drawn.
    const from = Math.max(view[0], Math.min(...drawn.map(item => item[C.begin])));
    const to = Math.max(from + 1, Math.min(view[1], Math.max(...drawn.map(item => item[C.end]))));
    const x = value => left + Math.min(1, Math.max(0, (value - from) / (to - from))) * inner;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label":
      "Connections as bars from their beginning to their end, with marks for their messages." });
    drawn.forEach((item, index) => {
      const y = index * row + 4;
      const label = `${known(item[C.comm])} ${item[C.direction] === "in" ? "←" : "→"} ${known(item[C.remote])}`;
      const words = `${label}: ${duration(item[C.begin])} to ${duration(item[C.end])}, ${item[C.how]}, ` +
        `${bytes(item[C.sentBytes])} sent, ${bytes(item[C.receivedBytes])} received`;
      const line = shape("g", { class: "hit", tabindex: "0", role: "button", "aria-label": words },
        shape("text", { class: "strong", x: 0, y: y + 11, "data-room": left - 8 }, label),
        shape("rect", {
          class: isBadEnd(item[C.how]) ? "fail" : "life", x: x(item[C.begin]), y: y + 2, height: 11, rx: 2,
          width: Math.max(2, x(item[C.end]) - x(item[C.begin])), "data-serial": item[C.serial],
        }), shape("title", {}, words));
      for (const kind of ["send", "receive"]) {
        const [isSend, top] = [kind === "send", y + (kind === "send" ? 1 : 8)];
        const marks = item[C.marks].filter(mark => !!mark[2] === isSend && mark[0] >= from && mark[0] <= to);
        // All marks of a kind as one shape: a page of many is drawn sooner.
        const path = marks.map(([at]) => `M${(x(at) - 0.8).toFixed(1)} ${top}h1.6v6h-1.6z`).join("");
        if (path !== "") line.append(shape("path", { class: kind, d: path }));
      }
      act(line, () => showEvents({ serial: item[C.serial], source: item[C.source], what: label }));
      svg.append(line);
    });
    timeAxis(svg, left, inner, height - 22, from, to);
    host.replaceChildren(element("div", { class: "legend" }, element("span", {}, "sent"),
      element("span", { class: "receive" }, "received"), element("span", { class: "fail" }, "failed or reset")), svg,
    rows.length > drawn.length
      ? element("p", { class: "hint" }, `The first ${drawn.length} of ${count(rows.length)} are drawn; zoom above, or see the table.`) : "");
    fit(svg);
  }

  function fileColumn(value) {
    return data.sources.length > 1 ? [name("File", row => (data.sources[value(row)] || {}).name)] : [];
  }

  function tables() {
    const total = data.total;
    const sums = [count(total.sends), bytes(total.sentBytes), count(total.receives), bytes(total.receivedBytes), count(total.failed)];
    const traffic = at => [
      number("Sends", row => row[at]), number("Sent", row => row[at + 1], bytes), number("Receives", row => row[at + 2]),
      number("Received", row => row[at + 3], bytes), number("Failed", row => row[at + 4], count, { isBad: true }),
      number("Send 50 %", row => row[at + 5], duration), number("99 %", row => row[at + 6], duration),
      number("Receive 50 %", row => row[at + 7], duration), number("99 %", row => row[at + 8], duration),
    ];
    table(byId("processes"), {
      name: "Processes", sort: 3, rows: data.processes.rows, beyond: data.processes.count - data.processes.rows.length,
      columns: [name("Process", row => row[1]), number("PID", row => row[0], known), ...traffic(3), ...fileColumn(row => row[2])],
      total: ["All", "", ...sums], open: row => showEvents({ comm: row[1], pid: row[0], source: row[2] }),
    });
    table(byId("peers"), {
      name: "Peers", sort: 2, rows: data.peers.rows, beyond: data.peers.count - data.peers.rows.length,
      columns: [name("Peer", row => row[0], (value, row) => value === null ? "unknown or none" : known(value)), ...traffic(1)],
      total: ["All", ...sums], open: row => showEvents({ peer: row[0] }),
    });
    table(byId("connections"), {
      name: "Connections", sort: 4, rows: data.connections.rows,
      beyond: data.connections.count - data.connections.rows.length,
      columns: [
        name("Process", row => `${known(row[C.comm])}/${known(row[C.pid])}`), name("From", row => row[C.local]),
        name("To", row => row[C.remote]), name("Direction", row => row[C.direction]),
        number("Begin", row => row[C.begin], time, { isTime: true }), number("Wait", row => row[C.wait], duration),
        number("Lived", row => row[C.made] === null ? null : row[C.end] - row[C.made], duration),
        number("Sent", row => row[C.sentBytes], bytes), number("Received", row => row[C.receivedBytes], bytes),
        name("End", row => row[C.how]), ...fileColumn(row => row[C.source]),
      ],
      open: row => showEvents({ serial: row[C.serial], source: row[C.source], what: `${known(row[C.comm])} and ${known(row[C.remote])}` }),
    });
    const E = { alias: 0, error: 1, task: 2, count: 3, first: 4, last: 5 };
    table(byId("errors"), {
      name: "Errors", sort: 4, rows: data.errors.rows, beyond: data.errors.count - data.errors.rows.length,
      columns: [
        name("Error", row => row[E.error]), name("Call", row => data.aliases[row[E.alias]]),
        name("Process", row => data.tasks[row[E.task]][1]), number("PID", row => data.tasks[row[E.task]][0], known),
        number("Count", row => row[E.count]), number("First", row => row[E.first], time), number("Last", row => row[E.last], time),
      ],
      open: row => showEvents({ task: row[E.task], error: row[E.error], alias: data.aliases[row[E.alias]] }),
    });
  }

  // --- events, as they are asked for by a click on a mark

  const V = { time: 0, alias: 1, task: 2, bytes: 3, error: 4, duration: 5, local: 6, localPort: 7, remote: 8, remotePort: 9, serial: 10 };
  const textAt = index => index === null ? null : data.texts[index];

  function end(address, port) {
    if (address === null) return port === null ? null : ":" + port;
    if (port === null) return address;
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  }

  let eventTable = null;

  function showEvents(wanted, moves = true) {
    const matches = event => {
      const task = data.tasks[event[V.task]];
      const alias = data.aliases[event[V.alias]];
      return (wanted.from === undefined || event[V.time] >= wanted.from)
        && (wanted.to === undefined || event[V.time] < wanted.to)
        && (wanted.least === undefined || event[V.duration] !== null && event[V.duration] >= wanted.least)
        && (wanted.most === undefined || event[V.duration] !== null && event[V.duration] < wanted.most)
        && (wanted.alias === undefined || alias === wanted.alias)
        && (!wanted.messages || alias === "socket.send" || alias === "socket.receive")
        && (wanted.comm === undefined || task[1] === wanted.comm)
        && (wanted.pid === undefined || task[0] === wanted.pid)
        && (wanted.source === undefined || task[2] === wanted.source)
        && (wanted.task === undefined || event[V.task] === wanted.task)
        && (wanted.peer === undefined || textAt(event[V.remote]) === wanted.peer)
        && (wanted.error === undefined || textAt(event[V.error]) === wanted.error)
        && (wanted.serial === undefined || event[V.serial] === wanted.serial);
    };
    const found = data.events.rows.filter(matches);
    const words = [
      wanted.what, wanted.comm === undefined ? null : known(wanted.comm) + (wanted.pid === undefined ? "" : "/" + known(wanted.pid)),
      wanted.peer === undefined ? null : "peer " + known(wanted.peer), wanted.alias, wanted.error,
      wanted.from === undefined ? null : `${duration(wanted.from)} to ${duration(wanted.to)}`,
      wanted.least === undefined ? null : `latency ${duration(wanted.least)} to ${wanted.most === Infinity ? "any" : duration(wanted.most)}`,
    ].filter(word => word !== null && word !== undefined);
    const isAll = data.events.rows.length === data.events.count;
    byId("events-status").textContent = (words.length === 0 ? "All" : words.join(", ")) + ": " +
      `${count(found.length)} events` + (isAll ? "." :
      ` of the ${count(data.events.rows.length)} that this page has of ${count(data.events.count)}; ` +
        "sockftrace report shows all of them.");
    byId("events-reset").disabled = words.length === 0;
    if (eventTable) eventTable.redraw(found);
    else eventTable = makeEvents(found);
    if (!moves) return;
    byId("events").focus({ preventScroll: true });
    byId("events").scrollIntoView();
  }

  function makeEvents(rows) {
    return table(byId("events"), {
      name: "Events", rows, columns: [
        number("Time", row => row[V.time], time, { isTime: true }), name("Event", row => data.aliases[row[V.alias]]),
        name("Process", row => `${known(data.tasks[row[V.task]][1])}/${known(data.tasks[row[V.task]][0])}`),
        number("Bytes", row => row[V.bytes]), name("Error", row => textAt(row[V.error])),
        number("Latency", row => row[V.duration], duration),
        name("Local", row => end(textAt(row[V.local]), row[V.localPort])),
        name("Peer", row => end(textAt(row[V.remote]), row[V.remotePort])), ...fileColumn(row => data.tasks[row[V.task]][2]),
      ],
    });
  }

  // --- all of it

  function controls() {
    byId("measure").append(...measures.map((one, index) => {
      const input = element("input", { type: "radio", name: "measure", value: one[0], id: "measure-" + one[0] });
      input.checked = index === 0;
      input.addEventListener("change", () => { measure = one; drawTime(); });
      return element("label", {}, input, " " + one[1]);
    }));
    byId("zoom").addEventListener("click", zoom);
    byId("reset").addEventListener("click", showAll);
    byId("selected").addEventListener("click", () => showEvents({ from: selection[0], to: selection[1] }));
    byId("events-reset").addEventListener("click", () => showEvents({}, false));
    byId("theme").addEventListener("click", () => {
      const root = document.documentElement;
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
    });
    byId("program").textContent = `Made by ${data.program}. It holds all that it shows, and asks nothing of any network.`;
    addEventListener("resize", () => {
      if (widthThatFits() === width) return;
      width = widthThatFits();
      drawTimes();
      drawLatency();
      drawGraph();
    });
  }

  /** What is further down: a step at a time, between which the browser shows what there is; all before it prints. */
  function drawRest() {
    const steps = [drawHeat, drawLatency, drawGraph, tables, drawWaterfall, () => {
      if (!eventTable) showEvents({}, false);
    }];
    const next = () => {
      if (steps.length === 0) return;
      steps.shift()();
      if (steps.length === 0) document.documentElement.dataset.ready = "yes";
      else setTimeout(next);
    };
    addEventListener("beforeprint", () => { while (steps.length > 0) next(); });
    setTimeout(next);
  }

  overview();
  controls();
  drawTime();
  drawRest();
})();
