import('/js/csv.js').then(({ csvText }) => csvText([{
  id: '=1+1', run: { id: 'r', source: () => ({ name: 'a "b", c' }) },
  onset_s: null, offset_s: null, score: -0.5,
}]))
