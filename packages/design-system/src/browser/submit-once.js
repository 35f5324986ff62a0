// Sends a form once, however often the button is pressed. The guard lifts when the page is shown again, or after ten seconds without an answer.
for (const form of document.querySelectorAll('form[data-ui-once]')) {
  let sent = false;
  let lift;
  const free = () => {
    sent = false;
    clearTimeout(lift);
    form.removeAttribute('aria-busy');
    form.classList.remove('ui-sending');
  };
  form.addEventListener('submit', (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    sent = true;
    form.setAttribute('aria-busy', 'true');
    form.classList.add('ui-sending');
    lift = setTimeout(free, 10_000);
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) free();
  });
}
