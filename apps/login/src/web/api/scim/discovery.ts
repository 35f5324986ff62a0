import { BULK } from './bulk.ts';
import { ENTERPRISE_SCHEMA, LOGIN_SCHEMA, SCHEMAS, USER_SCHEMA } from './schema.ts';
import { LIST_SCHEMA, PAGE } from './user-list.ts';

/** What this server can do (RFC 7643 §5, RFC 9865 §4), as it is. */
export function serviceProviderConfig(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: BULK.operations, maxPayloadSize: BULK.bytes },
    filter: { supported: true, maxResults: PAGE.most },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: PAGE.usual,
      maxPageSize: PAGE.most,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Token of a directory',
        description: 'Authorization: Bearer, with a token that an operator made for this directory',
        specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
        primary: true,
      },
      {
        type: 'httpbasic',
        name: 'Credentials of a console',
        description: 'HTTP Basic, with client id and secret of the console',
        specUri: 'https://www.rfc-editor.org/rfc/rfc7617',
        primary: false,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

export function resourceTypes(base: string): { id: string }[] {
  return [
    {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: 'User',
      name: 'User',
      endpoint: '/Users',
      description: 'People of a console',
      schema: USER_SCHEMA,
      schemaExtensions: [
        { schema: ENTERPRISE_SCHEMA, required: false },
        { schema: LOGIN_SCHEMA, required: false },
      ],
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
    } as { id: string },
  ];
}

export function schemas(base: string): { id: string }[] {
  return SCHEMAS.map((schema) => ({
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }));
}

/** A list of everything there is of something (RFC 7644 §4). */
export function wholeList(resources: readonly object[]): object {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: resources.length,
    itemsPerPage: resources.length,
    startIndex: 1,
    Resources: resources,
  };
}
