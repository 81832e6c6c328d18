// The keys of the page, and the list of them that the help shows.
import { element, get, recall, remember } from "./dom.js";

const TYPING = "input, select, textarea, dialog";
const PRESSED = "button, a, summary, label";

export class Keys {
  // bindings: [{ keys, shown, text, act(event) }]; `shown` is how the help writes the keys.
  constructor(bindings) {
    this.bindings = bindings;
    this.letters = recall("letters") !== "off";
    addEventListener("keydown", (event) => this.press(event));
    const box = get("letters");
    box.checked = this.letters;
    box.addEventListener("change", () => this.allow(box.checked));
    get("help-open").addEventListener("click", () => this.help());
    get("help-close").addEventListener("click", () => get("help").close());
    get("keys").replaceChildren(...bindings.flatMap(described));
  }

  // Single letters can be switched off, for those who speak to their computer.
  allow(letters) {
    this.letters = letters;
    remember("letters", letters ? "on" : "off");
  }

  press(event) {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || event.defaultPrevented) return;
    if (target instanceof Element && target.closest(TYPING)) return;
    if ((key === " " || key === "Enter") && target instanceof Element && target.closest(PRESSED)) return;
    if (!this.letters && key.length === 1 && key !== " ") return;
    const found = this.bindings.find((one) => one.keys.includes(key));
    if (!found || (event.repeat && !found.repeats)) return;
    if (found.act(event) !== false) event.preventDefault();
  }

  help() {
    const dialog = get("help");
    if (!dialog.open) dialog.showModal();
  }
}

function described({ shown, text }) {
  const term = element("dt");
  for (const key of shown) term.append(element("kbd", key), " ");
  return [term, element("dd", text)];
}
