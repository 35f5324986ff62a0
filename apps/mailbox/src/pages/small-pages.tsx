import { Button, Form, FormActions, LinkButton, PageHead, Panel } from '@hitokagi/design-system';
import { formatCount } from './format.ts';
import { Shell } from './shell.tsx';
import { texts, type Language } from './texts.ts';

/** Asks before everything is deleted. */
export function ClearPage({ lang, count }: { lang: Language; count: number }) {
  const words = texts[lang].clear;
  return (
    <Shell lang={lang} title={words.title}>
      <PageHead title={words.title} trail={[{ href: '/', label: texts[lang].list.title }]} />
      <Panel width="reading">
        <p class="mb-lead">{words.lead(formatCount(count))}</p>
        <Form action="/clear">
          <FormActions beside>
            <Button kind="danger">{words.confirm}</Button>
            <LinkButton href="/" kind="secondary">
              {words.cancel}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    </Shell>
  );
}

/** Says that a mail is not there any more. */
export function MissingPage({ lang }: { lang: Language }) {
  const words = texts[lang].missing;
  return (
    <Shell lang={lang} title={words.title}>
      <PageHead title={words.title} />
      <Panel width="reading">
        <p class="mb-lead">{words.lead}</p>
        <LinkButton href="/">{words.back}</LinkButton>
      </Panel>
    </Shell>
  );
}
