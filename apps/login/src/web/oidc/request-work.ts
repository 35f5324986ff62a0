import { Provider, type AdapterPayload } from 'oidc-provider';
import type { StoredArtifact } from './statement-parts.ts';
import type { Consumption, readArtifact } from './artifact-statements.ts';

/** A person who was read together with a row that names them; `consoleUserIds` by the console's id. */
export type PersonAhead = {
  accountId: string;
  /** Undefined: there is no such account, or it is not active. */
  found:
    | {
        account: { email_address: string; name: string; locale: 'ja' | 'en' | null };
        consoleUserIds: Readonly<Record<string, string>>;
      }
    | undefined;
};

/**
 * What one request to the engine has read ahead, and what it still has to write. The engine asks for one row after the other and
 * writes one after the other; most of a sign-in's time would be round trips. So a row is read with what the engine is known to ask for next, and what it
 * writes first waits for what it writes last: together they are one statement, and either all of it happened or nothing.
 */
export type RequestWork = {
  person?: PersonAhead | undefined;
  session?: { uid: string; payload: AdapterPayload; idHash?: string } | undefined;
  /** Its session may not be written: it ended meanwhile, or what it was to be made of was taken away. */
  sessionRefused?: boolean;
  /** A token whose kind nobody knows yet, as it is being read. */
  token?: { idHash: string; row: ReturnType<typeof readArtifact> } | undefined;
  /** Written with the session. */
  code?: StoredArtifact | undefined;
  endedSignIn?: string | undefined;
  /** Written with the first token, which exists only if this was the first to consume. */
  consumption?: Consumption | undefined;
  /** What the tokens of this request were given for, once it is consumed; a further token exists only while that was not revoked. */
  source?: Consumption | undefined;
};

const works = new WeakMap<object, RequestWork>();

/** The work of the request that the engine is answering; undefined outside of the engine, where nothing waits. */
export function requestWork(ctx: object | undefined = Provider.ctx): RequestWork | undefined {
  if (!ctx) return undefined;
  let work = works.get(ctx);
  if (!work) works.set(ctx, (work = {}));
  return work;
}

/** The person with this id if this request has read them already. */
export function personAhead(accountId: string): PersonAhead | undefined {
  const person = requestWork()?.person;
  return person?.accountId === accountId ? person : undefined;
}
