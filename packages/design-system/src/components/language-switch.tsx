import { HiddenField, type HiddenValue } from './form.tsx';

export interface LanguageSwitchProps {
  action: string;
  /** Name of the group for screen readers, in the language of the page. */
  label: string;
  /** Each language named in itself; `current` marks the one that the page is in. */
  languages: readonly { code: string; label: string; current?: boolean | undefined }[];
  /** Name under which the chosen code is sent; `lang` by default. */
  name?: string | undefined;
  hidden?: readonly HiddenValue[] | undefined;
}

/** Changes the language by a small POST form. */
export function LanguageSwitch({
  action,
  label,
  languages,
  name = 'lang',
  hidden = [],
}: LanguageSwitchProps) {
  return (
    <form
      class={languages.length === 2 ? 'ui-languages ui-languages-pair' : 'ui-languages'}
      action={action}
      method="post"
      aria-label={label}
    >
      {hidden.map((field) => (
        <HiddenField key={field.name} {...field} />
      ))}
      {languages.map(({ code, label: own, current }) =>
        current === true ? (
          <span key={code} class="ui-language ui-language-current" lang={code} aria-current="true">
            {own}
          </span>
        ) : (
          <button key={code} class="ui-language" lang={code} type="submit" name={name} value={code}>
            {own}
          </button>
        ),
      )}
    </form>
  );
}
