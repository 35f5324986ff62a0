import type { Model } from '../operation.ts';

/** One Idempotency-Key of the operator API, and the one object that the requests with it change. */
export type KeyInput =
  | { do: 'post'; content: string }
  /** How often the object was changed, and to what. */
  | { do: 'read' };
export type KeyOutput =
  /** 2xx; `answer` names its content: it must be the same for all. */
  | { is: 'done'; answer: string }
  /** 422: the key came with other content. */
  | { is: 'reused' }
  /** 409: another request with this key is under way, or was when its node died. */
  | { is: 'under-way' }
  /** 409: it was done, and nobody knows the answer. */
  | { is: 'answer-lost' }
  | { is: 'read'; times: number; content: string | null };
/** What was done under the key, null for nothing yet; the answer is null until somebody has seen it. */
export type KeyState = { content: string | null; answer: string | null };

export const KEY: Model<KeyState, KeyInput, KeyOutput> = {
  initial: { content: null, answer: null },
  step(state, { input, output }) {
    if (input.do === 'read') {
      const same =
        output?.is === 'read' &&
        output.times === (state.content === null ? 0 : 1) &&
        output.content === state.content;
      return output === undefined || same ? [state] : [];
    }
    const { content } = input;
    const fits = state.content === null || state.content === content;
    switch (output?.is) {
      case undefined:
        return state.content === null ? [{ content, answer: null }] : [];
      case 'done': {
        const { answer } = output;
        return fits && (state.answer === null || state.answer === answer) ? [{ content, answer }] : [];
      }
      // Said of a key that is only held too, by a request that may come to nothing: it changes nothing, and says little.
      case 'reused':
        return state.content === content ? [] : [state];
      case 'under-way':
        return fits ? [state] : [];
      case 'answer-lost':
        return state.content === content ? [state] : [];
      case 'read':
        return [];
    }
  },
};
