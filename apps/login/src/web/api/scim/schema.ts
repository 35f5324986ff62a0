import { Messages, Schemas, Types } from 'scimmy';

/** The schemas whose attributes callers may send (RFC 7643 §4). What of them is kept is `KEPT`. */
const { User, EnterpriseUser } = Schemas;
User.extend(EnterpriseUser as unknown as Types.Schema, false);

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Ours: the login ID that was asked for, until its mailbox is proved. */
export const LOGIN_SCHEMA = 'urn:hitokagi:params:scim:schemas:extension:login:1.0:User';
export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A body as a user: attributes of the schema with values of their types; what is no attribute is left out. */
export type ScimUser = {
  userName: string;
  externalId?: string;
  displayName?: string;
  name?: { formatted?: string; familyName?: string; givenName?: string };
  preferredLanguage?: string;
  active?: boolean;
  [ENTERPRISE_SCHEMA]?: { organization?: string };
};

export { User, Messages, Types };

/** Attributes of the schemas that this server keeps; it takes the others, and forgets them. */
const KEPT = ['username', 'externalid', 'displayname', 'name', 'preferredlanguage', 'active'] as const;

/** Every attribute of the core schema, and what every resource has. */
const KNOWN: ReadonlySet<string> = new Set([
  ...(User.definition.describe() as { attributes: { name: string }[] }).attributes.map(({ name }) =>
    name.toLowerCase(),
  ),
  'externalid',
  'id',
  'meta',
  'schemas',
]);

/** What becomes of an attribute that a caller names by this root: it is kept, or taken and forgotten; or there is none such. */
export function fateOf(root: string): 'kept' | 'forgotten' | 'unknown' {
  const name = root.toLowerCase();
  if ((KEPT as readonly string[]).includes(name)) return 'kept';
  return KNOWN.has(name) ? 'forgotten' : 'unknown';
}

const text = (name: string, description: string, more: object = {}) => ({
  name,
  type: 'string',
  multiValued: false,
  description,
  required: false,
  caseExact: true,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
});

/** What `/Schemas` answers (RFC 7643 §7): the attributes that are kept, as they are kept. */
export const SCHEMAS = [
  {
    id: USER_SCHEMA,
    name: 'User',
    description: 'A person of a console',
    attributes: [
      text(
        'userName',
        'The login ID: an e-mail address. A new one is only asked for; it counts when the person has typed the code that is mailed there.',
        { required: true, caseExact: false, uniqueness: 'server' },
      ),
      text('displayName', 'What the person is called'),
      {
        ...text('name', 'The parts of the name'),
        type: 'complex',
        subAttributes: [
          text('formatted', 'The whole name'),
          text('familyName', 'Family name'),
          text('givenName', 'Given name'),
        ],
      },
      text(
        'preferredLanguage',
        'The language of pages and mails, unless the person has chosen one: ja or en',
      ),
      { ...text('active', 'Whether the person may enter this console'), type: 'boolean' },
      {
        ...text('emails', 'The login ID once more, for reading', { mutability: 'readOnly' }),
        type: 'complex',
        multiValued: true,
        subAttributes: [
          text('value', 'The address', { mutability: 'readOnly', caseExact: false }),
          text('type', 'work', { mutability: 'readOnly' }),
          { ...text('primary', 'true', { mutability: 'readOnly' }), type: 'boolean' },
        ],
      },
    ],
  },
  {
    id: ENTERPRISE_SCHEMA,
    name: 'EnterpriseUser',
    description: 'Of RFC 7643 §4.3, what is kept',
    attributes: [text('organization', 'The company')],
  },
  {
    id: LOGIN_SCHEMA,
    name: 'Login',
    description: 'How a change of the login ID stands',
    attributes: [
      text('pendingUserName', 'The login ID that was asked for and is not proved yet', {
        mutability: 'readOnly',
      }),
    ],
  },
].map((schema) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'], ...schema }));
