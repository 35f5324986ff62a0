import { createRequire } from 'node:module';
import type { SmppLibrary } from './smpp.d.ts';

/** npm `smpp` with types for what we use. Loaded by require: a module declaration for an untyped package would bind every other program of this repository too. */
export const smpp = createRequire(import.meta.url)('smpp') as SmppLibrary;
