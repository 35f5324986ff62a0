/**
 * Keeps what is read for pages that everybody may ask for: each thing is read once in a while, however many ask, and in an outage the last one that was read holds. Throws when it cannot be
 * read and never was.
 * @param read undefined: there is no such thing, which is not kept
 * @param elapsed milliseconds since any fixed moment
 */
export function lastKnown<T>(
  read: (key: string) => Promise<T | undefined>,
  elapsed: () => number,
  freshFor: number,
): (key: string) => Promise<T | undefined> {
  const known = new Map<string, { readAt: number; value: Promise<T | undefined> }>();
  return (key) => {
    const last = known.get(key);
    if (last && elapsed() - last.readAt < freshFor) return last.value;
    const value = read(key).catch((error: unknown) => {
      if (last) return last.value;
      throw error;
    });
    known.set(key, { readAt: elapsed(), value });
    const forget = (): void => void known.delete(key);
    value.then((found) => (found === undefined ? forget() : undefined), forget);
    return value;
  };
}
