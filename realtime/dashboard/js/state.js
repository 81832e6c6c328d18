// What the page knows: the fold of every event, with the last seconds of scores.
export const SHOWN_S = 30;
const KEPT_S = SHOWN_S + 8;
const KEPT_EXPRESSIONS = 200;
const KEPT_LOOKS = 100;
// The output of a model that scores how strong an expression is, whatever its kind.
export const INTENSITY = "intensity";
// The same of a model of snippets.
const ATTENTION = "attention";

export class State {
  constructor() { this.reset(); }

  reset() {
    this.hello = null;
    this.ended = null;
    this.faces = new Set();
    this.chosen = null;
    this.expressions = new Map();
    this.counts = { macro: 0, micro: 0 };
    this.gaps = [];
    this.marks = [];
    this.looks = new Map();
    this.curves = new Map();
    this.intense = false;
    this.stages = [];
    this.latest_s = null;
  }

  // Returns the expression that just became final, if any.
  apply({ type, data }) {
    const [, topic, word] = type.split(".");
    if (topic === "hello") this.hello = data;
    else if (topic === "snapshot") this.snapshot(data);
    else if (topic === "expression") return this.expression(data, word);
    else if (topic === "face") this.face(data, word);
    else if (topic === "telemetry") this.look(data);
    else if (topic === "mark") this.marks.push(data);
    else if (word === "gap") this.gaps.push(data);
    else if (word === "end") this.ended = data;
    return null;
  }

  snapshot(data) {
    this.faces = new Set(data.faces.map((found) => found.face));
    this.ended = data.ended;
    for (const one of data.open_expressions) this.expression(one, "update");
  }

  face({ face, time_s }, word) {
    if (word === "found") this.faces.add(face);
    else this.faces.delete(face);
    this.latest_s = Math.max(this.latest_s ?? time_s, time_s);
  }

  expression(data, phase) {
    const known = this.expressions.get(data.id);
    if (known?.phase === "end") return null;
    if (phase === "retracted") {
      this.expressions.delete(data.id);
      return null;
    }
    const held = { ...data, phase, seen_ms: performance.now() };
    this.expressions.set(data.id, held);
    if (this.expressions.size > KEPT_EXPRESSIONS) {
      this.expressions.delete(this.expressions.keys().next().value);
    }
    if (phase !== "end") return null;
    this.counts[data.kind] += 1;
    return held;
  }

  look(data) {
    this.looks.set(data.face, data);
    if (data.face !== null && !this.curves.has(data.face)) this.curves.set(data.face, []);
    const { scores } = data;
    this.intense ||= INTENSITY in scores || ATTENTION in scores;
    this.curves.get(data.face)?.push({
      t: data.time_s, macro: scoreOf(scores, "macro"), micro: scoreOf(scores, "micro"),
      intensity: scores[INTENSITY] ?? scores[ATTENTION] ?? null,
    });
    this.latest_s = data.time_s;
    this.last = data;
    this.stages = [...this.stages.slice(1 - KEPT_LOOKS), data.latency_ms];
    this.forget(data.time_s - KEPT_S);
  }

  forget(before_s) {
    for (const [face, curve] of this.curves) {
      while (curve.length && curve[0].t < before_s) curve.shift();
      if (!curve.length) this.curves.delete(face);
    }
    this.gaps = this.gaps.filter((gap) => gap.last_s > before_s);
    this.marks = this.marks.filter((mark) => mark.time_s > before_s);
  }

  // The face that the curves are of: the chosen one while it is there, else the first.
  get shownFace() {
    const there = [...new Set([...this.faces, ...this.curves.keys()])].sort((a, b) => a - b);
    return there.includes(this.chosen) ? this.chosen : there[0] ?? null;
  }

  get recent() { return [...this.expressions.values()].sort((a, b) => b.apex_s - a.apex_s); }
}

// The apex or action score where the model has one, else the nearest thing of the same kind.
export function scoreOf(scores, kind) {
  for (const name of [`${kind}_apex`, `${kind}_action`, `${kind}_expression`, kind]) {
    if (name in scores) return scores[name];
  }
  const other = Object.keys(scores).find((name) => name.startsWith(kind));
  return other ? scores[other] : null;
}

export function median(values) {
  const sorted = values.filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
}
