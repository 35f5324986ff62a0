// Looks whether other addresses can be reached from this browser: a web filter in between answers nothing, or something of its own.
const answersAt = async (url, limit) => {
  try {
    const signal = AbortSignal.timeout(limit);
    const answer = await fetch(url, {
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal,
    });
    return answer.ok && (await answer.json()).reachable === true;
  } catch {
    return false;
  }
};

// A warning beside a form. It shows itself when the other address does not answer in time. Who sends the form before that is known waits for it, once; the warning takes the
// focus, and sending again goes on.
const TOLD = 'ui-unreachable-told';
const told = () => {
  try {
    return sessionStorage.getItem(TOLD) !== null;
  } catch {
    return false;
  }
};
const remember = () => {
  try {
    sessionStorage.setItem(TOLD, '1');
  } catch {
    // A browser that keeps nothing is told on every page.
  }
};

for (const warning of document.querySelectorAll('[data-ui-unreachable]')) {
  const { uiUnreachable: url, limit, form: formId } = warning.dataset;
  const form = document.getElementById(formId);
  let isReached;
  let goesOn = told();
  const looked = answersAt(url, Number(limit)).then((reached) => {
    isReached = reached;
    warning.hidden = reached;
  });
  form?.addEventListener('submit', (event) => {
    if (isReached === true || goesOn) return;
    event.preventDefault();
    if (form.hasAttribute('aria-busy')) return;
    form.setAttribute('aria-busy', 'true');
    looked.then(() => {
      form.removeAttribute('aria-busy');
      goesOn = true;
      if (isReached) {
        form.requestSubmit(event.submitter);
        return;
      }
      remember();
      for (const onward of warning.querySelectorAll('[data-held]')) onward.hidden = false;
      warning.focus();
    });
  });
}

// Tests of addresses, each with what it came to, and a list of those that do not answer.
const show = (test, state) => {
  for (const one of test.querySelectorAll('[data-when]')) one.hidden = one.dataset.when !== state;
};
const tests = [...document.querySelectorAll('[data-ui-reach-test]')];
const outcomes = tests.map(async (test) => {
  const { uiReachTest: url, elseAny, limit } = test.dataset;
  show(test, 'waiting');
  let isReached = await answersAt(url, Number(limit));
  if (!isReached && elseAny !== undefined) {
    // Whatever answers there: it can be reached. What it says is not ours to read.
    const signal = AbortSignal.timeout(Number(limit));
    isReached = await fetch(elseAny, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal,
    }).then(
      () => true,
      () => false,
    );
  }
  show(test, isReached ? 'reached' : 'unreached');
  return isReached ? [] : [test.dataset.name];
});
if (tests.length > 0)
  Promise.all(outcomes).then((results) => {
    const names = results.flat();
    for (const region of document.querySelectorAll('[data-ui-reach-outcome]')) {
      show(region, names.length === 0 ? 'reached' : 'unreached');
      const list = region.querySelector('[data-names]');
      list?.replaceChildren(
        ...names.map((name) => Object.assign(document.createElement('li'), { textContent: name })),
      );
    }
  });
