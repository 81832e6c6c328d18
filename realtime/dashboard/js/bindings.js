// What each key does.
import { get } from "./dom.js";
import { download } from "./csv.js";

export function bindings({ state, timeline, list, marking, faceHands }) {
  const bind = (keys, shown, text, act, repeats = false) => ({ keys, shown, text, act, repeats });
  return [
    bind([" ", "p"], ["Space", "p"], "Pause the timeline, or return to live", () => timeline.toggle()),
    bind(["l", "End"], ["l", "End"], "Return to live", () => timeline.follow()),
    bind(["Home"], ["Home"], "Go to the oldest that is kept", () => timeline.first()),
    bind(["ArrowLeft", "ArrowRight"], ["←", "→"], "Scroll a little; with Shift by a whole window", (event) => {
      timeline.scroll((event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 1 : 0.1));
    }, true),
    bind(["ArrowUp", "ArrowDown", "+", "=", "-"], ["↑", "↓", "+", "-"], "Zoom in and out", (event) => {
      timeline.zoom("ArrowUp+=".includes(event.key) ? -1 : 1);
    }, true),
    bind(["h"], ["h"], "Show the whole history", () => timeline.everything()),
    bind(["j", "k"], ["j", "k"], "Jump to the next older or newer expression of the list", ({ key }) => {
      list.step(key === "j" ? 1 : -1);
      if (list.active) timeline.show(list.active);
    }, true),
    bind(["[", "]"], ["[", "]"], "Show the face before or after", ({ key }) => {
      turn(key === "[" ? -1 : 1, state, timeline, faceHands);
    }),
    bind(["0"], ["0"], "Show all faces, one below the other", () => faceHands.all()),
    bind(["e"], ["e"], "Go to the list of expressions", () => get("list").focus()),
    bind(["/"], ["/"], "Go to the filter of the list", () => get("filter-kind").focus()),
    bind(["d"], ["d"], "Download the listed expressions as CSV", () => { if (list.rows.length) download(list.rows); }),
    bind(["m"], ["m"], "Mark a micro-expression now, where the service takes marks", () => marking.press("micro")),
    bind(["a", "A", "M"], ["a"], "Mark a macro-expression now", () => marking.press("macro")),
    bind(["t"], ["t"], "Light or dark", () => get("theme").click()),
    bind(["?"], ["?"], "This help", () => get("help-open").click()),
  ];
}

function turn(by, state, timeline, faceHands) {
  const { faces } = timeline;
  const now = faces.indexOf(state.shown);
  const next = faces[(now + by + faces.length) % faces.length];
  if (next) faceHands.one(next);
}
