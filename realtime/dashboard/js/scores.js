// Which of a model's outputs are drawn, and as what.
// The output of a model that scores how strong an expression is, whatever its kind.
export const INTENSITY = "intensity";
// The same of a model of snippets.
const ATTENTION = "attention";
export const KINDS = ["macro", "micro"];
// The channels of a face's curves, in their order.
export const CHANNELS = [...KINDS, INTENSITY];

export const isIntense = (scores) => INTENSITY in scores || ATTENTION in scores;

export const channelsOf = (scores) => [
  scoreOf(scores, "macro"), scoreOf(scores, "micro"), scores[INTENSITY] ?? scores[ATTENTION] ?? null,
];

// The apex or action score where the model has one, else the nearest thing of the same kind.
export function scoreOf(scores, kind) {
  for (const name of [`${kind}_apex`, `${kind}_action`, `${kind}_expression`, kind]) {
    if (name in scores) return scores[name];
  }
  const other = Object.keys(scores).find((name) => name.startsWith(kind));
  return other ? scores[other] : null;
}
