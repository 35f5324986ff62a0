// While somebody writes: counts and shows the message anew shortly after each change, and saves the draft now and then. The server does both.
const form = document.getElementById('compose');
const preview = document.getElementById('preview');
const saved = document.getElementById('saved');

const send = (url) =>
  fetch(url, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
    credentials: 'same-origin',
    redirect: 'error',
  });

let counting;
let countNumber = 0;
const count = () => {
  clearTimeout(counting);
  counting = setTimeout(async () => {
    const number = ++countNumber;
    try {
      const answer = await send(preview.dataset.countUrl);
      if (!answer.ok || number !== countNumber) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body.firstElementChild;
      if (fresh) preview.replaceChildren(...fresh.childNodes);
    } catch {
      // The next change tries again; the button counts without script.
    }
  }, 300);
};

const SAVE_AFTER = 8_000;
let saving;
let ended = false;
const save = async () => {
  saving = undefined;
  if (ended || form.getAttribute('aria-busy') === 'true') return;
  try {
    const answer = await send(saved.dataset.saveUrl);
    if (answer.status === 401) ended = true;
    if (answer.ok || answer.status === 401) saved.textContent = await answer.text();
  } catch {
    saved.textContent = saved.dataset.failed;
    saving = setTimeout(save, SAVE_AFTER);
  }
};

if (form && preview && saved) {
  form.addEventListener('input', () => {
    count();
    if (!ended) saving ??= setTimeout(save, SAVE_AFTER);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && saving !== undefined) {
      clearTimeout(saving);
      void save();
    }
  });
}
