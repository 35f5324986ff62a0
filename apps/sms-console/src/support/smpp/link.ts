import { isIP } from 'node:net';
import { SECOND } from '#support/primitives/durations.ts';
import { smpp } from './smpp-library.ts';
import type { Pdu, PduFields, Session } from './smpp.d.ts';

export type LinkSettings = {
  readonly host: string;
  readonly port: number;
  /** Over TLS, with this certificate authority in PEM instead of the known ones if one is given. */
  readonly tls: { readonly ca?: string } | null;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Silence in milliseconds after which the other side is asked whether it is there. */
  readonly enquireInterval: number;
  /** Milliseconds within which everything asked must be answered; else the connection is taken for dead. */
  readonly answerTimeout: number;
};

/** Why a link ended; `status` is the gateway's answer to a bind that it refused. */
export type LinkEnd = { readonly reason: LinkEndReason; readonly status?: number; readonly detail?: string };
type LinkEndReason = 'refused' | 'silent' | 'garbage' | 'broken' | 'closed-by-gateway' | 'closed';

export type LinkEvents = {
  onBound(): void;
  /** A deliver_sm arrived. It is answered by whoever handles it; unanswered ones come again. */
  onDeliver(pdu: Pdu, answer: (status: number) => void): void;
  /** Called once; after it no other event comes. */
  onEnd(end: LinkEnd): void;
};

/** `taken` and `refused` are the gateway's answers; `in-doubt`: written, and the link ended before an answer came. */
export type SubmitAnswer =
  | { readonly kind: 'taken'; readonly messageId: string }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'in-doubt' };

export type Link = {
  /** Writes a submit_sm. False: nothing was written, and `onAnswer` is never called; else it is called exactly once. */
  submit(fields: PduFields, onAnswer: (answer: SubmitAnswer) => void): boolean;
  /** Unbinds and ends; what is unanswered then is in doubt. */
  close(): void;
};

const SMPP_3_4 = 0x34;
const UNBIND_GRACE = SECOND;

/**
 * One SMPP 3.4 connection as a client (ESME), bound as transceiver: connects, binds, answers and asks enquire_link, notices
 * silence and garbage, and ends once. It does not come again: whoever opened it opens another.
 */
export function openLink(settings: LinkSettings, events: LinkEvents): Link {
  const session = connect(settings);
  /** When each was written; the oldest first. */
  const unanswered = new Map<(answer: SubmitAnswer) => void, number>();
  let state: 'opening' | 'bound' | 'leaving' | 'ended' = 'opening';
  let heardAt = performance.now();
  let askedAt: number | null = null;

  const watch = setInterval(() => look(performance.now()), SECOND / 4);
  watch.unref();

  session.on(settings.tls ? 'secureConnect' : 'connect', () => {
    session.socket.setNoDelay(true);
    session.bind_transceiver(
      {
        system_id: settings.systemId,
        password: settings.password,
        system_type: settings.systemType,
        interface_version: SMPP_3_4,
      },
      onBindAnswer,
    );
  });
  session.on('pdu', (pdu: Pdu) => {
    heardAt = performance.now();
    if (state === 'ended' || pdu.isResponse()) return;
    try {
      onRequest(pdu);
    } catch (error) {
      end({ reason: 'garbage', detail: String(error) });
    }
  });
  session.on('error', (error: Error & { code?: string }) =>
    end(
      error.code === undefined || error instanceof RangeError
        ? { reason: 'garbage', detail: error.message }
        : { reason: 'broken', detail: error.code },
    ),
  );
  session.on('close', () => end({ reason: state === 'leaving' ? 'closed' : 'closed-by-gateway' }));

  return {
    submit(fields, onAnswer) {
      if (state !== 'bound') return false;
      const written = session.submit_sm(fields, (response) => {
        if (unanswered.delete(onAnswer)) onAnswer(readAnswer(response));
      });
      if (written) unanswered.set(onAnswer, performance.now());
      return written;
    },
    close() {
      if (state === 'ended' || state === 'leaving') return;
      if (state === 'opening') return end({ reason: 'closed' });
      state = 'leaving';
      session.unbind({}, () => end({ reason: 'closed' }));
      setTimeout(() => end({ reason: 'closed' }), UNBIND_GRACE).unref();
    },
  };

  function onBindAnswer(response: Pdu): void {
    if (state !== 'opening') return;
    if (response.command_status !== 0) return end({ reason: 'refused', status: response.command_status });
    if (response.command !== 'bind_transceiver_resp') return end({ reason: 'garbage' });
    state = 'bound';
    events.onBound();
  }

  function onRequest(pdu: Pdu): void {
    switch (pdu.command) {
      case 'enquire_link':
        session.send(pdu.response());
        return;
      case 'deliver_sm':
        return events.onDeliver(pdu, (status) => void session.send(pdu.response({ command_status: status })));
      case 'unbind':
        session.send(pdu.response());
        return end({ reason: 'closed-by-gateway' });
      case 'outbind':
      case 'alert_notification':
        return; // SMPP 3.4 knows no answer to these.
      default:
        session.send(unknownCommand(pdu));
    }
  }

  /** Whoever is asked answers in time, or is gone: a connection can be dead for hours without an error. */
  function look(now: number): void {
    const late = (since: number): boolean => now - since > settings.answerTimeout;
    if (state === 'opening' && late(heardAt)) return end({ reason: 'silent' });
    if (askedAt !== null && late(askedAt)) return end({ reason: 'silent' });
    for (const [onAnswer, writtenAt] of unanswered) {
      if (!late(writtenAt)) break;
      if (late(heardAt)) return end({ reason: 'silent' });
      // The others are answered: only this one is lost.
      unanswered.delete(onAnswer);
      onAnswer({ kind: 'in-doubt' });
    }
    if (state !== 'bound' || askedAt !== null || now - heardAt < settings.enquireInterval) return;
    askedAt = now;
    session.enquire_link({}, () => (askedAt = null));
  }

  function end(how: LinkEnd): void {
    if (state === 'ended') return;
    state = 'ended';
    clearInterval(watch);
    // What was just written (the answer to an unbind) may still leave; what hangs is cut.
    session.socket.end();
    setTimeout(() => session.destroy(), UNBIND_GRACE).unref();
    if (how.reason !== 'closed' && how.reason !== 'closed-by-gateway') session.destroy();
    for (const onAnswer of unanswered.keys()) onAnswer({ kind: 'in-doubt' });
    unanswered.clear();
    events.onEnd(how);
  }
}

function connect({ host, port, tls }: LinkSettings): Session {
  if (tls === null) return smpp.connect({ host, port });
  // RFC 6066, 3: a server name is no IP address.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return smpp.connect({ host, port, tls: true, ...name, ...(tls.ca && { ca: tls.ca }) });
}

/** A generic_nack to a submit_sm is a refusal like any other: the message was not taken. */
function readAnswer(response: Pdu): SubmitAnswer {
  if (response.command_status !== 0) return { kind: 'refused', status: response.command_status };
  if (response.command !== 'submit_sm_resp') return { kind: 'in-doubt' };
  return { kind: 'taken', messageId: textField(response.message_id) };
}

/** The library gives fields that a peer left out as undefined. */
function textField(value: string | undefined): string {
  return (value ?? '').trim();
}

/** The library answers only unknown commands this way; a known one that a client does not serve gets the same. */
function unknownCommand(pdu: Pdu): Pdu {
  return Object.assign(pdu, { command: 'unknown' }).response({
    command_status: smpp.errors.ESME_RINVCMDID ?? 3,
  });
}
