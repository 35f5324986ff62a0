import { FormActions, LinkButton, List, Notice, PageHead, Panel, Text } from '@hitokagi/design-system';
import { messagesUrl, routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { grouped } from '#web/http/sending-words.tsx';
import type { Asked } from './list-page.tsx';
import { messageTexts } from './text.ts';

const SHOWN = 100;

/** Saving as CSV: in which encoding, and what Shift_JIS would lose. */
export function ExportPage({
  view,
  person,
  asked,
  lost,
}: {
  view: View;
  person: Person;
  asked: Asked;
  /** Characters that Shift_JIS does not have; null before it was asked for. */
  lost: readonly string[] | null;
}) {
  const text = messageTexts[view.locale];
  const file = (encoding: string) => messagesUrl({ ...asked, encoding }, routes.messagesCsv);
  return (
    <ConsoleLayout view={view} title={text.exportTitle} person={person} current="campaigns">
      <PageHead
        title={text.exportTitle}
        lead={text.exportLead}
        trail={[
          { href: routes.campaigns, label: text.results },
          { href: messagesUrl(asked), label: text.title },
        ]}
      />
      {lost === null ? null : (
        <Notice tone="warning" toneLabel={text.note} title={text.lost(grouped(lost.length))} live>
          <Text>
            {text.lostOnes}: {lost.slice(0, SHOWN).join(' ')}
            {lost.length > SHOWN ? ' …' : ''}
          </Text>
        </Notice>
      )}
      <Panel width="reading">
        <List items={[`${text.utf8}: ${text.utf8Help}`, `${text.shiftJis}: ${text.shiftJisHelp}`]} />
        <FormActions beside>
          <LinkButton href={file('utf-8')}>{text.utf8}</LinkButton>
          {lost === null ? (
            <LinkButton
              kind="secondary"
              href={messagesUrl({ ...asked, encoding: 'shift_jis' }, routes.messagesExport)}
            >
              {text.shiftJis}
            </LinkButton>
          ) : (
            <LinkButton kind="secondary" href={file('shift_jis')}>
              {text.anyway}
            </LinkButton>
          )}
        </FormActions>
      </Panel>
    </ConsoleLayout>
  );
}
