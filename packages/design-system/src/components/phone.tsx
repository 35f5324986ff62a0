export interface PhoneProps {
  /** What it is, in the language of the page. */
  label: string;
  /** Who it seems to come from, above the text. */
  sender: string;
  text: string;
  /** Shown in place of a text that is empty. */
  empty: string;
}

/** A short message as its reader will see it on a drawn phone, line by line, however long it is. */
export function Phone({ label, sender, text, empty }: PhoneProps) {
  return (
    <div class="ui-phone" role="group" aria-label={label}>
      <div class="ui-phone-screen">
        <p class="ui-phone-sender">{sender}</p>
        <div class={text === '' ? 'ui-phone-text ui-phone-empty' : 'ui-phone-text'}>
          {text === '' ? empty : text}
        </div>
      </div>
    </div>
  );
}
