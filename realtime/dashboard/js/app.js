// Joins the connection, the state and the drawings.
import { EventClient } from "./client.js";
import { StreamClock } from "./clock.js";
import { download } from "./csv.js";
import { get, setText } from "./dom.js";
import { FaceDrawing, MAGNIFIED } from "./face.js";
import { showFigures, showStages } from "./figures.js";
import { Filter } from "./filter.js";
import { Keys } from "./keys.js";
import { bindings } from "./bindings.js";
import { List } from "./list.js";
import { Marking } from "./marking.js";
import { showBadges, showHello, showNow } from "./now.js";
import { showCurves, showFaces, showScores, showSources } from "./sources.js";
import { Speech } from "./speech.js";
import { State } from "./state.js";
import { Timeline } from "./timeline.js";
import { askToken, givenToken } from "./token.js";

const PANELS_EVERY_MS = 200;
const STAGES_EVERY_MS = 1000;
const WORDS = {
  connecting: ["Connecting", "Looking for the service."],
  waiting: ["Waiting", "The service is there; its stream has not begun."],
  lost: ["Not connected", "The service does not answer. This page keeps trying."],
  stopped: ["Not connected", "The service refused this page."],
};

const state = new State();
const clock = new StreamClock();
const speech = new Speech();
const filter = new Filter(() => { listed = -1; });
const drawing = new FaceDrawing(get("face"));
const timeline = new Timeline(state, (one) => list.activate(one));
const list = new List(get("list"), get("sheet"), { pick: (one) => timeline.show(one) });
const still = matchMedia("(prefers-reduced-motion: reduce)");
const link = { name: "connecting", word: "Connecting", line: "Looking for the service." };
let [panels_ms, stages_ms, listed] = [0, 0, -1];
timeline.cursor.runs = state.runs;

const client = new EventClient({
  event(envelope) {
    const before = state.run;
    const ended = state.apply(envelope);
    if (state.run !== before) clock.reset();
    if (envelope.type === "fes.hello") greet(envelope.data);
    if (envelope.type === "fes.mark") marking.confirm(envelope.data);
    if (envelope.type === "fes.telemetry") tick(envelope.data);
    if (ended) speech.expression(ended, state.latest_s);
    if (state.ended) showLink("ended", "Stream ended");
  },
  lost({ first, last }) { state.missed += last - first + 1; },
  link(name, text) {
    showLink(name, text);
    link.name = name;
    [link.word, link.line] = WORDS[name] ?? ["", ""];
  },
  token: askToken,
}, { since: 0, token: givenToken() });

// What is marked is the moment at the right end of the curves, which the page shows as now.
const marking = new Marking((kind) => {
  if (!timeline.view.live) return "the timeline is paused, return to live first";
  const source = state.shown?.source ?? 0;
  const time_s = clock.shown_s === null ? null : state.run.stream(clock.shown_s, source);
  const mark = { type: "fes.mark", kind, time_s, ...(source ? { source } : {}) };
  return time_s !== null && client.send(mark) ? null : "there is no stream";
});

function greet(hello) {
  showHello(hello, state.feeds.all);
  marking.allow(hello.marks === true);
}

// The time of the page is that of one source: the one that is shown.
function tick({ time_s, source = 0 }) {
  if (source !== (state.shown?.source ?? 0)) return;
  clock.mark(state.run.axis(time_s, source), performance.now());
}

function showLink(name, text) {
  get("link").dataset.state = name;
  setText("link-text", text);
}

function draw(now_ms) {
  requestAnimationFrame(draw);
  const quiet = now_ms - panels_ms < PANELS_EVERY_MS;
  if (quiet && still.matches && !timeline.touched) return;
  const shown_s = clock.at(now_ms) ?? state.latest_s;
  if (!quiet) showPanels(now_ms, shown_s);
  timeline.draw(shown_s);
}

function showPanels(now_ms, shown_s) {
  panels_ms = now_ms;
  timeline.update(now_ms, shown_s);
  const track = state.shown;
  const feed = state.feeds.all[track?.source ?? 0];
  showNow(state, link);
  showBadges(state);
  showCurves(state);
  showScores(track, link.name === "live");
  showFigures(state.hello, feed, state.latest_s);
  showSources(state, link.name === "live");
  showFaces(state, timeline.faces, timeline.tracks.length, timeline.all, faceHands);
  showList();
  drawing.draw(link.name === "live" ? track?.look ?? null : null, link.name === "live" ? "no face in view" : "");
  if (now_ms - stages_ms < STAGES_EVERY_MS) return;
  stages_ms = now_ms;
  showStages(feed, state.latest_s);
}

const faceHands = {
  all() { timeline.all = true; },
  one(track) {
    timeline.all = false;
    state.choose(track.source, track.face);
  },
};

function showList() {
  if (listed === state.ledger.version) return;
  listed = state.ledger.version;
  filter.offer(state);
  const rows = filter.apply(state.ledger.all.items);
  list.set(rows);
  const all = state.ledger.all.length;
  setText("listed", rows.length === all ? `${all}` : `${rows.length} of ${all}`);
  get("none").hidden = rows.length > 0;
  setText("none", all ? "None is as the filter asks." : "None yet.");
  get("download").disabled = rows.length === 0;
}

get("magnified").textContent = `${MAGNIFIED} times enlarged`;
get("download").addEventListener("click", () => download(list.rows));
new Keys(bindings({ state, timeline, list, marking, faceHands }));
requestAnimationFrame(draw);
client.start();
