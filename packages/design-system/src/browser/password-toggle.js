// Shows or hides what was typed into a password field; hides it again before the form is sent, so that no browser keeps it as plain text.
for (const button of document.querySelectorAll('[data-ui-password-toggle]')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  if (!(input instanceof HTMLInputElement)) continue;
  const set = (shown) => {
    input.type = shown ? 'text' : 'password';
    const word = shown ? button.dataset.hide : button.dataset.show;
    button.textContent = word;
    button.setAttribute('aria-label', `${word} (${button.dataset.field})`);
  };
  button.hidden = false;
  button.addEventListener('click', () => set(input.type === 'password'));
  input.form?.addEventListener('submit', () => set(false));
  window.addEventListener('pageshow', () => set(false));
}
