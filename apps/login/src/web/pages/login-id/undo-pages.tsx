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
            { term: t.from, description: view.consoleName ?? (view.byProvider ? t.provider : t.support) },
            { term: t.until, description: japanTime(view.until, locale) },
          ]}
        />
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

/** The change was undone, just now or years ago. */
export function undonePage(shell: Shell): string {
  const t = texts[shell.locale].undone;
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
        <Text>{t.password}</Text>
        <LinkButton href="/reset" wide>
          {t.setPassword}
        </LinkButton>
        <LinkButton href="/" kind="secondary" wide>
          {t.home}
        </LinkButton>
      </>
    ),
  });
}

/** The link cannot be used: it is over, unknown, or the address belongs to somebody else by now. */
export function undoRefusedPage(shell: Shell, reason: 'over' | 'unknown' | 'address-taken'): string {
  const all = texts[shell.locale];
  const t = all[reason];
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
        <Heading level={2}>{all.nextSteps}</Heading>
        <List items={[...t.next, shell.brand.support[shell.locale]]} />
        <LinkButton href="/" wide>
          {all.home}
        </LinkButton>
      </>
    ),
  });
}
