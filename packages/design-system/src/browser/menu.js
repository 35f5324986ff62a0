// Menus close on Escape and when one goes elsewhere; “/” leads to the search.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const open =
      event.target.closest?.('details[data-ui-menu][open]') ??
      document.querySelector('details[data-ui-menu][open]');
    if (!open) return;
    open.open = false;
    open.querySelector('summary')?.focus();
    return;
  }
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  const search = document.querySelector('[data-ui-search]');
  if (event.key === '/' && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});

document.addEventListener('pointerdown', (event) => {
  for (const menu of document.querySelectorAll('details[data-ui-menu][open]'))
    if (!menu.contains(event.target)) menu.open = false;
});
