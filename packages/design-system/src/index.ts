export { brandColours, brandCss, type Brand, type BrandColours } from './brand/brand-css.ts';
export { Beside, FieldRow } from './components/beside.tsx';
export { Button, FormActions, LinkButton, type ButtonKind, type ButtonProps } from './components/button.tsx';
export { Callout, type CalloutProps } from './components/callout.tsx';
export {
  Checkbox,
  CheckboxGroup,
  FileField,
  RadioGroup,
  SelectField,
  TextArea,
  type Choice,
  type ChoiceGroupProps,
} from './components/choice-fields.tsx';
export { BarChart, Share, type BarChartProps } from './components/chart.tsx';
export { CodeField, type CodeFieldProps } from './components/code-field.tsx';
export {
  DefinitionList,
  Table,
  type DefinitionItem,
  type TableColumn,
  type TableProps,
  type TableRow,
} from './components/data.tsx';
export { ErrorSummary, type SummaryError } from './components/error-summary.tsx';
export type { FieldProps } from './components/field.tsx';
export { Footer, type FooterLink, type FooterProps } from './components/footer.tsx';
export { Form, HiddenField, type FormProps, type HiddenValue } from './components/form.tsx';
export { LanguageSwitch, type LanguageSwitchProps } from './components/language-switch.tsx';
export { Letter, type LetterProps } from './components/letter.tsx';
export { Notice, type NoticeProps } from './components/notice.tsx';
export { Filters, Pager, type Filter, type PagerProps } from './components/paging.tsx';
export {
  BigNumber,
  Columns,
  More,
  PageHead,
  Panel,
  Section,
  type BigNumberProps,
  type PanelProps,
} from './components/panel.tsx';
export { PasswordField, type PasswordFieldProps } from './components/password-field.tsx';
export { PasswordRules, type PasswordRule, type PasswordRulesProps } from './components/password-rules.tsx';
export { Phone, type PhoneProps } from './components/phone.tsx';
export {
  Countdown,
  Progress,
  RefreshRegion,
  type CountdownProps,
  type ProgressProps,
} from './components/progress.tsx';
export {
  ReachOutcome,
  ReachTest,
  UnreachableWarning,
  UnreachedNames,
  type ReachTestProps,
  type UnreachableWarningProps,
} from './components/reachability.tsx';
export { Shape, type ShapeName, type Tone } from './components/shape.tsx';
export {
  Chip,
  StatusList,
  Timeline,
  type ChipProps,
  type StatusItem,
  type TimelineItem,
} from './components/status.tsx';
export { Steps } from './components/steps.tsx';
export {
  Heading,
  Lead,
  List,
  Literal,
  Name,
  Secret,
  SentenceWith,
  Text,
  TextLink,
  Unseen,
} from './components/text.tsx';
export { TextField, type TextFieldProps } from './components/text-field.tsx';
export { ConsolePage, type ConsolePageProps } from './shells/console-page.tsx';
export { renderDocument, renderFragment, type DocumentProps, type PageBrand } from './shells/document.tsx';
export type { MarkName } from './brand/marks.ts';
export { BrandMark, Monogram } from './shells/brand-mark.tsx';
export type { AccountMenuProps, NavLink } from './shells/navigation.tsx';
export { OperatorPage, type OperatorPageProps } from './shells/operator-page.tsx';
export { PersonPage, type PersonPageProps } from './shells/person-page.tsx';
