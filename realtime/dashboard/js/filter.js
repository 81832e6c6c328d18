// Which expressions are listed: by kind, source, face, score, and whether they are final.
import { element, fill, get } from "./dom.js";

export class Filter {
  // changed() is called after each change by the user.
  constructor(changed) {
    this.form = get("filter");
    this.form.addEventListener("input", () => {
      get("filter-least").textContent = Number(get("filter-score").value).toFixed(2);
      changed();
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  get wanted() {
    return {
      kind: get("filter-kind").value, source: get("filter-source").value, face: get("filter-face").value,
      least: Number(get("filter-score").value), final: get("filter-final").checked,
    };
  }

  // The choice of sources and faces follows what there is.
  offer(state) {
    const sources = state.feeds.all;
    get("filter-sources").hidden = sources.length < 2;
    this.options("filter-source", "every source", sources.map((one) => [String(one.number), one.name]));
    const faces = [...new Set(state.tracks.list.map((one) => one.face))].sort((a, b) => a - b);
    get("filter-faces").hidden = faces.length < 2;
    this.options("filter-face", "every face", faces.map((face) => [String(face), `face ${face}`]));
  }

  options(id, all, choices) {
    const chosen = get(id).value;
    // what is chosen stays on offer, though it may have gone
    if (chosen && !choices.some(([value]) => value === chosen)) choices.push([chosen, chosen]);
    fill(id, JSON.stringify(choices), () => [["", all], ...choices].map(([value, text]) => {
      const option = element("option", text);
      option.value = value;
      return option;
    }));
    get(id).value = chosen;
  }

  // Returns those of `all` that are wanted, in their order.
  apply(all) {
    const { kind, source, face, least, final } = this.wanted;
    if (!kind && !source && !face && !least && !final) return all.slice();
    return all.filter((one) =>
      (!kind || one.kind === kind) && (!source || String(one.source) === source) &&
      (!face || String(one.face) === face) && one.score >= least && (!final || one.phase === "end"));
  }
}
