import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignInSuccess } from '#domain/sign-in/authenticate.ts';

const atWork = new AsyncLocalStorage<SignInSuccess | undefined>();

/** Runs what writes an answered sign-in; `successAtWork` answers inside. The engine writes it by itself, so nothing can be handed through. */
export function withSuccess<T>(success: SignInSuccess | undefined, act: () => T): T {
  return atWork.run(success, act);
}

export function successAtWork(): SignInSuccess | undefined {
  return atWork.getStore();
}
