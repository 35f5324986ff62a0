import { LinkButton, Notice, PageHead, Panel, Progress, RefreshRegion, Text } from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { CsvSending } from '#domain/csv-sending/csv-sendings.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { CancelFile } from './cancel-file.tsx';
import { csvTexts } from './text.ts';

const WATCH_EVERY = 2;
const RELOAD_EVERY = 5;

/** How far the reading of a file has come; once it is read the same address shows the result. */
export function StandingPage({ view, person, file }: { view: View; person: Person; file: CsvSending }) {
  const text = csvTexts[view.locale];
  const isReading = file.state === 'checking';
  return (
    <ConsoleLayout
      view={view}
      title={text.reading.title}
      person={person}
      current="compose"
      reloadSeconds={isReading ? RELOAD_EVERY : undefined}
    >
      <RefreshRegion
        id="standing"
        url={pathOf(routes.csv, { id: file.id })}
        seconds={isReading ? WATCH_EVERY : undefined}
      >
        <PageHead
          title={text.reading.title}
          lead={text.reading.lead(file.fileName)}
          trail={[{ href: routes.csvNew, label: text.title }]}
        />
        {isReading ? (
          <Panel width="reading">
            <Progress
              label={text.reading.progress}
              valueText={text.reading.rows(grouped(file.counts?.rows ?? 0))}
            />
            <Text quiet>{text.reading.note}</Text>
            <LinkButton kind="secondary" href={pathOf(routes.csv, { id: file.id })}>
              {text.reading.look}
            </LinkButton>
          </Panel>
        ) : (
          <Notice tone="info" toneLabel={sendingTexts[view.locale].information} title={text.reading.over}>
            <LinkButton kind="secondary" href={routes.csvNew}>
              {text.title}
            </LinkButton>
          </Notice>
        )}
        {isReading ? <CancelFile view={view} id={file.id} /> : null}
      </RefreshRegion>
    </ConsoleLayout>
  );
}
