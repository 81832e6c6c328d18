// One key, one action. Fields keep their own keys, and so do buttons those that press them.
const PRESSES = new Set([" ", "Enter"]);

export function listen(actions) {
  addEventListener("keydown", (event) => {
    const action = named(event, actions);
    if (!action || taken(event)) return;
    event.preventDefault();
    action();
  });
}

function named(event, actions) {
  const { key } = event;
  if (event.altKey || event.metaKey && key.toLowerCase() !== "z") return null;
  if (event.ctrlKey || event.metaKey) return key.toLowerCase() === "z" && !event.shiftKey ? actions.undo : null;
  const tens = event.shiftKey ? 10 : 1;
  switch (key) {
    case " ": return event.repeat ? () => {} : actions.play;
    case "ArrowLeft": return () => actions.step(-tens);
    case "ArrowRight": return () => actions.step(tens);
    case "Home": return actions.first;
    case "End": return actions.last;
    case ",": return () => actions.hop(-1);
    case ".": return () => actions.hop(1);
    case "m": return once(event, () => actions.mark("micro"));
    case "a": case "A": case "M": return once(event, () => actions.mark("macro"));
    case "u": return actions.undo;
    case "x": return once(event, actions.remove);
    case "[": return () => actions.speed(-1);
    case "]": return () => actions.speed(1);
    case "+": case "=": return () => actions.zoom(0.6);
    case "-": case "−": return () => actions.zoom(1 / 0.6);
    case "0": return actions.all;
    case "PageUp": return () => actions.video(-1);
    case "PageDown": return () => actions.video(1);
    default: return null;
  }
}

// A key that is held down marks once.
const once = (event, action) => (event.repeat ? () => {} : action);

function taken({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("select, input, textarea")) return true;
  return PRESSES.has(key) && target.closest("button, summary, a") !== null;
}
