// The summary of errors takes the focus when the page opens; its links lead into the fields, label in view.
const summary = document.querySelector('[data-ui-error-summary]');

if (summary) {
  // This page is the answer to a form. Reload and back open its address anew instead of asking to send the form once more.
  history.replaceState(history.state, '');
  summary.focus();
  summary.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    (document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field).scrollIntoView({
      block: 'nearest',
    });
    field.focus({ preventScroll: true });
  });
}
