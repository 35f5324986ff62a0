import { BigNumber, Columns, Panel, Table, Text } from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import { FINDING_CLASSES, type Rehearsal } from '#domain/migration/rehearse.ts';
import { classText } from '#domain/migration/rehearse-texts.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { texts } from './text.ts';
import { movePath } from '../addresses.ts';

/** Who would be locked out, as things stand now: the figures, each reason with what to do. */
export function rehearsalPage(
  context: WebContext,
  visit: Visit,
  {
    console,
    rehearsal,
    countedAt,
  }: { console: ConsoleRow; rehearsal: Rehearsal; countedAt: Date | undefined },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { people } = WORDS[locale];
  const { groups } = PROGRESS_LABELS[locale];
  const found = FINDING_CLASSES.filter((one) => rehearsal.classes[one] > 0);
  const figure = (label: string, value: number) => (
    <BigNumber
      label={label}
      value={grouped(value)}
      unit={people}
      comparison={t.ofPeople(grouped(rehearsal.people))}
    />
  );
  return renderOperatorPage(context, visit, {
    title: t.rehearsal,
    job: 'migration',
    console,
    trail: [
      { href: '/operator/migration', label: t.title },
      {
        href: movePath(console),
        label: consoleName(console, locale),
      },
    ],
    lead: t.rehearsalLead(japanTime(rehearsal.at, locale)),
    children: (
      <>
        <Columns count={4}>
          {figure(groups['locked-out'], rehearsal.lockedOut)}
          {figure(groups['told-late'], rehearsal.toldLate)}
          {figure(groups['must-set-password'], rehearsal.mustSetPassword)}
          {figure(t.fine, rehearsal.fine)}
        </Columns>
        {countedAt && <Text quiet>{t.countedAt(japanTime(countedAt, locale))}</Text>}
        <Panel title={t.reasons}>
          <Table
            caption={t.reasons}
            captionHidden
            columns={[
              { label: t.reason, rowHeader: true },
              { label: t.whatToDo },
              { label: t.howMany, align: 'end' },
            ]}
            rows={found.map((one) => {
              const { why, next } = classText(one, locale);
              return { key: one, cells: [why, next, t.peopleCount(grouped(rehearsal.classes[one]))] };
            })}
            empty={t.nobodyFound}
          />
          <Text quiet>{t.namesByCommand(console.client_id)}</Text>
        </Panel>
      </>
    ),
  });
}
