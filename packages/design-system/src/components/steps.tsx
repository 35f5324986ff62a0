/** Where one is in a sequence of pages. `label` is the whole text, for example “Set a password 1/2: enter the code”. */
export function Steps({ current, total, label }: { current: number; total: number; label: string }) {
  return (
    <div class="ui-steps">
      <p class="ui-steps-label">{label}</p>
      <div class="ui-steps-track" aria-hidden="true">
        {Array.from({ length: total }, (_, index) => (
          <span key={index} class={stepClass(index + 1, current)} />
        ))}
      </div>
    </div>
  );
}

function stepClass(step: number, current: number): string {
  if (step < current) return 'ui-step ui-step-done';
  return step === current ? 'ui-step ui-step-current' : 'ui-step';
}
