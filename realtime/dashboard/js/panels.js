// The figures and texts around the drawings.
import { median } from "./state.js";

const HOLD_MS = 4000;
const ROWS = 5;
const get = (id) => document.getElementById(id);
const number = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));

export function clockText(time_s) {
  const minutes = Math.floor(time_s / 60);
  return `${minutes}:${(time_s - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

export const durationText = (one) =>
  one.onset_s === null || one.offset_s === null ? "–" : `${(one.offset_s - one.onset_s).toFixed(2)} s`;

export function showHello({ source, model, backend, precision, synthetic }) {
  get("source").textContent = source;
  get("model").textContent = `${model.name} ${model.version}, ${model.method}, on ${backend} ${precision}`;
  document.title = `fes: ${source}`;
  return synthetic || source.startsWith("synthetic");
}

export function showBadges(state) {
  const { hello, last } = state;
  const wanted = [];
  if (hello?.synthetic || hello?.source.startsWith("synthetic")) wanted.push(["Synthetic source", ""]);
  if (last?.preview) wanted.push(["Image preview on", "loud"]);
  if (last?.recording) wanted.push(["Recording images", "loud"]);
  const list = get("badges");
  const text = wanted.map(([word]) => word).join();
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...wanted.map(([word, style]) => element("li", word, style)));
}

// The newest expression stays on show for a moment: a micro one is over before it is known.
export function showNow(state, link) {
  const newest = state.recent.find(
    (one) => one.phase !== "end" || performance.now() - one.seen_ms < HOLD_MS,
  );
  const [kind, word, line] = nowText(state, link, newest);
  get("now").dataset.kind = kind;
  setText("now-word", word);
  setText("now-line", line);
}

function nowText(state, link, newest) {
  if (state.ended) {
    const { error, reason, frames } = state.ended;
    return ["none", "Stream ended", error ?? `${reason} after ${frames} frames`];
  }
  if (!state.hello || link.name !== "live") return ["none", link.word, link.line];
  if (newest) {
    const word = newest.kind === "micro" ? "Micro" : "Macro";
    const known = newest.phase === "end" ? `expression of ${durationText(newest)}` : "expression, provisional";
    return [newest.kind, word, `${known}, apex at ${clockText(newest.apex_s)}, score ${newest.score.toFixed(2)}`];
  }
  if (state.shownFace === null || (state.last && state.last.face === null && !state.faces.size)) {
    return ["none", "No face", "Nobody is in view."];
  }
  return ["none", "Neutral", "No expression is in progress."];
}

export function showFigures(state) {
  const { last, hello } = state;
  setFigure("capture", number(last?.rates.capture_hz, 1));
  setFigure("ticks", number(last?.rates.tick_hz, 1));
  setFigure("drops", last ? String(last.drops) : "–");
  setFigure("repeated", last ? String(last.repeated) : "–");
  const delays = state.recent.slice(0, 20).map((one) => one.compute_delay_ms);
  setFigure("compute", number(median(delays), 0), "ms");
  setFigure("algorithmic", number(hello?.algorithmic_delay_s, 2), "s");
  if (hello) setText("delay-why", delayText(hello.algorithmic_delay_s));
  const newest = state.curves.get(state.shownFace)?.at(-1);
  for (const kind of ["macro", "micro"]) {
    setText(`score-${kind}`, number(newest?.[kind], 2));
    setText(`count-${kind}`, String(state.counts[kind]));
  }
  setText("score-intensity", number(newest?.intensity, 2));
}

// What the curves are follows from the model's outputs.
export function showCurves({ intense }) {
  const chart = get("chart");
  if (chart.dataset.intense === String(intense)) return;
  chart.dataset.intense = String(intense);
  setText("chart-title", intense ? "Expression intensity, last 30 s" : "Probability of an apex, last 30 s");
  get("curves").ariaLabel = `${intense ? "Curve of the intensity, and of" : "Curves of"} the macro and micro scores, with the spotted intervals below`;
  for (const part of chart.querySelectorAll(".intense")) part.hidden = !intense;
}

function delayText(delay_s) {
  return `The model looks ${delay_s.toFixed(2)} s past a moment before it can score it: that is the algorithmic delay. ` +
    "Compute delay, from capture to event, comes on top.";
}

export function showStages(state) {
  const names = Object.keys(state.stages.at(-1) ?? {});
  const times = names.map((name) => [name, median(state.stages.map((look) => look[name]))]);
  const longest = Math.max(1, ...times.map(([, time]) => time));
  const rows = times.flatMap(([name, time]) => [element("dt", name), bar(time / longest), element("dd", `${time.toFixed(1)} ms`)]);
  get("stages").replaceChildren(...rows);
}

function bar(share) {
  const outer = element("div", "", "bar");
  outer.appendChild(document.createElement("i")).style.width = `${100 * share}%`;
  return outer;
}

export function showRecent(state) {
  const rows = state.recent.slice(0, ROWS).map((one) => {
    const row = element("tr", "", one.phase === "end" ? "" : "open");
    row.append(
      element("td", one.kind, one.kind),
      element("td", one.onset_s === null ? "–" : clockText(one.onset_s)),
      element("td", durationText(one)),
      element("td", one.score.toFixed(2)),
      element("td", one.onset_s === null ? "–" : `${(one.apex_s - one.onset_s).toFixed(2)} s`, "wide"),
      element("td", String(one.face), "wide"),
    );
    return row;
  });
  get("recent").replaceChildren(...rows);
  get("recent-none").hidden = rows.length > 0;
}

export function showFaces(state, choose) {
  const faces = [...new Set([...state.faces, ...state.curves.keys()])].sort((a, b) => a - b);
  const key = `${faces.join()}/${state.shownFace}`;
  const group = get("faces");
  if (group.dataset.key === key) return;
  group.dataset.key = key;
  const buttons = faces.length < 2 ? [] : faces.map((face) => {
    const button = element("button", `Face ${face}`);
    button.type = "button";
    button.setAttribute("aria-pressed", String(face === state.shownFace));
    button.addEventListener("click", () => choose(face));
    return button;
  });
  group.replaceChildren(...buttons);
}

export function speak(one) {
  setText("spoken", `${one.kind} expression, ${durationText(one)}, at ${clockText(one.apex_s)}, score ${one.score.toFixed(2)}`);
}

function element(name, text, style) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (style) made.className = style;
  return made;
}

function setText(id, text) {
  const target = get(id);
  if (target.textContent !== text) target.textContent = text;
}

function setFigure(id, text, unit = "") {
  const target = get(id);
  const key = text + unit;
  if (target.dataset.key === key) return;
  target.dataset.key = key;
  target.replaceChildren(text);
  if (unit && text !== "–") target.append(element("small", unit));
}
