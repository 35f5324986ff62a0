// Fetches a region anew until an answer no longer marks it as refreshing. Rests while the tab is hidden, slows down when the server
// does not answer, and never takes away what has the focus.
const refresh = (region) => {
  let failures = 0;
  const seconds = () => Number(region.dataset.seconds) * Math.min(8, 2 ** failures);

  const once = async () => {
    if (document.hidden) return false;
    if (region.contains(document.activeElement)) return false;
    const answer = await fetch(region.dataset.uiRefresh, {
      headers: { accept: 'text/html' },
      credentials: 'same-origin',
      redirect: 'error',
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(region.id);
    if (!fresh) throw new Error('the answer has no such region');
    if (fresh.innerHTML !== region.innerHTML) region.replaceChildren(...fresh.childNodes);
    return fresh.dataset.uiRefresh === undefined;
  };

  const loop = async () => {
    try {
      const done = await once();
      failures = 0;
      if (done) {
        delete region.dataset.uiRefresh;
        return;
      }
    } catch {
      failures += 1;
    }
    setTimeout(loop, seconds() * 1000);
  };
  setTimeout(loop, seconds() * 1000);
};

for (const region of document.querySelectorAll('[data-ui-refresh]')) refresh(region);
