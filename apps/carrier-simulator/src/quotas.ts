const SECOND = 1_000;

/** Spreads shares evenly: of 0.25 every fourth question is answered with yes. */
export class Shares {
  readonly #due = new Map<string, number>();

  /** True when it is the turn of this name. */
  isDue(name: string, share: number): boolean {
    const due = (this.#due.get(name) ?? 0) + share;
    this.#due.set(name, due >= 1 ? due - 1 : due);
    return due >= 1;
  }
}

/** Counts what came within the running second, by name. */
export class SecondCounter {
  #second = 0;
  #counts = new Map<string, number>();

  /** Counts one more and says whether it is within the limit; what is beyond is not counted. */
  allows(name: string, limit: number, now: Date): boolean {
    const second = Math.floor(now.getTime() / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = this.#counts.get(name) ?? 0;
    if (count >= limit) return false;
    this.#counts.set(name, count + 1);
    return true;
  }
}
