import { createRequire } from 'node:module';
import type { SmppLibrary } from './smpp.d.ts';

/**
 * npm `smpp`, with types for what we use. Loaded by require because the package is untyped CommonJS
 * and a global module declaration would bind every other program of this repository to ours.
 */
export const smpp = createRequire(import.meta.url)('smpp') as SmppLibrary;
