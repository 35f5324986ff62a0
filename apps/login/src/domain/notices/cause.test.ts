import { describe, expect, it } from 'vitest';
import { causeOf } from './cause.ts';

describe('R14: why a notice did not reach somebody', () => {
  it.each([
    ['550 5.1.1 <taro@example.co.jp>: Recipient address rejected: User unknown', 'address-wrong'],
    ['550 no such mailbox', 'address-wrong'],
    ['5.1.2 Host or domain name not found', 'address-wrong'],
    ['550 5.4.4 Unable to route', 'address-wrong'],
    ['550 5.2.1 The mailbox is disabled', 'address-wrong'],
    ['552 5.2.2 Mailbox full', 'mailbox-full'],
    ['452 over quota', 'mailbox-full'],
    ['550 5.7.1 Message rejected by policy', 'blocked'],
    ['554 blocked using a list of senders', 'blocked'],
    ['550 5.1.8 Sender address rejected', 'blocked'],
    ['421 4.4.2 Connection timed out', 'no-answer'],
    ['connect ETIMEDOUT 192.0.2.1:25', 'no-answer'],
    ['571 見本の返答', 'unknown'],
    [null, 'unknown'],
  ])('%s: %s', (response, cause) => {
    expect(causeOf({ state: 'refused', dropReason: null, response })).toBe(cause);
    expect(causeOf({ state: 'bounced', dropReason: null, response })).toBe(cause);
  });

  it('is asked of those only whom it did not reach', () => {
    expect(causeOf({ state: 'accepted', dropReason: null, response: '250 2.1.1 ok' })).toBeNull();
    expect(causeOf({ state: 'queued', dropReason: null, response: '450 4.2.2 full' })).toBeNull();
    expect(causeOf({ state: 'dropped', dropReason: 'moved', response: null })).toBeNull();
    expect(causeOf({ state: 'dropped', dropReason: 'left-audience', response: null })).toBe('left-audience');
  });
});
