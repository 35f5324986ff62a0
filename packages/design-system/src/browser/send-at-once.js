// Sends a form that asks nothing and only carries something on; without script there is its button.
document.querySelector('form[data-ui-send-at-once]')?.requestSubmit();
