// What is going on: the largest words of the page, and its header.
import { element, fill, get, setText } from "./dom.js";
import { clockText, durationText } from "./text.js";

const HOLD_MS = 4000;
const NEW_S = 12;
const GAP_S = 3;

export function showHello({ model, backend, precision }, feeds) {
  const names = feeds.map((feed) => feed.name).join(", ");
  setText("source", names);
  get("source").title = names;
  setText("model", `${model.name} ${model.version}, ${model.method}, on ${backend} ${precision ?? ""}`.trim());
  document.title = `fes: ${names}`;
}

export function showBadges({ hello, feeds, missed, runs }) {
  const any = (is) => feeds.all.some(is);
  const wanted = [];
  if (runs.count > 1) wanted.push([`Stream ${runs.count} of this page`, ""]);
  if (hello?.replay) wanted.push(["Replay", ""]);
  if (any((feed) => feed.synthetic || feed.name.startsWith("synthetic"))) wanted.push(["Synthetic source", ""]);
  if (hello?.recording && !hello.recording_video) wanted.push(["Recording events", ""]);
  if (any((feed) => feed.last?.preview)) wanted.push(["Image preview on", "loud"]);
  if (hello?.recording_video || any((feed) => feed.last?.recording)) wanted.push(["Recording images", "loud"]);
  if (missed) wanted.push([`${missed} events missed`, "loud"]);
  fill("badges", wanted.join(), () => wanted.map(([word, style]) => element("li", word, style)));
}

// The newest expression stays on show for a moment: a micro one is over before it is known.
export function showNow(state, link) {
  const [kind, word, line] = nowText(state, link);
  get("now").dataset.kind = kind;
  setText("now-word", word);
  setText("now-line", line);
  for (const name of ["macro", "micro"]) setText(`count-${name}`, String(state.ledger.counts[name]));
}

function nowText(state, link) {
  if (state.ended) {
    const { error, reason, frames } = state.ended;
    return ["none", "Stream ended", error ?? `${reason} after ${frames} frames`];
  }
  if (!state.hello || link.name !== "live") return ["none", link.word, link.line];
  const newest = newestOf(state);
  if (newest) return [newest.kind, newest.kind === "micro" ? "Micro" : "Macro", lineOf(newest, state)];
  const running = state.feeds.all.filter((feed) => !feed.ended);
  const [ill] = running;
  if (ill && running.every((feed) => feed.state !== "live")) return ["none", "No picture", `${ill.name}: ${ill.reason ?? ill.state}`];
  const there = state.tracks.list.filter((one) => one.present);
  if (!there.length) return ["none", "No face", "Nobody is in view."];
  if (there.every((one) => starved(one, state))) return ["none", "Not scored", "Too few frames arrive to judge the face."];
  return ["none", "Neutral", "No expression is in progress."];
}

// Whether a face is in view but so many frames are missing that nothing can be said of it.
function starved({ look, source }, { feeds, latest_s }) {
  let missing = false;
  feeds.all[source]?.gaps.within(latest_s - GAP_S, latest_s + GAP_S, () => { missing = true; });
  return missing && look !== null && Object.keys(look.scores).length === 0;
}

function newestOf({ ledger, latest_s }) {
  const { items } = ledger.all;
  for (let at = items.length - 1; at >= 0 && at > items.length - 50; at -= 1) {
    const one = items[at];
    if (latest_s !== null && one.apex < latest_s - NEW_S) return null;
    if (one.phase !== "end" || performance.now() - one.seen_ms < HOLD_MS) return one;
  }
  return null;
}

function lineOf(one, state) {
  const known = one.phase === "end" ? `expression of ${durationText(one)}` : "expression, provisional";
  const several = state.feeds.all.length > 1 ? ` of ${state.feeds.all[one.source]?.name ?? ""}` : "";
  const who = state.tracks.all.size > 1 ? `, face ${one.face}${several}` : "";
  return `${known}, apex at ${clockText(one.apex_s)}, score ${one.score.toFixed(2)}${who}`;
}
