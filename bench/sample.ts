import type { Console } from './flows.ts';

/** The one console and the people of the benchmark. All people have one password. */
export const CONSOLE: Console = {
  clientId: 'bench',
  clientSecret: 'sample-secret-of-the-benchmark-console-01',
  redirectUri: 'http://console.example.co.jp/auth/callback',
};
export const PEOPLE = 30_000;
export const PASSWORD = 'Kawa-no-oto 41 desu';
export const addressOf = (person: number): string => `person${person}@mihon.example.co.jp`;

/** A client address of its own for each number, because the login server counts attempts by address. */
export const clientAddressOf = (number: number): string =>
  `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
