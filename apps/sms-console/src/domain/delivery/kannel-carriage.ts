import { encodingOf, lineBreaksAsSent } from '#domain/message-text/message-text.ts';
import { askSmsbox } from '#support/kannel/smsbox.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import type { Carriage, CarriageEvents, CarriageLink } from './carriage.ts';
import type { PartOutcome } from './decide.ts';
import type { KannelSettings } from './gateway-settings.ts';
import { FINAL_RECEIPTS, readKannelAnswer } from './kannel-answers.ts';
import { receiptPath } from './receipt-path.ts';
import { numberFor, type Sendable } from './submit.ts';

/** A message as smsbox is asked to send it; `id` is ours, and comes back with its receipt. */
type KannelPart = { readonly id: string; readonly query: Readonly<Record<string, string>> };

/**
 * Messages to Kannel by the HTTP interface of its smsbox, whole: Kannel cuts long ones itself and asks its carrier for one receipt of
 * each. There is no bind; that smsbox answers at all is taken for one, and a request that is not answered ends it.
 */
export function kannelCarriage(settings: KannelSettings): Carriage<KannelPart> {
  return {
    plan: (message) => [{ id: message.id, query: queryOf(message, settings) }],
    open: (events) => openKannel(settings, events),
  };
}

function openKannel(settings: KannelSettings, events: CarriageEvents): CarriageLink<KannelPart> {
  const leaving = new AbortController();
  const unanswered = new Set<(outcome: PartOutcome) => void>();
  let state: 'opening' | 'ready' | 'ended' = 'opening';
  const ask = (query: KannelPart['query']) =>
    askSmsbox(settings.url, query, { timeout: settings.answerSeconds, signal: leaving.signal });

  // Without a name it is refused, and that is an answer.
  void ask({}).then((answer) => {
    if (state !== 'opening') return;
    if (answer.kind !== 'answered') return end(answer.detail);
    if (answer.status >= 500) return end(`HTTP ${answer.status}`);
    state = 'ready';
    events.onReady();
  });

  async function send({ id, query }: KannelPart): Promise<PartOutcome> {
    const answer = await ask(query);
    if (answer.kind === 'answered') return readKannelAnswer(answer.status, answer.text, id);
    end(answer.detail);
    return { kind: answer.kind === 'not-connected' ? 'unsent' : 'in-doubt' };
  }

  function end(why: string): void {
    if (state === 'ended') return;
    state = 'ended';
    events.onEnd(why);
  }

  return {
    submit(part, onOutcome) {
      if (state !== 'ready') return false;
      unanswered.add(onOutcome);
      void send(part).then((outcome) => {
        if (unanswered.delete(onOutcome)) onOutcome(outcome);
      });
      return true;
    },
    close() {
      end('closed');
      leaving.abort();
      for (const onOutcome of unanswered) onOutcome({ kind: 'in-doubt' });
      unanswered.clear();
    },
  };
}

/** Kannel user guide, "SMS Push (send-sms) CGI variables": coding 0 is GSM 03.38, 2 is UCS-2; validity is in minutes. */
function queryOf(message: Sendable, settings: KannelSettings): Readonly<Record<string, string>> {
  const text = lineBreaksAsSent(message.body);
  return {
    username: settings.username,
    password: settings.password,
    ...(settings.smsc !== undefined && { smsc: settings.smsc }),
    ...(settings.sender !== '' && { from: settings.sender }),
    to: numberFor(message.recipient, settings.numbers),
    text,
    charset: 'UTF-8',
    coding: encodingOf(text) === 'gsm7' ? '0' : '2',
    validity: String(Math.max(1, Math.ceil(message.validFor / MINUTE))),
    ...(settings.receipts && {
      'dlr-mask': String(FINAL_RECEIPTS),
      'dlr-url': receiptUrl(settings, message.id),
    }),
  };
}

/** Kannel puts its report in the place of %d and the carrier's words in that of %A. */
function receiptUrl({ receiptsTo, name, receiptSecret }: KannelSettings, message: string): string {
  const path = receiptPath({ gateway: name, secret: receiptSecret, message });
  return `${receiptsTo}${path}?type=%d&answer=%A`;
}
