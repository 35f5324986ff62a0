import { once } from 'node:events';
import type { OutgoingFields, Pdu, Session } from '../src/smpp.d.ts';
import { smpp } from '../src/smpp-library.ts';

type Command =
  | 'bind_transceiver'
  | 'bind_transmitter'
  | 'bind_receiver'
  | 'submit_sm'
  | 'query_sm'
  | 'enquire_link'
  | 'unbind';

/** An SMPP client over a real socket: `ask` waits for the response, `receipts` collects what the carrier delivers. */
export type Sender = {
  readonly session: Session;
  readonly receipts: Pdu[];
  ask(command: Command, fields?: OutgoingFields): Promise<Pdu>;
  send(to: string, message: OutgoingFields['short_message'], more?: OutgoingFields): Promise<Pdu>;
  nextReceipt(): Promise<Pdu>;
};

/** Connects; receipts are acknowledged with `acknowledge` (a command status), or not at all when it is 'never'. */
export async function connect(port: number, acknowledge: number | 'never' = 0): Promise<Sender> {
  const session = smpp.connect({ host: '127.0.0.1', port });
  session.on('error', () => session.destroy());
  await once(session, 'connect');
  session.on('unbind', (pdu: Pdu) => {
    session.send(pdu.response());
    session.close();
  });
  const receipts: Pdu[] = [];
  session.on('deliver_sm', (pdu: Pdu) => {
    receipts.push(pdu);
    if (acknowledge !== 'never') session.send(pdu.response({ command_status: acknowledge }));
    session.emit('receipt', pdu);
  });
  const ask = (command: Command, fields: OutgoingFields = {}) =>
    new Promise<Pdu>((resolve) => session[command](fields, resolve));
  return {
    session,
    receipts,
    ask,
    send: (to, message, more) =>
      ask('submit_sm', {
        source_addr: '0312345678',
        destination_addr: to,
        registered_delivery: 1,
        ...(message !== undefined && { short_message: message }),
        ...more,
      }),
    nextReceipt: async () => ((await once(session, 'receipt')) as [Pdu])[0],
  };
}

/** Connects and binds as a transceiver. */
export async function bound(port: number, systemId = 'sample'): Promise<Sender> {
  const sender = await connect(port);
  await sender.ask('bind_transceiver', { system_id: systemId, password: 'mihon' });
  return sender;
}
