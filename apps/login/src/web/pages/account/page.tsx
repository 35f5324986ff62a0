import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Literal,
  Name,
  Notice,
  RadioGroup,
  Section,
  SentenceWith,
  StatusList,
  Text,
  TextLink,
  Unseen,
  type StatusItem,
} from '@hitokagi/design-system';
import { browserName } from '#domain/sessions/browser-name.ts';
import type { SignedInBrowser } from '#domain/sessions/browsers.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { EventList, type ShownEvent } from './event-list.tsx';
import { ACCOUNT_FIELD } from './person.ts';
import { texts } from './text.ts';

export type AccountView = {
  accountId: string;
  name: string;
  emailAddress: string;
  browsers: readonly SignedInBrowser[];
  sessionUid: string;
  consoleName: (clientId: string) => string;
  events: readonly ShownEvent[];
  passwordSetAt: Date | null;
  /** The language of pages and mails that the account chose, or that the page is in. */
  language: Locale;
  notice: 'already-ended' | 'other-person' | undefined;
};

/** The person's own page (R11): where they are signed in, what happened lately, password, language. */
export function accountPage(shell: Shell, view: AccountView): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>
          {view.name === '' ? null : <Name>{t.person(view.name)}</Name>}{' '}
          <SentenceWith text={t.signedInAs} literal={view.emailAddress} />
        </Lead>
        {view.notice === undefined ? null : (
          <Notice tone="warning" toneLabel={t.information} live>
            {t.notices[view.notice]}
          </Notice>
        )}
      </>
    ),
    children: (
      <>
        <LinkButton href="/" wide>
          {t.consoles}
        </LinkButton>
        <Browsers shell={shell} view={view} />
        <Section id="activity" title={t.activity.title}>
          {view.events.length === 0 ? (
            <Text>{t.activity.none}</Text>
          ) : (
            <>
              <EventList locale={shell.locale} label={t.activity.title} events={view.events} />
              <Text>
                <TextLink href="/account/activity">{t.activity.all}</TextLink>
              </Text>
            </>
          )}
        </Section>
        <Section id="password" title={t.password.title}>
          {view.passwordSetAt === null ? null : (
            <Text>{t.password.setAt(japanTime(view.passwordSetAt, shell.locale))}</Text>
          )}
          <LinkButton href="/account/password" kind="secondary" wide>
            {t.password.change}
          </LinkButton>
        </Section>
        <Section id="language" title={t.language.title}>
          <Form action="/language" hidden={[{ name: 'return_path', value: '/account' }]}>
            <RadioGroup
              id="lang"
              name="lang"
              label={t.language.label}
              value={view.language}
              choices={[
                { value: 'ja', label: '日本語' },
                { value: 'en', label: 'English' },
              ]}
            />
            <FormActions>
              <Button kind="secondary" wide>
                {t.language.save}
              </Button>
            </FormActions>
          </Form>
        </Section>
        <Form action="/sign-out">
          <FormActions>
            <Button kind="secondary" wide>
              {t.signOut}
            </Button>
          </FormActions>
        </Form>
      </>
    ),
  });
}

function Browsers({ shell, view }: { shell: Shell; view: AccountView }) {
  const t = texts[shell.locale].browsers;
  const here = view.browsers.filter((browser) => browser.uid === view.sessionUid);
  const others = view.browsers.filter((browser) => browser.uid !== view.sessionUid);
  const hidden = [{ name: ACCOUNT_FIELD, value: view.accountId }];
  return (
    <Section id="browsers" title={t.title}>
      {others.length === 0 ? null : <Text>{t.lead}</Text>}
      <StatusList
        label={t.title}
        items={[...here, ...others].map((browser) => browserItem(shell, view, browser))}
      />
      {others.length === 0 ? <Text>{t.onlyHere}</Text> : null}
      {others.length < 2 ? null : (
        <Form action="/account/browsers/end-others" hidden={hidden}>
          <FormActions>
            <Button kind="secondary" wide>
              {t.endOthers(others.length)}
            </Button>
          </FormActions>
        </Form>
      )}
    </Section>
  );
}

function browserItem({ locale }: Shell, view: AccountView, browser: SignedInBrowser): StatusItem {
  const t = texts[locale].browsers;
  const name = browserName(browser.userAgent, locale);
  const isHere = browser.uid === view.sessionUid;
  const consoles = browser.clientIds.map((clientId) => view.consoleName(clientId));
  return {
    name,
    state: isHere
      ? { tone: 'success', shape: 'check', label: t.here }
      : browser.state === 'living'
        ? { tone: 'info', shape: 'circle', label: t.living }
        : { tone: 'neutral', shape: 'clock', label: t.runOut },
    detail: (
      <>
        {browser.state === 'run-out' ? <Text quiet>{t.runOutNote}</Text> : null}
        <DefinitionList
          compact
          items={[
            {
              term: t.place,
              description: browser.clientIp === null ? t.unknownPlace : <Literal>{browser.clientIp}</Literal>,
            },
            { term: t.since, description: japanTime(browser.signedInAt, locale) },
            { term: t.seen, description: japanTime(browser.seenAt, locale) },
            {
              term: t.consoles,
              description:
                consoles.length === 0
                  ? t.noConsoles
                  : consoles.map((one, index) => [index === 0 ? null : <br />, <Name>{one}</Name>]),
            },
          ]}
        />
      </>
    ),
    ...(isHere
      ? {}
      : {
          action: (
            <Form
              action="/account/browsers/end"
              hidden={[
                { name: ACCOUNT_FIELD, value: view.accountId },
                { name: 'browser', value: browser.uid },
              ]}
            >
              <Button kind="secondary" small>
                <Unseen>{t.end(name)} </Unseen>
                {t.endButton}
              </Button>
            </Form>
          ),
        }),
  };
}
