// Ticks the password rules as one types. Read generously, as the server does: letters of any script with case are upper or lower,
// what is neither letter nor digit is a symbol, and length counts characters, not code units.
const checks = {
  length: (value, rule) => [...value].length >= Number(rule.dataset.min),
  lower: (value) => /\p{Lowercase_Letter}/u.test(value),
  upper: (value) => /\p{Uppercase_Letter}/u.test(value),
  digit: (value) => /\p{Decimal_Number}/u.test(value),
  symbol: (value) => /[^\p{Letter}\p{Decimal_Number}]/u.test(value),
  match: (value, rule) => value !== '' && document.getElementById(rule.dataset.other)?.value === value,
};

for (const list of document.querySelectorAll('[data-ui-rules]')) {
  const input = document.getElementById(list.dataset.uiRules);
  if (!(input instanceof HTMLInputElement)) continue;
  const rules = [...list.querySelectorAll('[data-rule]')].filter((rule) =>
    Object.hasOwn(checks, rule.dataset.rule),
  );
  const progress = list.querySelector('[data-ui-rules-progress]');
  let pause;

  const tick = () => {
    let met = 0;
    for (const rule of rules) {
      const isMet = checks[rule.dataset.rule](input.value, rule);
      if (isMet) met += 1;
      rule.classList.toggle('ui-rule-met', isMet);
      rule.querySelector('[data-ui-rule-state]').textContent =
        input.value === '' ? '' : ` (${isMet ? list.dataset.met : list.dataset.unmet})`;
    }
    clearTimeout(pause);
    if (input.value === '' || list.dataset.progress === undefined) return;
    pause = setTimeout(() => {
      progress.textContent = list.dataset.progress
        .replace('{met}', String(met))
        .replace('{total}', String(rules.length));
    }, 800);
  };

  input.addEventListener('input', tick);
  for (const rule of rules)
    document.getElementById(rule.dataset.other ?? '')?.addEventListener('input', tick);
  window.addEventListener('pageshow', tick);
}
