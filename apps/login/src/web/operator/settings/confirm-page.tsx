import {
  Button,
  Columns,
  Form,
  FormActions,
  Letter,
  LinkButton,
  Literal,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import type { ForeseeSettingsResult } from '#domain/settings/change.ts';
import { SETTING_NAMES } from '#domain/settings/names.ts';
import type { SettingGroup } from '#domain/settings/table.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { Brand } from '#support/primitives/brand.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import type { Given } from './keys-of.ts';
import { texts } from './text.ts';
import { valueWords } from './value-words.ts';

export type ConfirmView = {
  group: SettingGroup;
  form: Given;
  foreseen: Extract<ForeseeSettingsResult, { ok: true }>;
  /** The brand as it would be. */
  brand: Brand;
  mails: { readonly [L in Locale]: RenderedMail };
};

/** What of the groups customers see on pages, and in mails. */
const ON_PAGES: readonly SettingGroup[] = ['brand', 'texts'];
const IN_MAILS: readonly SettingGroup[] = ['brand', 'texts', 'sender'];

/** The last page before settings change: what was and what will be, and how customers will see it. */
export function confirmPage(context: WebContext, visit: Visit, view: ConfirmView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { group, form, foreseen, brand, mails } = view;
  const names = SETTING_NAMES[locale];
  const path = `/operator/settings/${group}`;
  const hidden = [
    { name: 'step', value: 'act' },
    { name: 'revision', value: String(foreseen.revision) },
    ...Object.entries(form).map(([name, value]) => ({ name, value })),
  ];
  return renderOperatorPage(context, visit, {
    title: t.confirmTitle(names.groups[group].name),
    job: 'settings',
    trail: [
      { href: '/operator/settings', label: t.title },
      { href: path, label: names.groups[group].name },
    ],
    lead: t.confirmLead,
    children: (
      <>
        <Panel title={t.changes}>
          <Table
            caption={t.changes}
            captionHidden
            columns={[{ label: t.setting, rowHeader: true }, { label: t.now }, { label: t.then }]}
            rows={foreseen.changes.map(({ key, from, to }) => ({
              key,
              cells: [
                names.settings[key].name,
                <Lines text={valueWords(key, from, locale)} />,
                <Lines text={valueWords(key, to, locale)} />,
              ],
            }))}
          />
        </Panel>
        {ON_PAGES.includes(group) ? (
          <Panel title={t.signInPreview} width="reading">
            <Text quiet>{t.signInPreviewLead}</Text>
            {LOCALES.map((language) => (
              <Text>
                <TextLink href={previewPath(form, language)} newTab>
                  {t.openPreview[language]}
                </TextLink>
              </Text>
            ))}
          </Panel>
        ) : null}
        {IN_MAILS.includes(group) ? (
          <Panel title={t.mailPreview}>
            <Text quiet>{t.mailPreviewLead}</Text>
            <Text>
              <Literal>{t.from(brand.senderName, brand.senderAddress)}</Literal>
              {brand.replyTo === null ? null : (
                <>
                  {' '}
                  <Literal>{t.replyTo(brand.replyTo)}</Literal>
                </>
              )}
            </Text>
            <Columns>
              {LOCALES.map((language) => (
                <Letter
                  key={language}
                  label={t.previewOf[language]}
                  lang={language}
                  subject={mails[language].subject}
                  text={mails[language].text}
                />
              ))}
            </Columns>
          </Panel>
        ) : null}
        <Panel width="reading">
          <Form action={path} hidden={hidden}>
            <FormActions beside>
              <Button>{t.save}</Button>
              <Button kind="secondary" name="back" value="yes">
                {t.back}
              </Button>
              <LinkButton href="/operator/settings" kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}

/** The texts of mails do not show on pages, and would only make the address long. */
function previewPath(form: Given, language: Locale): string {
  const shown = Object.entries(form).filter(([key]) => !key.startsWith('mailFooter'));
  return `/operator/settings/preview?${new URLSearchParams([['language', language], ...shown]).toString()}`;
}

function Lines({ text }: { text: string }) {
  return (
    <>
      {text.split('\n').map((line, i) => (
        <>
          {i > 0 ? <br /> : null}
          {line}
        </>
      ))}
    </>
  );
}
