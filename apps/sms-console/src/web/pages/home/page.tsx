import type { Gate } from '@hitokagi/console-kit';
import {
  Callout,
  Chip,
  Columns,
  DefinitionList,
  LinkButton,
  Literal,
  Name,
  Notice,
  PageHead,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { routes, unifiedStartUrl } from '#app/routes.ts';
import type { ConsoleSession, PastSignIn } from '#domain/console-sessions/find-session.ts';
import type { Person } from '#domain/people/people.ts';
import { Kept } from '#web/http/kept.tsx';
import { ConsoleLayout, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { SendingPanels, type SendingNews } from './sending.tsx';
import { homeTexts } from './text.ts';

export type HomePageProps = {
  view: View;
  person: Person;
  session: ConsoleSession;
  recent: readonly PastSignIn[];
  gate: Gate;
  cutOverAt: Date | null;
  /** Null in a console that sends nothing. */
  sending: SendingNews | null;
};

/** The first page after a sign-in: which console, which company, who, and how they came in. */
export function HomePage(props: HomePageProps) {
  const { view, person } = props;
  const text = homeTexts[view.locale];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="home">
      <PageHead
        title={<Kept text={text.welcome(person.name)} names={[person.name]} />}
        lead={<Name>{person.company}</Name>}
      />
      <Migration {...props} />
      {props.sending === null ? null : <SendingPanels view={view} person={person} news={props.sending} />}
      <Columns>
        <SignInPanel {...props} />
        <ProfilePanel {...props} />
      </Columns>
      <RecentPanel {...props} />
    </ConsoleLayout>
  );
}

function Migration({ view, session, gate, cutOverAt }: HomePageProps) {
  const text = homeTexts[view.locale];
  if (session.kind === 'unified') return null;
  if (gate.phase === 'unified') {
    return (
      <Notice
        tone="info"
        toneLabel={text.moved.label}
        title={text.moved.title(view.brand.texts[view.locale].name)}
      >
        <Text>{text.moved.body}</Text>
      </Notice>
    );
  }
  if (!gate.legacyLink) return null;
  return (
    <Callout
      id="unified"
      title={text.move.title}
      action={
        <LinkButton kind="secondary" href={unifiedStartUrl({ returnPath: routes.home })}>
          {text.move.link}
        </LinkButton>
      }
    >
      <Text>{text.move.body}</Text>
      <Text>
        {text.move.independent}
        {cutOverAt === null ? null : <> {text.move.until(momentText(cutOverAt, view.locale))}</>}
      </Text>
    </Callout>
  );
}

function SignInPanel({ view, session }: HomePageProps) {
  const text = homeTexts[view.locale].signIn;
  return (
    <Panel title={text.title}>
      <DefinitionList
        items={[
          { term: text.way, description: <Way kind={session.kind} view={view} /> },
          { term: text.startedAt, description: <Moment at={session.startedAt} view={view} /> },
          { term: text.lastSeenAt, description: <Moment at={session.lastSeenAt} view={view} /> },
        ]}
      />
    </Panel>
  );
}

function ProfilePanel({ view, person }: HomePageProps) {
  const text = homeTexts[view.locale].profile;
  return (
    <Panel title={text.title} action={<TextLink href={routes.settings}>{text.settings}</TextLink>}>
      <DefinitionList
        items={[
          { term: text.company, description: <Name>{person.company}</Name> },
          { term: text.name, description: <Name>{person.name}</Name> },
          { term: text.emailAddress, description: <Literal>{person.emailAddress}</Literal> },
        ]}
      />
    </Panel>
  );
}

function RecentPanel({ view, recent }: HomePageProps) {
  const text = homeTexts[view.locale].recent;
  return (
    <Panel title={text.title}>
      <Table
        caption={text.caption}
        captionHidden
        columns={[{ label: text.at, rowHeader: true }, { label: text.way }]}
        rows={recent.map((one, index) => ({
          key: String(index),
          cells: [
            <>
              {<Moment at={one.startedAt} view={view} />}
              {one.current ? ` (${text.here})` : null}
            </>,
            <Way kind={one.kind} view={view} />,
          ],
        }))}
      />
      <Text quiet>{text.stranger}</Text>
    </Panel>
  );
}

function Way({ kind, view }: { kind: 'legacy' | 'unified'; view: View }) {
  const text = homeTexts[view.locale].signIn.kinds;
  return kind === 'unified' ? (
    <Chip tone="success" shape="check">
      {text.unified}
    </Chip>
  ) : (
    <Chip tone="neutral" shape="ring">
      {text.legacy}
    </Chip>
  );
}

function Moment({ at, view }: { at: Date; view: View }) {
  return <time dateTime={at.toISOString()}>{momentText(at, view.locale)}</time>;
}
