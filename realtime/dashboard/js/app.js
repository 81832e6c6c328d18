// Joins the connection, the state and the drawings.
import { Chart } from "./chart.js";
import { StreamClock } from "./clock.js";
import { FaceDrawing, MAGNIFIED } from "./face.js";
import { Marking } from "./marking.js";
import * as panels from "./panels.js";
import { State } from "./state.js";
import { Stream } from "./stream.js";

const PANELS_EVERY_MS = 200;
const WORDS = {
  connecting: ["Connecting", "Looking for the service."],
  waiting: ["Waiting", "The service is there; its stream has not begun."],
  lost: ["Not connected", "The service does not answer. This page keeps trying."],
};
const get = (id) => document.getElementById(id);

const state = new State();
const clock = new StreamClock();
const chart = new Chart(get("curves"));
const drawing = new FaceDrawing(get("face"));
const still = matchMedia("(prefers-reduced-motion: reduce)");
const link = { name: "connecting", word: "Connecting", line: "Looking for the service." };
let panelsAt = 0;

const stream = new Stream({
  event(envelope, restart) {
    if (restart) {
      state.reset();
      clock.reset();
    }
    const ended = state.apply(envelope);
    if (envelope.type === "fes.hello") panels.showHello(envelope.data);
    if (envelope.type === "fes.hello") marking.allow(envelope.data.marks === true);
    if (envelope.type === "fes.mark") marking.confirm(envelope.data);
    if (envelope.type === "fes.telemetry") clock.mark(envelope.data.time_s, performance.now());
    if (envelope.type.startsWith("fes.expression")) panels.showRecent(state);
    if (ended) panels.speak(ended);
    if (envelope.type === "fes.stream.end") showLink("ended", "Stream ended");
    if (envelope.type === "fes.snapshot" && envelope.data.ended) showLink("ended", "Stream ended");
  },
  link(name, text) {
    showLink(name, text);
    link.name = name;
    [link.word, link.line] = WORDS[name] ?? ["", ""];
  },
  token: askToken,
});

// What is marked is the moment at the right end of the curves, which the page shows as now.
const marking = new Marking((kind) => {
  const { shown_s } = clock;
  return shown_s !== null && stream.send({ type: "fes.mark", kind, time_s: shown_s });
});

function showLink(name, text) {
  get("link").dataset.state = name;
  get("link-text").textContent = text;
}

function askToken(refusal) {
  if (refusal) get("ask-why").textContent = `The last one was refused: ${refusal}.`;
  const dialog = get("ask");
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.oncancel = (event) => event.preventDefault();
    get("ask-form").onsubmit = (event) => {
      event.preventDefault();
      dialog.close();
      resolve(get("token").value);
      get("token").value = "";
    };
  });
}

function draw(now_ms) {
  requestAnimationFrame(draw);
  const quiet = now_ms - panelsAt < PANELS_EVERY_MS;
  if (quiet && still.matches) return;
  chart.draw(state, clock.at(now_ms));
  if (quiet) return;
  panelsAt = now_ms;
  panels.showNow(state, link);
  panels.showFigures(state);
  panels.showCurves(state);
  panels.showStages(state);
  panels.showBadges(state);
  panels.showFaces(state, (face) => { state.chosen = face; });
  drawing.draw(state.looks.get(state.shownFace) ?? null, state.hello ? "no face in view" : "");
}

get("magnified").textContent = `${MAGNIFIED} times enlarged`;
panels.showRecent(state);
requestAnimationFrame(draw);
stream.connect();
