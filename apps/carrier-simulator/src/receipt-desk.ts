import type { Behaviour } from './behaviour.ts';
import { commandStatus } from './command-status.ts';
import type { FinalState } from './outcomes.ts';
import { receiptFor } from './receipt.ts';
import type { OutgoingFields, Session } from './smpp.d.ts';
import type { Submit } from './submits.ts';

const MAX_WAITING = 100_000;

type Receiver = { readonly session: Session; readonly systemId: string };
type Receipt = { readonly systemId: string; readonly fields: OutgoingFields };

/**
 * Delivers receipts after the configured delay to any receiving session of the sender's system id. While
 * there is none they wait, as at a carrier, for the next bind; one not answered before its session ends is
 * delivered again.
 */
export class ReceiptDesk {
  readonly #clock: () => Date;
  readonly #behaviour: () => Behaviour;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #receivers = new Set<Receiver>();
  readonly #unanswered = new Map<Receipt, Receiver>();
  #waiting: Receipt[] = [];

  constructor(options: { clock: () => Date; behaviour: () => Behaviour }) {
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
  }

  /** Prepares the receipt of an accepted submit, if its registered_delivery asks for one (SMPP 3.4, 5.2.17). */
  schedule(submit: Submit, final: FinalState): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.deliverNow(submit, final);
    }, this.#behaviour().receiptDelayMs);
    this.#timers.add(timer);
  }

  /** Delivers the receipt without a delay. */
  deliverNow(submit: Submit, final: FinalState): void {
    const { receipts } = this.#behaviour();
    if (receipts === 'none' || !wantsReceipt(submit.registeredDelivery, final)) return;
    const fields = receiptFor(submit, final, this.#clock(), receipts);
    this.#deliver({ systemId: submit.systemId, fields });
  }

  /** A session can now receive: it gets what waited for its system id. Returns the call for its end. */
  open(receiver: Receiver): () => void {
    this.#receivers.add(receiver);
    const due = this.#waiting.filter((receipt) => receipt.systemId === receiver.systemId);
    this.#waiting = this.#waiting.filter((receipt) => receipt.systemId !== receiver.systemId);
    for (const receipt of due) this.#deliver(receipt);
    return () => this.#close(receiver);
  }

  /** Forgets everything that is not delivered yet. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#unanswered.clear();
    this.#waiting = [];
  }

  #close(receiver: Receiver): void {
    if (!this.#receivers.delete(receiver)) return;
    for (const [receipt, to] of this.#unanswered) {
      if (to !== receiver) continue;
      this.#unanswered.delete(receipt);
      this.#deliver(receipt);
    }
  }

  #deliver(receipt: Receipt): void {
    for (const receiver of this.#receivers) {
      if (receiver.systemId !== receipt.systemId) continue;
      if (this.#send(receipt, receiver)) return;
    }
    this.#wait(receipt);
  }

  #wait(receipt: Receipt): void {
    this.#waiting.push(receipt);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  #send(receipt: Receipt, receiver: Receiver): boolean {
    this.#unanswered.set(receipt, receiver);
    const sent = receiver.session.deliver_sm({ ...receipt.fields }, (response) => {
      // A refused receipt comes again with the next bind, so that a broken receiver is not flooded.
      const refused = response.command_status !== commandStatus.ESME_ROK;
      if (this.#unanswered.delete(receipt) && refused) this.#wait(receipt);
    });
    if (!sent) this.#unanswered.delete(receipt);
    return sent;
  }
}

function wantsReceipt(registeredDelivery: number, final: FinalState): boolean {
  const asked = registeredDelivery & 0b11;
  return asked === 1 || (asked === 2 && final.stat !== 'DELIVRD');
}
