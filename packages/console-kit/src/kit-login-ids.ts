import type { CheckedOptions } from './checked-options.ts';
import type { CallConsoleApi } from './console-api.ts';
import { loginIdComparison } from './login-id-compare.ts';
import { loginIdDelivery } from './login-id-delivery.ts';
import { loginIdLook } from './login-id-look.ts';
import { loginIdOutbox } from './login-id-outbox.ts';
import type { KnownLoginId, LoginIdChange } from './login-ids.ts';
import type * as results from './results.ts';

/** R18: the login ID follows the console. Needs the option `loginIds`; without it every call throws. */
export type KitLoginIds = {
  /**
   * Notes the wish in the console's outbox, then tells the login server, which mails a code to the new address. While it cannot be reached the change stays `noted` and is
   * delivered in the background; nothing is changed until the code is confirmed.
   */
  request(request: results.LoginIdChangeRequest): Promise<results.LoginIdChangeRequestResult>;
  /** The person's newest open change, as the outbox has it. */
  open(consoleUserId: string): Promise<LoginIdChange | null>;
  /**
   * The same for the page that shows how it stands: somebody waits there, so what is `noted` or `confirming` is tried at once, at most once a second. Takes 1.5 seconds at
   * most. A change that ended with this is answered once more, as it ended.
   */
  look(consoleUserId: string): Promise<LoginIdChange | null>;
  /** Has the code of the open change sent again. */
  resend(consoleUserId: string): Promise<results.LoginIdCodeResendResult>;
  /**
   * Hands over the code as typed. On `ok` the console's own record has the new address already. The code is stored nowhere: if the answer is lost, the login server is asked
   * whether it made the change.
   */
  confirm(consoleUserId: string, code: string): Promise<results.LoginIdChangeConfirmResult>;
  /** Leaves the open change; no code of it is taken any more. */
  cancel(consoleUserId: string): Promise<results.LoginIdChangeCancelResult>;
  /** After a sign-in that names another address than the console's record: asks the login server which is right, and takes it over. A second at most; never throws. */
  compareOne(known: KnownLoginId): Promise<void>;
  /** Compares all login IDs now (`loginIdCompareIntervalMilliseconds` does it by itself, once a day, one node at a time). */
  compareAll(): Promise<results.LoginIdsCompared>;
  /** Begins to deliver, and to compare, in the background. Several nodes may do so at once. */
  start(): void;
  /** Stops; resolves when nothing is under way. What is in the outbox stays there. */
  stop(): Promise<void>;
  /** Delivers what is due now; not `ok` if the login server or the store failed. */
  flush(): Promise<{ ok: boolean }>;
};

export function kitLoginIds(options: CheckedOptions, call: CallConsoleApi): KitLoginIds {
  const { loginIds: store } = options;
  if (!store) return withoutStore();
  const delivery = loginIdDelivery(options, call, store);
  const outbox = loginIdOutbox(options, call, store, delivery);
  const { look, stop: stopLooking } = loginIdLook(options, store, delivery);
  const comparison = loginIdComparison(options, call, store);
  return {
    request: outbox.request,
    open: (consoleUserId) => store.find(consoleUserId),
    look,
    resend: outbox.resend,
    confirm: outbox.confirm,
    cancel: outbox.cancel,
    compareOne: comparison.compareOne,
    compareAll: comparison.compareAll,
    start: () => {
      outbox.start();
      comparison.start();
    },
    stop: async () => {
      await Promise.all([outbox.stop(), comparison.stop(), stopLooking()]);
    },
    flush: outbox.flush,
  };
}

/** A console that lets nobody change an address may start and stop the kit all the same. */
function withoutStore(): KitLoginIds {
  const missing = (): never => {
    throw new Error('console-kit: option loginIds is missing; changes of the login ID need it');
  };
  return {
    request: missing,
    open: missing,
    look: missing,
    resend: missing,
    confirm: missing,
    cancel: missing,
    compareOne: missing,
    compareAll: missing,
    start: () => undefined,
    stop: async () => undefined,
    flush: missing,
  };
}
