import type { Behaviour } from './behaviour.ts';
import { commandStatus, type CommandStatusName } from './command-status.ts';
import { outcomeFor } from './outcomes.ts';
import type { SecondCounter, Shares } from './quotas.ts';
import type { ReceiptDesk } from './receipt-desk.ts';
import type { Pdu, PduFields, Session } from './smpp.d.ts';
import { readSubmit, type SubmitLog } from './submits.ts';

const SYSTEM_ID = 'hitokagi-carrier';
const SMPP_VERSION = 0x34;

type Bind = { readonly systemId: string; readonly sends: boolean; readonly end: () => void };

/** What a session needs from the gateway that it belongs to. */
export type GatewayParts = {
  readonly clock: () => Date;
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly receipts: ReceiptDesk;
  readonly submitLog: SubmitLog;
  readonly nextMessageId: () => string;
  /** Told of each bind; what it returns is called at its end. */
  readonly onBound: (systemId: string) => () => void;
  readonly behaviour: () => Behaviour;
  readonly shares: Shares;
  readonly perSecond: SecondCounter;
  readonly credentials: { readonly systemId: string; readonly password: string } | undefined;
};

/**
 * Serves one connection until it ends. Whatever arrives, only this connection can suffer: what cannot be
 * decoded ends it, what cannot be served is answered with a command status.
 */
export function serveSession(session: Session, gateway: GatewayParts): void {
  let bind: Bind | undefined;
  let submitted = 0;

  session.on('pdu', (pdu: Pdu) => {
    if (pdu.isResponse()) return;
    try {
      answer(pdu);
    } catch (error) {
      gateway.log('pdu-failed', { command: pdu.command, error: String(error) });
      session.destroy();
    }
  });
  session.on('error', (error: Error) => {
    gateway.log('connection-broken', { error: error.message });
    session.destroy();
  });
  session.on('close', () => {
    bind?.end();
    bind = undefined;
  });

  function answer(pdu: Pdu): void {
    switch (pdu.command) {
      case 'bind_transceiver':
      case 'bind_transmitter':
      case 'bind_receiver':
        return answerBind(pdu);
      case 'submit_sm':
        return answerSubmit(pdu);
      case 'enquire_link':
        return gateway.behaviour().answersEnquireLink ? reply(pdu) : undefined;
      case 'unbind':
        reply(pdu);
        return session.close();
      case 'outbind':
      case 'alert_notification':
        return; // SMPP 3.4 knows no response to these.
      default:
        session.send(genericNack(pdu));
    }
  }

  function answerBind(pdu: Pdu): void {
    const { refuseBinds } = gateway.behaviour();
    const status = bind
      ? commandStatus.ESME_RALYBND
      : refuseBinds
        ? commandStatus[refuseBinds]
        : bindStatus(pdu, gateway.credentials);
    if (status !== commandStatus.ESME_ROK) {
      gateway.log('bind-refused', { systemId: pdu.system_id ?? '', status });
      return reply(pdu, { command_status: status });
    }
    const systemId = pdu.system_id ?? '';
    const receives = pdu.command !== 'bind_transmitter';
    reply(pdu, { system_id: SYSTEM_ID, sc_interface_version: SMPP_VERSION });
    gateway.log('bound', { systemId, command: pdu.command });
    const unbound = gateway.onBound(systemId);
    const endReceiving = receives ? gateway.receipts.open({ session, systemId }) : () => undefined;
    bind = {
      systemId,
      sends: pdu.command !== 'bind_receiver',
      end() {
        unbound();
        endReceiving();
      },
    };
  }

  function answerSubmit(pdu: Pdu): void {
    if (!bind?.sends) return reply(pdu, { command_status: commandStatus.ESME_RINVBNDSTS });
    const outcome = outcomeFor(pdu.destination_addr ?? '');
    if (outcome.kind === 'refused') return reply(pdu, { command_status: outcome.status });
    const behaviour = gateway.behaviour();
    if (
      behaviour.perSecond > 0 &&
      !gateway.perSecond.allows(bind.systemId, behaviour.perSecond, gateway.clock())
    )
      return reply(pdu, { command_status: commandStatus.ESME_RTHROTTLED });
    for (const [name, share] of Object.entries(behaviour.refusals) as [CommandStatusName, number][])
      if (gateway.shares.isDue(name, share)) return reply(pdu, { command_status: commandStatus[name] });
    const messageId = gateway.nextMessageId();
    const submit = readSubmit(pdu, { messageId, systemId: bind.systemId, now: gateway.clock() });
    gateway.submitLog.add(submit);
    submitted += 1;
    if (behaviour.receipts === 'early') gateway.receipts.deliverNow(submit, outcome.final);
    else gateway.receipts.schedule(submit, outcome.final);
    if (behaviour.cutAfter > 0 && submitted > behaviour.cutAfter) return session.destroy();
    if (gateway.shares.isDue('unanswered', behaviour.unanswered)) return;
    if (behaviour.answerDelayMs === 0) return reply(pdu, { message_id: messageId });
    setTimeout(() => reply(pdu, { message_id: messageId }), behaviour.answerDelayMs).unref();
  }

  function reply(pdu: Pdu, fields: PduFields = {}): void {
    session.send(pdu.response(fields));
  }
}

function bindStatus(pdu: Pdu, expected: GatewayParts['credentials']): number {
  if (!pdu.system_id || (expected && pdu.system_id !== expected.systemId))
    return commandStatus.ESME_RINVSYSID;
  if (!pdu.password || (expected && pdu.password !== expected.password)) return commandStatus.ESME_RINVPASWD;
  return commandStatus.ESME_ROK;
}

/** The library answers only unknown commands this way; a known one that we do not serve gets the same. */
function genericNack(pdu: Pdu): Pdu {
  return Object.assign(pdu, { command: 'unknown' }).response({
    command_status: commandStatus.ESME_RINVCMDID,
  });
}
