// Keys and buttons that mark the moment on show, where the service writes marks down.
import { get, setText } from "./dom.js";

const ANSWER_MS = 2000;

export class Marking {
  // mark(kind) sends a mark; it returns why it could not, or nothing.
  constructor(mark) {
    this.mark = mark;
    this.allowed = false;
    this.unanswered = 0;
    for (const kind of ["micro", "macro"]) {
      get(`mark-${kind}`).addEventListener("click", () => this.press(kind));
    }
  }

  allow(allowed) {
    this.allowed = allowed;
    get("marking").hidden = !allowed;
    for (const part of document.querySelectorAll(".key .marked")) part.hidden = !allowed;
  }

  press(kind) {
    if (!this.allowed) return;
    clearTimeout(this.unanswered);
    const refused = this.mark(kind);
    if (refused) say(`Not marked: ${refused}`);
    else this.unanswered = setTimeout(() => say("Not marked: the service did not take it"), ANSWER_MS);
  }

  // The service has written it down: only now it counts.
  confirm({ kind, frame }) {
    clearTimeout(this.unanswered);
    say(`${kind} marked at frame ${frame}`);
  }
}

function say(text) { setText("marking-said", text); }
