// Counts down to the moment from which a button works. Time is measured, not counted, so a sleeping tab does not fall behind.
for (const countdown of document.querySelectorAll('[data-ui-countdown]')) {
  const button = document.getElementById(countdown.dataset.button);
  const text = countdown.querySelector('.ui-countdown-text');
  const said = countdown.querySelector('[data-ui-countdown-said]');
  const end = performance.now() + Number(countdown.dataset.uiCountdown) * 1000;
  const left = () => Math.max(0, Math.ceil((end - performance.now()) / 1000));
  if (left() === 0) continue;

  const rest = (event) => {
    if (left() > 0) event.preventDefault();
  };
  const show = () => {
    const seconds = left();
    if (seconds > 0) {
      const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      text.textContent = countdown.dataset.waiting
        .replace('{seconds}', String(seconds))
        .replace('{clock}', clock);
      return;
    }
    clearInterval(timer);
    button?.removeAttribute('aria-disabled');
    button?.removeEventListener('click', rest);
    text.textContent = countdown.dataset.ready;
    said.textContent = countdown.dataset.ready;
  };

  button?.setAttribute('aria-disabled', 'true');
  button?.addEventListener('click', rest);
  const timer = setInterval(show, 250);
  show();
}
