import {
  Beside,
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  Notice,
  PageHead,
  Panel,
  Phone,
  Text,
} from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import type { Review } from '#domain/campaigns/review.ts';
import type { Draft } from '#domain/drafts/drafts.ts';
import type { Person } from '#domain/people/people.ts';
import { clockText } from '#domain/sending-rules/quiet-hours.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts, someNumbers, SomeNumbers } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { composeTexts } from './text.ts';

export type ConfirmPageProps = {
  view: View;
  person: Person;
  draft: Draft;
  review: Review;
  /** The draft was changed after the page from which it was confirmed. */
  changed: boolean;
  now: Date;
};

const NUMBERS_SHOWN = 10;

/** Says how many messages go to whom and when, before anything is sent. */
export function ConfirmPage({ view, person, draft, review, changed, now }: ConfirmPageProps) {
  const { locale } = view;
  const text = composeTexts[locale].confirm;
  const first = review.outgoing[0];
  const isLater = review.dueAt > now;
  const back = composeUrl({ draft: draft.id });
  const numbers = review.outgoing.map((one) => one.number);
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="compose">
      <PageHead
        title={text.title}
        lead={text.lead}
        trail={[{ href: back, label: composeTexts[locale].title }]}
      />
      {changed ? (
        <Notice tone="warning" toneLabel={sendingTexts[locale].pleaseNote} title={text.changed} live />
      ) : null}
      <QuietNotice view={view} review={review} />
      <Beside>
        <Panel>
          <DefinitionList
            items={[
              { term: text.count, description: text.countOf(grouped(review.outgoing.length)) },
              {
                term: text.to,
                description: <SomeNumbers numbers={numbers} locale={locale} shown={NUMBERS_SHOWN} />,
              },
              { term: text.at, description: isLater ? momentText(review.dueAt, locale) : text.now },
              { term: text.parts, description: text.partsOf(grouped(review.parts)) },
              {
                term: text.optedOut,
                description:
                  review.optedOut.length === 0
                    ? text.none
                    : text.leftOut(grouped(review.optedOut.length), someNumbers(review.optedOut, locale)),
              },
              {
                term: text.duplicates,
                description: review.duplicates === 0 ? text.none : <Duplicates view={view} review={review} />,
              },
            ]}
          />
          <Form
            action={pathOf(routes.composeConfirm, { draft: draft.id })}
            hidden={[csrfField(view), { name: 'revision', value: String(draft.revision) }]}
          >
            <FormActions beside>
              <Button>{isLater ? text.reserve : text.send}</Button>
              <LinkButton kind="secondary" href={back}>
                {text.back}
              </LinkButton>
            </FormActions>
          </Form>
          <Text quiet>{text.nothingYet}</Text>
        </Panel>
        <Panel title={text.looks}>
          <Phone
            label={text.looks}
            sender={composeTexts[locale].preview.sender}
            text={first?.text ?? ''}
            empty=""
          />
        </Panel>
      </Beside>
    </ConsoleLayout>
  );
}

function QuietNotice({ view: { locale }, review }: { view: View; review: Review }) {
  const { quiet } = review.rules;
  const text = composeTexts[locale].confirm;
  if (quiet === null || review.dueAt <= review.wantedAt) return null;
  return (
    <Notice
      tone="info"
      toneLabel={sendingTexts[locale].information}
      title={text.quiet(clockText(quiet.from), clockText(quiet.until), momentText(review.dueAt, locale))}
    />
  );
}

function Duplicates({ view: { locale }, review }: { view: View; review: Review }) {
  const text = composeTexts[locale].confirm;
  return (
    <>
      <Text>{text.duplicatesOf(grouped(review.duplicates))}</Text>
      {review.typed.repeated.length === 0 ? null : (
        <Text quiet>
          {review.typed.repeated
            .slice(0, NUMBERS_SHOWN)
            .map((one) => text.repeated(someNumbers([one.number], locale), one.lines.join(', ')))
            .join(' ')}
        </Text>
      )}
    </>
  );
}
