import {
  Button,
  Form,
  LinkButton,
  Pager,
  PageHead,
  Panel,
  RefreshRegion,
  TextField,
} from '@hitokagi/design-system';
import type { StoredMessage } from '../message.ts';
import { formatCount, formatTime } from './format.ts';
import { listUrl, messageUrl, type ListView } from './list-view.ts';
import { Shell } from './shell.tsx';
import { texts, type Language } from './texts.ts';

const REFRESH_SECONDS = 5;
const EXCERPT_CHARACTERS = 120;

/** The received mails, newest first, with a search by recipient. */
export function ListPage({ lang, view, smtpPort }: { lang: Language; view: ListView; smtpPort: number }) {
  const words = texts[lang].list;
  const clear = (
    <LinkButton href="/clear" kind="secondary" small>
      {words.clear}
    </LinkButton>
  );
  return (
    <Shell lang={lang} title={words.title}>
      <PageHead title={words.title} actions={clear} />
      <Search lang={lang} view={view} />
      <Panel>
        <RefreshRegion id="mails" url={listUrl(view)} seconds={view.live ? REFRESH_SECONDS : undefined}>
          <p class="mb-count">{countText(lang, view)}</p>
          {view.found === 0 ? (
            <Empty lang={lang} view={view} smtpPort={smtpPort} />
          ) : (
            <Mails lang={lang} view={view} />
          )}
        </RefreshRegion>
      </Panel>
      <p class="mb-refresh">
        <span>{view.live ? words.live : words.still}</span>
        <a href={listUrl(view)}>{words.reload}</a>
        <a href={listUrl({ ...view, live: !view.live })}>{view.live ? words.pause : words.resume}</a>
      </p>
    </Shell>
  );
}

function Search({ lang, view }: { lang: Language; view: ListView }) {
  const words = texts[lang].list;
  return (
    <div class="mb-search">
      <Form action="/" method="get" role="search" label={words.searchLabel}>
        <TextField
          id="to"
          name="to"
          label={words.recipient}
          help={words.recipientHelp}
          value={view.to}
          inputMode="email"
          enterKeyHint="search"
          autocomplete="off"
        />
        <Button kind="secondary">{words.search}</Button>
        {view.to !== '' && (
          <LinkButton href="/" kind="text">
            {words.showAll}
          </LinkButton>
        )}
      </Form>
    </div>
  );
}

function Mails({ lang, view }: { lang: Language; view: ListView }) {
  return (
    <>
      <ol class="mb-mails" start={view.first}>
        {view.messages.map((message) => (
          <MailRow key={message.id} lang={lang} message={message} />
        ))}
      </ol>
      {view.found > view.messages.length && <Steps lang={lang} view={view} />}
    </>
  );
}

function MailRow({ lang, message }: { lang: Language; message: StoredMessage }) {
  const words = texts[lang].list;
  return (
    <li class="mb-mail">
      <p class="mb-mail-subject">
        <a href={messageUrl(message.id)}>{message.subject || words.noSubject}</a>
      </p>
      <p class="mb-mail-excerpt">{excerpt(message)}</p>
      <p class="mb-mail-to">
        <span>{words.recipient}</span> <span>{message.to}</span>
      </p>
      <p class="mb-mail-from">
        <span>{words.sender}</span> <span>{message.fromHeader || message.from}</span>
      </p>
      <p class="mb-mail-time">
        <time dateTime={message.receivedAt}>{formatTime(message.receivedAt, lang)}</time>
      </p>
    </li>
  );
}

function Steps({ lang, view }: { lang: Language; view: ListView }) {
  const words = texts[lang].list;
  const last = view.first + view.messages.length - 1;
  const to = (page: number, label: string) => ({ href: listUrl({ ...view, page }), label });
  return (
    <Pager
      label={words.pager}
      position={words.position(formatCount(view.first), formatCount(last), formatCount(view.found))}
      previous={view.page > 1 ? to(view.page - 1, words.newer) : undefined}
      next={last < view.found ? to(view.page + 1, words.older) : undefined}
    />
  );
}

function Empty({ lang, view, smtpPort }: { lang: Language; view: ListView; smtpPort: number }) {
  const words = texts[lang].list;
  return <p class="mb-empty">{view.kept === 0 ? words.empty(String(smtpPort)) : words.noneFound}</p>;
}

function countText(lang: Language, view: ListView): string {
  const words = texts[lang].list;
  const count = formatCount(view.found);
  return view.to === '' ? words.count(count) : words.countFor(count, view.to);
}

function excerpt({ text, html }: StoredMessage): string {
  const plain = text || html.replace(/<style[\s\S]*?<\/style>|<[^>]*>/gi, ' ');
  return plain.replace(/\s+/g, ' ').trim().slice(0, EXCERPT_CHARACTERS);
}
