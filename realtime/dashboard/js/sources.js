// How each source is, and the choice of the face that is shown.
import { element, fill, get, setText } from "./dom.js";
import { CHANNELS } from "./scores.js";
import { number } from "./text.js";

const MOST_FACES = 24;
const AWAY_S = 120;
const WORDS = {
  live: "live", reconnecting: "reconnecting", stalled: "no new frames", frozen: "same picture again and again",
  black: "black picture", ended: "ended", unknown: "not connected",
};

// Without a connection nothing is known of a source, whatever was known last.
export function showSources(state, connected) {
  const rows = state.feeds.all.map((feed) => {
    const faces = state.tracks.list.filter((one) => one.source === feed.number && one.present);
    return { feed, condition: feed.ended ? "ended" : connected ? feed.state : "unknown", faces };
  });
  const key = rows.map(({ feed, condition, faces }) => [
    feed.name, condition, feed.reason, feed.ended?.error, faces.map((one) => one.face),
  ]);
  fill("sources", JSON.stringify(key), () => rows.map(sourceRow));
}

function sourceRow({ feed, condition, faces }) {
  const row = element("li");
  row.dataset.state = condition;
  const name = element("span", feed.name, "name");
  name.title = feed.name;
  row.append(name, element("span", WORDS[condition] ?? condition, "state"));
  const count = faces.length === 1 ? "1 face" : `${faces.length} faces`;
  const ill = feed.state === "live" ? "" : feed.reason ?? "";
  const why = feed.ended ? (feed.ended.error ?? feed.ended.reason) : (condition === "live" ? count : ill);
  row.append(element("span", why, "soft"));
  return row;
}

// Faces to choose from: those in view, and those that left not long ago or are in the window.
export function listedFaces(state, view) {
  const since_s = Math.min(view.start_s, (view.now_s ?? 0) - AWAY_S);
  const listed = state.tracks.list.filter((one) => one.present || one.seen_s > since_s || one.key === state.chosen);
  if (listed.length <= MOST_FACES) return listed;
  const kept = new Set([...listed].sort((a, b) => b.present - a.present || b.seen_s - a.seen_s).slice(0, MOST_FACES));
  return listed.filter((one) => kept.has(one));
}

export function showFaces(state, faces, rows, all, hands) {
  const several = state.feeds.all.length > 1;
  const nameOf = ({ source, face }) => (several ? `${state.feeds.all[source]?.name ?? source}: face ${face}` : `Face ${face}`);
  const named = faces.map((one) => [one, nameOf(one)]);
  const shown = state.shown?.key;
  const left = all && rows < faces.length ? ` (${rows} of ${faces.length} fit)` : "";
  fill("faces", JSON.stringify([named.map(([one, name]) => [one.key, name, one.present]), shown, all, left]), () => {
    if (faces.length < 2) return [];
    const every = button(`All faces${left}`, all, () => hands.all());
    return [every, ...named.map(([one, name]) => {
      const made = button(name, !all && one.key === shown, () => hands.one(one));
      if (!one.present) made.classList.add("away");
      return made;
    })];
  });
}

function button(text, pressed, act) {
  const made = element("button", text);
  made.type = "button";
  made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", act);
  return made;
}

export function showScores(track, live) {
  const values = live ? track?.series.latest : null;
  CHANNELS.forEach((name, at) => setText(`score-${name}`, number(values?.[at], 2)));
}

// What the curves are follows from the model's outputs.
export function showCurves({ intense }) {
  const chart = get("chart");
  if (chart.dataset.intense === String(intense)) return;
  chart.dataset.intense = String(intense);
  setText("chart-title", intense ? "Expression intensity" : "Probability of an apex");
  const curves = intense ? "Curve of the intensity, and of" : "Curves of";
  get("curves").ariaLabel = `${curves} the macro and micro scores, with the spotted intervals below`;
  for (const part of chart.querySelectorAll(".intense")) part.hidden = !intense;
}
