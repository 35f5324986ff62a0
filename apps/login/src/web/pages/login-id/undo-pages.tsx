import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  List,
  Literal,
  Notice,
  Text,
} from '@hitokagi/design-system';
import { UNDO_PATH } from '#domain/login-id/undo-link.ts';
import type { UndoView } from '#domain/login-id/undo.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts } from './undo-text.ts';

/** Says what changed, and what its one button does. */
export function undoPage(
  shell: Shell,
  view: UndoView & { token: string; consoleName: string | undefined },
): string {
  const { locale } = shell;
  const t = texts[locale].open;
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
      </>
    ),
    children: (
      <>
        <DefinitionList
          items={[
            { term: t.before, description: <Literal>{view.previousAddress}</Literal> },
            { term: t.after, description: <Literal>{view.newAddress}</Literal> },
            { term: t.at, description: japanTime(view.at, locale) },
            { term: t.from, description: view.consoleName ?? t.support },
            { term: t.until, description: japanTime(view.until, locale) },
          ]}
        />
        {view.currentAddress === null ? null : (
          <Notice tone="warning" toneLabel={t.attention}>
            <Text>
              {t.changedAgain} <Literal>{view.currentAddress}</Literal>
            </Text>
          </Notice>
        )}
        <Heading level={2}>{t.whatHappens}</Heading>
        <List items={t.effects} />
        <Form action={UNDO_PATH} hidden={[{ name: 'token', value: view.token }]}>
          <FormActions>
            <Button>{t.button}</Button>
          </FormActions>
        </Form>
        <Text quiet>{t.ownChange}</Text>
      </>
    ),
  });
}

/** The change was undone, just now or before. */
export function undonePage(
  shell: Shell,
  view: { restoredAddress: string; at: Date; passwordWithdrawn: boolean },
): string {
  const t = texts[shell.locale].undone;
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead(japanTime(view.at, shell.locale))}</Lead>
      </>
    ),
    children: (
      <>
        <DefinitionList
          items={[{ term: t.loginId, description: <Literal>{view.restoredAddress}</Literal> }]}
        />
        <Text>{view.passwordWithdrawn ? t.setPassword : t.advice}</Text>
        <LinkButton href={`/reset?login_hint=${encodeURIComponent(view.restoredAddress)}`} wide>
          {t.password}
        </LinkButton>
        <LinkButton href="/" kind="secondary" wide>
          {t.home}
        </LinkButton>
      </>
    ),
  });
}

/** The link cannot be used: too late, unknown, or the address belongs to somebody else by now. */
export function undoRefusedPage(
  shell: Shell,
  refusal: { reason: 'expired'; until: Date } | { reason: 'unknown' | 'address-taken' },
): string {
  const all = texts[shell.locale];
  const t = all[refusal.reason];
  const lead =
    refusal.reason === 'expired'
      ? all.expired.lead(japanTime(refusal.until, shell.locale))
      : all[refusal.reason].lead;
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{lead}</Lead>
      </>
    ),
    children: (
      <>
        <Heading level={2}>{all.nextSteps}</Heading>
        <List items={[...t.next, shell.brand.support[shell.locale]]} />
        <LinkButton href="/" wide>
          {all.home}
        </LinkButton>
      </>
    ),
  });
}
