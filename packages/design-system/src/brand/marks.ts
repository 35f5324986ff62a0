/** A brand's mark on a 32 × 32 square of the key colour, drawn in one colour. */
export type MarkName = 'key' | 'speech' | 'envelope';

/** SVG path data of the marks: `lines` are stroked 2.75 wide with round ends, `areas` are filled, `holes` show the ground again. */
export const marks: Record<MarkName, { lines?: string; areas?: string; holes?: string }> = {
  key: { lines: 'M15.2 16a4.4 4.4 0 1 1-8.8 0 4.4 4.4 0 0 1 8.8 0zM15.5 16H26v4.4M21 16v3.4' },
  speech: {
    areas:
      'M9 7.5h14a3.5 3.5 0 0 1 3.5 3.5v7.5A3.5 3.5 0 0 1 23 22h-6.2L12 26v-4H9a3.5 3.5 0 0 1-3.5-3.5V11A3.5 3.5 0 0 1 9 7.5z',
    holes: 'M10.5 14.75h.01M16 14.75h.01M21.5 14.75h.01',
  },
  envelope: {
    lines:
      'M8.5 9h15a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2V11a2 2 0 0 1 2-2zM7.5 11l8.5 6.5 8.5-6.5',
  },
};
