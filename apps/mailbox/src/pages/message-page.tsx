import { Columns, DefinitionList, Literal, PageHead, Panel } from '@hitokagi/design-system';
import type { StoredMessage } from '../message.ts';
import { formatTime } from './format.ts';
import { messageUrl } from './list-view.ts';
import { Shell } from './shell.tsx';
import { texts, type Language } from './texts.ts';

/** One mail: who, when, its text and HTML beside each other, and what came over the wire. */
export function MessagePage({ lang, message }: { lang: Language; message: StoredMessage }) {
  const words = texts[lang].message;
  const title = message.subject || texts[lang].list.noSubject;
  const url = messageUrl(message.id);
  return (
    <Shell lang={lang} title={title}>
      <PageHead title={title} trail={[{ href: '/', label: words.back }]} />
      <Panel>
        <Facts lang={lang} message={message} />
      </Panel>
      <Columns>
        <Panel title={words.text}>
          {message.text === '' ? <p>{words.noText}</p> : <MailText text={message.text} />}
        </Panel>
        <Panel title={words.html} action={message.html && <a href={`${url}/html`}>{words.openHtml}</a>}>
          {message.html === '' ? (
            <p>{words.noHtml}</p>
          ) : (
            <iframe
              class="mb-html"
              title={words.htmlFrame}
              src={`${url}/html`}
              sandbox="allow-popups allow-popups-to-escape-sandbox"
            />
          )}
        </Panel>
      </Columns>
      <Panel title={words.source} action={<a href={`${url}/source`}>{words.openSource}</a>}>
        <details class="mb-source">
          <summary>{words.showSource}</summary>
          <pre tabIndex={0}>{message.headers}</pre>
        </details>
      </Panel>
    </Shell>
  );
}

function Facts({ lang, message }: { lang: Language; message: StoredMessage }) {
  const words = texts[lang].message;
  return (
    <DefinitionList
      items={[
        { term: words.from, description: message.fromHeader || message.from },
        { term: words.to, description: message.toHeader },
        { term: words.delivered, description: <Literal>{message.to}</Literal> },
        { term: words.bounces, description: message.envelopeFrom || words.noBounces },
        {
          term: words.received,
          description: <time dateTime={message.receivedAt}>{formatTime(message.receivedAt, lang)}</time>,
        },
      ]}
    />
  );
}

/** The text as typed, with its web addresses to click. */
function MailText({ text }: { text: string }) {
  const pieces = text.split(/(https?:\/\/[^\s<>"'「」()（）]+)/);
  return (
    <pre class="mb-text">
      {pieces.map((piece, index) =>
        index % 2 === 0 ? (
          piece
        ) : (
          <a key={index} href={piece} target="_blank" rel="noopener noreferrer">
            {piece}
          </a>
        ),
      )}
    </pre>
  );
}
