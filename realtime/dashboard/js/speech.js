// Says to screen readers what became final, at most every few seconds.
import { setText } from "./dom.js";
import { clockText, durationText } from "./text.js";

const APART_MS = 5000;
const OLD_S = 15;

export class Speech {
  constructor() {
    this.waiting = [];
    this.timer = null;
    this.said_ms = -Infinity;
  }

  // What is long over, such as what is replayed to a page that has just opened, is not said.
  expression(one, latest_s) {
    if (latest_s !== null && one.apex < latest_s - OLD_S) return;
    this.waiting.push(one);
    const rest_ms = this.said_ms + APART_MS - performance.now();
    this.timer ??= setTimeout(() => this.say(), Math.max(0, rest_ms));
  }

  say() {
    setText("spoken", sentence(this.waiting));
    this.waiting = [];
    this.timer = null;
    this.said_ms = performance.now();
  }
}

function sentence(expressions) {
  if (expressions.length > 1) {
    const of = (kind) => expressions.filter((one) => one.kind === kind).length;
    return `${of("macro")} macro and ${of("micro")} micro expressions`;
  }
  const [one] = expressions;
  const who = one.track.face > 0 || one.run.sources.length > 1 ? ` of face ${one.face}` : "";
  return `${one.kind} expression${who}, ${durationText(one)}, at ${clockText(one.apex_s)}, score ${one.score.toFixed(2)}`;
}
