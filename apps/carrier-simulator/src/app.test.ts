import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bound, connect } from '../test/sender.ts';
import { buildCarrier, type Carrier } from './app.ts';
import { commandStatus } from './command-status.ts';
import type { Pdu } from './smpp.d.ts';
import { smpp } from './smpp-library.ts';

const noon = new Date('2026-11-21T03:04:05.678Z'); // 12:04 in Japan
let carrier: Carrier;

beforeEach(async () => {
  carrier = buildCarrier({ port: 0, clock: () => noon, receiptDelayMs: 20 });
  await carrier.start();
});
afterEach(() => carrier.stop());

describe('R29: binding', () => {
  test.each(['bind_transceiver', 'bind_transmitter', 'bind_receiver'] as const)(
    '%s opens a session',
    async (bind) => {
      const sender = await connect(carrier.port);
      const response = await sender.ask(bind, { system_id: 'sample', password: 'mihon' });
      expect(response).toMatchObject({
        command: `${bind}_resp`,
        command_status: 0,
        system_id: 'hitokagi-carrier',
      });
    },
  );

  test('an empty system id or password is refused, and the connection may try again', async () => {
    const sender = await connect(carrier.port);
    const noName = await sender.ask('bind_transceiver', { system_id: '', password: 'mihon' });
    const noPassword = await sender.ask('bind_transceiver', { system_id: 'sample', password: '' });
    const good = await sender.ask('bind_transceiver', { system_id: 'sample', password: 'mihon' });
    expect(noName.command_status).toBe(commandStatus.ESME_RINVSYSID);
    expect(noPassword.command_status).toBe(commandStatus.ESME_RINVPASWD);
    expect(good.command_status).toBe(0);
  });

  test('with configured credentials only these bind', async () => {
    const strict = buildCarrier({
      port: 0,
      clock: () => noon,
      credentials: { systemId: 'zettai', password: 'mihon' },
    });
    await strict.start();
    const sender = await connect(strict.port);
    const stranger = await sender.ask('bind_transceiver', { system_id: 'other', password: 'mihon' });
    const mistyped = await sender.ask('bind_transceiver', { system_id: 'zettai', password: 'wrong' });
    const right = await sender.ask('bind_transceiver', { system_id: 'zettai', password: 'mihon' });
    await strict.stop();
    expect([stranger, mistyped, right].map((response) => response.command_status)).toEqual([
      commandStatus.ESME_RINVSYSID,
      commandStatus.ESME_RINVPASWD,
      0,
    ]);
  });

  test('a second bind, a submit before any bind and a submit by a receiver are refused', async () => {
    const sender = await connect(carrier.port);
    const early = await sender.send('09012345678', 'hello');
    await sender.ask('bind_receiver', { system_id: 'sample', password: 'mihon' });
    const again = await sender.ask('bind_receiver', { system_id: 'sample', password: 'mihon' });
    const receiverSends = await sender.send('09012345678', 'hello');
    expect(early.command_status).toBe(commandStatus.ESME_RINVBNDSTS);
    expect(again.command_status).toBe(commandStatus.ESME_RALYBND);
    expect(receiverSends.command_status).toBe(commandStatus.ESME_RINVBNDSTS);
    expect(carrier.submits()).toEqual([]);
  });

  test('enquire_link is answered, unbind is answered and ends the connection', async () => {
    const sender = await bound(carrier.port);
    expect((await sender.ask('enquire_link')).command).toBe('enquire_link_resp');
    const closed = once(sender.session, 'close');
    expect((await sender.ask('unbind')).command).toBe('unbind_resp');
    await closed;
  });

  test('a command that it does not serve gets generic_nack with the same sequence number', async () => {
    const sender = await bound(carrier.port);
    const response = await sender.ask('query_sm', { message_id: '1', source_addr: '1' });
    expect(response).toMatchObject({ command: 'generic_nack', command_status: commandStatus.ESME_RINVCMDID });
  });
});

describe('R29: outcomes by destination', () => {
  test('a message is accepted with an id and its receipt follows in the standard text', async () => {
    const sender = await bound(carrier.port);
    const receipt = sender.nextReceipt();
    const response = await sender.send('819012345678', 'Your code is 1234 5678, valid for ten minutes.');
    expect(response.command_status).toBe(0);
    const delivered = await receipt;
    expect(receiptText(delivered)).toBe(
      `id:${response.message_id} sub:001 dlvrd:001 submit date:2611211204 done date:2611211204 ` +
        'stat:DELIVRD err:000 text:Your code is 1234 56',
    );
    expect(delivered).toMatchObject({
      source_addr: '819012345678',
      destination_addr: '0312345678',
      esm_class: 4,
      receipted_message_id: response.message_id,
      message_state: 2,
    });
  });

  test.each([
    ['09012345690', 'stat:UNDELIV err:001', 5],
    ['09012345691', 'stat:EXPIRED err:027', 3],
  ])('a message to %s is accepted and its receipt says %s', async (to, words, state) => {
    const sender = await bound(carrier.port);
    const receipt = sender.nextReceipt();
    expect((await sender.send(to, 'hello')).command_status).toBe(0);
    const failed = await receipt;
    expect(receiptText(failed)).toContain(`dlvrd:000 submit date:2611211204 done date:2611211204 ${words}`);
    expect(failed.message_state).toBe(state);
  });

  test.each([
    ['09012345692', 'ESME_RTHROTTLED'],
    ['09012345693', 'ESME_RSYSERR'],
    ['ZETTAI', 'ESME_RINVDSTADR'],
    ['', 'ESME_RINVDSTADR'],
  ] as const)('a message to "%s" is refused with %s and leaves no trace', async (to, name) => {
    const sender = await bound(carrier.port);
    const response = await sender.send(to, 'hello');
    expect(response.command_status).toBe(commandStatus[name]);
    expect(carrier.submits()).toEqual([]);
  });

  test('the statuses are those that the library, and so any client, knows by name', () => {
    expect(smpp.errors).toMatchObject(commandStatus);
  });
});

