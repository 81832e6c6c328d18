(() => {
  const text = (one) => (one.getAttribute('aria-label')
    || (one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
    || [...(one.labels ?? [])].map((label) => label.textContent).join(' ') || one.textContent).trim();
  const all = 'button, input, select, textarea, a[href], [tabindex], [role], canvas, svg, dialog, section, form, fieldset';
  const silent = (one) => one.closest('[aria-hidden="true"]') || ['rowgroup', 'row', 'status', 'columnheader', 'gridcell'].includes(one.getAttribute('role'));
  return [...document.querySelectorAll(all)].filter((one) => !silent(one) && !text(one)).map((one) => one.outerHTML);
})()
