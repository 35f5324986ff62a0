// Reads a code however it is typed or pasted (full-width digits, spaces, hyphens, text around it) and shows it in groups.
const digitsOf = (text) => text.replace(/\D/g, '');

for (const input of document.querySelectorAll('[data-ui-code]')) {
  const length = Number(input.dataset.uiCode);
  const size = Number(input.dataset.group);
  const grouped = (digits) => (digits.match(new RegExp(`\\d{1,${size}}`, 'g')) ?? []).join(' ');
  const wholeCode = new RegExp(`(?<!\\d)\\d(?:[\\s-]?\\d){${length - 1}}(?!\\d)`);
  let before = '';

  // One key too many changes nothing; of a text with other figures in it, the run that is as long as a code counts.
  const read = (text) => {
    const digits = digitsOf(text);
    if (digits.length <= length) return digits;
    if (before.length === length && digits.length === length + 1) return before;
    return digitsOf(wholeCode.exec(text)?.[0] ?? digits).slice(0, length);
  };

  const format = (event) => {
    if (event?.isComposing) return;
    const typed = input.value;
    const beforeCaret = typed.slice(0, input.selectionStart ?? typed.length);
    const digits = read(typed.normalize('NFKC'));
    const shown = grouped(digits);
    before = digits;
    if (shown === typed) return;
    input.value = shown;
    if (document.activeElement !== input) return;
    const caret = Math.min(digitsOf(beforeCaret.normalize('NFKC')).length, digits.length);
    const position = caret + Math.floor(Math.max(0, caret - 1) / size);
    input.setSelectionRange(position, position);
  };

  input.addEventListener('input', format);
  input.addEventListener('compositionend', () => format());
  format();
}