describe('R29: receipts', () => {
  test('come only when asked for: never, always, or on failure only', async () => {
    const sender = await bound(carrier.port);
    const first = sender.nextReceipt();
    await sender.send('09012345601', 'never', { registered_delivery: 0 });
    await sender.send('09012345602', 'on failure, delivered', { registered_delivery: 2 });
    await sender.send('09012345690', 'on failure, failed', { registered_delivery: 2 });
    expect((await first).source_addr).toBe('09012345690');
    expect(sender.receipts).toHaveLength(1);
  });

  test('go to a receiver of the same system id when the sender is only a transmitter', async () => {
    const stranger = await bound(carrier.port, 'other');
    const transmitter = await connect(carrier.port);
    await transmitter.ask('bind_transmitter', { system_id: 'sample', password: 'mihon' });
    const receiver = await connect(carrier.port);
    await receiver.ask('bind_receiver', { system_id: 'sample', password: 'mihon' });
    const receipt = receiver.nextReceipt();
    const { message_id: messageId } = await transmitter.send('09012345678', 'hello');
    expect((await receipt).receipted_message_id).toBe(messageId);
    expect(transmitter.receipts.concat(stranger.receipts)).toEqual([]);
  });

  test('wait for the next bind when the connection is gone', async () => {
    const first = await bound(carrier.port);
    const closed = once(first.session, 'close');
    const { message_id: messageId } = await first.send('09012345678', 'hello');
    carrier.dropConnections();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 60));
    const second = await connect(carrier.port);
    const receipt = second.nextReceipt();
    await second.ask('bind_transceiver', { system_id: 'sample', password: 'mihon' });
    expect((await receipt).receipted_message_id).toBe(messageId);
  });

  test.each(['never', 0x64] as const)(
    'acknowledged with %s come again after a reconnect',
    async (acknowledge) => {
      const first = await connect(carrier.port, acknowledge);
      await first.ask('bind_transceiver', { system_id: 'sample', password: 'mihon' });
      const unheard = first.nextReceipt();
      await first.send('09012345678', 'hello');
      const lost = await unheard;
      await first.ask('unbind');
      const second = await connect(carrier.port);
      const receipt = second.nextReceipt();
      await second.ask('bind_transceiver', { system_id: 'sample', password: 'mihon' });
      expect((await receipt).receipted_message_id).toBe(lost.receipted_message_id);
    },
  );
});

describe('R29: texts', () => {
  test.each([
    ['GSM-7', 'Price: 5€ {ok} @home', {}],
    ['UCS-2', '検証コードは 1234 5678 です。𠮷野屋😀', {}],
    ['UCS-2, said by data_coding', '絶対リーチ!', { data_coding: 8 }],
  ])('%s is read as it was written', async (_name, text, more) => {
    const sender = await bound(carrier.port);
    await sender.send('09012345678', text, more);
    expect(carrier.messages().map((message) => message.text)).toEqual([text]);
  });

  test('a text in message_payload is read too', async () => {
    const sender = await bound(carrier.port);
    const long = 'あ'.repeat(203);
    await sender.send('09012345678', undefined, { message_payload: long, data_coding: 8 });
    expect(carrier.messages()[0]?.text).toBe(long);
  });

  test.each([
    ['8-bit', (n: number) => Buffer.from([5, 0, 3, 0x2a, 3, n])],
    ['16-bit', (n: number) => Buffer.from([6, 8, 4, 0x01, 0x2a, 3, n])],
  ])(
    'a long message with %s references is put together, whatever the order; each part has a receipt',
    async (_n, udh) => {
      const sender = await bound(carrier.port);
      const parts = ['これは長い', 'メッセージの', '見本です。'];
      const ids: (string | undefined)[] = [];
      for (const number of [3, 1, 2]) {
        const response = await sender.send(
          '09012345678',
          { udh: udh(number), message: parts[number - 1]! },
          { data_coding: 8 },
        );
        ids.push(response.message_id);
        if (number !== 2) expect(carrier.messages()).toEqual([]);
      }
      expect(carrier.messages()).toMatchObject([
        { text: 'これは長いメッセージの見本です。', messageIds: [ids[1], ids[2], ids[0]], to: '09012345678' },
      ]);
      await expect.poll(() => sender.receipts.length).toBe(3);
      expect(new Set(ids).size).toBe(3);
      expect(sender.receipts.map(receiptText).every((text) => text.endsWith('text:'))).toBe(true);
    },
  );
});

test('R29: stopping says goodbye to the connected and frees the port', async () => {
  const sender = await bound(carrier.port);
  const goodbye = once(sender.session, 'unbind');
  const stopped = carrier.stop();
  await goodbye;
  await stopped;
  const next = buildCarrier({ port: carrier.port, clock: () => noon });
  await next.start();
  await next.stop();
});

test('R29: a port that is taken is reported to the caller', async () => {
  const second = buildCarrier({ port: carrier.port, clock: () => noon });
  await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

function receiptText(receipt: Pdu): string {
  return String(receipt.short_message?.message);
}
