/** Text for a terminal: names come from files and may hold anything, and a terminal obeys control characters. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}
