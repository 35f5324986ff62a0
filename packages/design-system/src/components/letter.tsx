export interface LetterProps {
  /** What it is, in the language of the page. */
  label: string;
  /** The language of the mail itself. */
  lang: string;
  subject: string;
  text: string;
}

/** A mail as its reader will see it, line by line. */
export function Letter({ label, lang, subject, text }: LetterProps) {
  return (
    <section class="ui-letter" aria-label={label}>
      <p class="ui-letter-label">{label}</p>
      <p class="ui-letter-subject" lang={lang}>
        {subject}
      </p>
      <div class="ui-letter-text" lang={lang}>
        {text}
      </div>
    </section>
  );
}
