/** A secret as it may come to stand in a log, a table or an answer: as it is, escaped, in hex, in Base64 wherever in a longer text it began. */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const forms = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    new URLSearchParams({ x: secret }).toString().slice(2),
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
    hex,
    hex.toUpperCase(),
    [...hex.matchAll(/../g)].map(([pair]) => pair).join(' '),
  ]);
  for (let before = 0; before < 3; before++) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first letters hold bits of what stands before, the last one of what comes after.
    const own = encoded.slice([0, 2, 3][before], (bytes.length + before) % 3 === 0 ? undefined : -1);
    if (own.length >= 8)
      for (const one of [own, own.replaceAll('+', '-').replaceAll('/', '_')]) forms.add(one);
  }
  return [...forms];
}

/** The first form in which a text holds the secret. */
export function foundIn(text: string, secret: string): string | undefined {
  return secretForms(secret).find((form) => text.includes(form));
}
