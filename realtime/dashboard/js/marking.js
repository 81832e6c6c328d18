// Keys and buttons that mark the moment on show, where the service writes marks down.
const ANSWER_MS = 2000;
const KEYS = { m: "micro", a: "macro", A: "macro", M: "macro" };
const get = (id) => document.getElementById(id);

export class Marking {
  // mark(kind) sends a mark and returns whether it went out.
  constructor(mark) {
    this.mark = mark;
    this.allowed = false;
    this.unanswered = 0;
    for (const kind of ["micro", "macro"]) {
      get(`mark-${kind}`).addEventListener("click", () => this.press(kind));
    }
    addEventListener("keydown", (event) => this.key(event));
  }

  allow(allowed) {
    this.allowed = allowed;
    get("marking").hidden = !allowed;
    for (const part of document.querySelectorAll(".key .marked")) part.hidden = !allowed;
  }

  key(event) {
    const { key, ctrlKey, metaKey, altKey, repeat, target } = event;
    if (!(key in KEYS) || ctrlKey || metaKey || altKey || repeat) return;
    if (target instanceof Element && target.closest("input, select, textarea, dialog")) return;
    this.press(KEYS[key]);
  }

  press(kind) {
    if (!this.allowed) return;
    clearTimeout(this.unanswered);
    if (this.mark(kind)) this.unanswered = setTimeout(() => say("Not marked: the service did not take it"), ANSWER_MS);
    else say("Not marked: there is no stream");
  }

  // The service has written it down: only now it counts.
  confirm({ kind, frame }) {
    clearTimeout(this.unanswered);
    say(`${kind} marked at frame ${frame}`);
  }
}

function say(text) { get("marking-said").textContent = text; }
