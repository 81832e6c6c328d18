// The texts around the picture: points, counts, progress.
import { timeText } from "./timeline.js";

const get = (id) => document.getElementById(id);
const STAGES = {
  off: () => "switched off",
  waiting: () => "waiting for the video to be read",
  running: (scores, tape) => `computing, ${share(scores.frames, tape.expected)}`,
  done: () => "",
  failed: (scores) => `not computed: ${scores.why}`,
};
const share = (part, whole) => (whole ? `${Math.min(100, Math.floor((100 * part) / whole))} %` : `${part} frames`);

export function showVideos(videos) {
  const options = videos.map(({ name }, number) => {
    const option = document.createElement("option");
    option.value = String(number);
    option.textContent = name;
    return option;
  });
  get("video").replaceChildren(...options);
}

export function showTape(tape, out) {
  const { name, width, height, rate_hz } = tape.about;
  setText("title", name);
  const rate = rate_hz ? `, ${Number(rate_hz.toFixed(2))} frames / s` : "";
  setText("about", `${width} × ${height}${rate}, points go to ${out}`);
  document.title = `fes: label ${name}`;
  get("video").value = String(tape.number);
}

export function showPlace(tape, shown) {
  setText("frame", shown === null ? "–" : String(shown));
  setText("of", tape.whole ? `of 0 to ${tape.count - 1}` : `reading, ${tape.count} frames so far`);
  setText("clock", shown === null ? "" : timeText(tape.times[shown]));
}

export function showPicture(tape, shown) {
  get("picture").setAttribute("aria-label", `Frame ${shown} of ${tape.about.name}, at ${timeText(tape.times[shown])}`);
  const line = get("timeline");
  line.setAttribute("aria-valuemax", String(Math.max(0, tape.count - 1)));
  line.setAttribute("aria-valuenow", String(shown));
  line.setAttribute("aria-valuetext", `frame ${shown}, ${timeText(tape.times[shown])}`);
}

export function showProgress(tape) {
  const { scores } = tape;
  const parts = [STAGES[scores.stage](scores, tape)];
  if (tape.why) parts.push(tape.why);
  setText("progress", parts.filter(Boolean).join("; "));
  const names = Object.keys(scores.curves);
  const key = get("key");
  if (key.dataset.names === names.join()) return;
  key.dataset.names = names.join();
  key.replaceChildren(...names.map((name) => element("li", name, name)));
}

// points: of the video that is shown, by frame. go(frame) and drop(frame) are what its rows do.
export function showPoints(tape, points, others, go, drop) {
  for (const kind of ["micro", "macro"]) {
    setText(`count-${kind}`, `${points.filter((point) => point.kind === kind).length} ${kind}`);
  }
  const list = get("list");
  const held = [...list.children].findIndex((item) => item.contains(document.activeElement));
  const style = document.activeElement?.className;
  list.replaceChildren(...points.map((point) => row(tape, point, go, drop)));
  // whoever works by keys stays where they were in the list
  if (held >= 0) list.children[Math.min(held, points.length - 1)]?.querySelector(`.${style}`)?.focus();
  get("list-none").hidden = points.length > 0;
  get("others").hidden = !others;
  setText("others", others ? `${others} other ${others === 1 ? "row" : "rows"} of the file are kept as they are.` : "");
}

function row(tape, { frame, kind }, go, drop) {
  const item = element("li", "", "");
  item.dataset.frame = String(frame);
  const time = tape.times[frame];
  const button = element("button", "", "go");
  button.type = "button";
  button.append(
    element("span", kind, `kind ${kind}`),
    element("span", `frame ${frame}`, ""),
    element("span", time === undefined ? "not in the video" : timeText(time), "soft"),
  );
  button.addEventListener("click", () => go(frame));
  const cross = element("button", "×", "drop");
  cross.type = "button";
  cross.setAttribute("aria-label", `Delete the ${kind} point at frame ${frame}`);
  cross.addEventListener("click", () => drop(frame));
  item.append(button, cross);
  return item;
}

export function showHere(points, shown) {
  for (const item of get("list").children) {
    const here = item.dataset.frame === String(shown);
    if (here && item.getAttribute("aria-current") !== "true") item.scrollIntoView({ block: "nearest" });
    item.setAttribute("aria-current", String(here));
  }
  const point = points.find(({ frame }) => frame === shown);
  const stamp = get("stamp");
  stamp.hidden = !point;
  stamp.className = `stamp ${point?.kind ?? ""}`;
  setText("stamp", point?.kind ?? "");
}

export function showPlaying(playing) {
  setText("play", playing ? "Pause" : "Play");
  get("play").setAttribute("aria-pressed", String(playing));
}

export function showSaved(state, text) {
  get("saved").dataset.state = state;
  setText("saved", text);
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
