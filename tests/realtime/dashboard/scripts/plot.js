(() => {
  const box = document.getElementById('curves').getBoundingClientRect();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  // as frame.js has it on a desk: the scale on the left, the readout on the right
  return [box.left + 3.4 * rem, box.width - 11 * rem, box.top + box.height / 3];
})()
