import { Shape } from './shape.tsx';

/**
 * One rule, as a person reads it. The browser knows how to check `length` (needs `min`, counted in characters), `lower`, `upper`,
 * `digit`, `symbol` and `match` (needs `otherFieldId`); any other id stays without a tick. The server remains the authority.
 */
export interface PasswordRule {
  id: string;
  label: string;
  min?: number | undefined;
  otherFieldId?: string | undefined;
}

export interface PasswordRulesProps {
  /** Id of this list: give it to the password field as `describedBy`. */
  id: string;
  /** Id of the password field that the rules are about. */
  fieldId: string;
  title: string;
  items: readonly PasswordRule[];
  /** Read out after a pause in typing, for example “{met} of {total} rules are met”. */
  progress?: string | undefined;
  /** Words for screen readers beside each tick, for example “met” and “not yet”. */
  metLabel: string;
  unmetLabel: string;
}

/** The password rules: a plain list without script, ticking off as one types with it. */
export function PasswordRules({
  id,
  fieldId,
  title,
  items,
  progress,
  metLabel,
  unmetLabel,
}: PasswordRulesProps) {
  return (
    <div
      class="ui-rules"
      data-ui-rules={fieldId}
      data-met={metLabel}
      data-unmet={unmetLabel}
      data-progress={progress}
    >
      <div id={id}>
        <p class="ui-rules-title">{title}</p>
        <ul class="ui-rules-list">
          {items.map((rule) => (
            <li
              key={rule.id}
              class="ui-rule"
              data-rule={rule.id}
              data-min={rule.min}
              data-other={rule.otherFieldId}
            >
              <span class="ui-rule-sign" aria-hidden="true">
                <Shape name="ring" />
                <Shape name="check" />
              </span>
              <span>
                {rule.label}
                <span class="ui-unseen" data-ui-rule-state />
              </span>
            </li>
          ))}
        </ul>
      </div>
      <p class="ui-unseen" aria-live="polite" data-ui-rules-progress />
    </div>
  );
}
