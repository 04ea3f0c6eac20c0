// People and their credentials: sessions, API tokens, users and invitations.
import { Type } from "typebox";
import { ROLES } from "#devices/vocabulary";
import { Id, Instant, body, listOf, named, nullable, oneOf, ref, text } from "./shape.ts";

const Email = Type.String({
  maxLength: 254,
  pattern: "^[^@\\s\\u0000]+@[^@\\s\\u0000]+$",
  examples: ["syndic@example.org"],
});
/** Long rather than complicated; the upper bound keeps hashing cheap. */
const NewPassword = Type.String({ minLength: 12, maxLength: 200 });
const Locale = oneOf(["fr", "nl", "en"]);

export const User = named("User", {
  id: Id,
  email: Type.String(),
  role: oneOf(ROLES),
  organisationId: Id,
  buildingIds: Type.Array(Id, { description: "The buildings that a manager looks after." }),
  unitId: nullable(Id),
  locale: Locale,
  state: oneOf(["active", "invited", "disabled"]),
  createdAt: Instant,
});
export const UserList = listOf(User);

export const Invitation = named("Invitation", {
  token: Type.String({ description: "Shown once. Whoever holds it sets the password." }),
  path: Type.String({ description: "Page of the dashboard that accepts it; the token is in the fragment." }),
  expiresAt: Instant,
});

export const CreatedUser = named("CreatedUser", {
  ...User.properties,
  invitation: Type.Optional(ref(Invitation)),
});

export const NewUser = body("NewUser", {
  email: Email,
  role: oneOf(ROLES),
  organisationId: Type.Optional(Id),
  buildingIds: Type.Optional(Type.Array(Id, { maxItems: 10_000 })),
  unitId: Type.Optional(nullable(Id)),
  locale: Type.Optional(Locale),
  password: Type.Optional(NewPassword),
});

export const UserPatch = body(
  "UserPatch",
  {
    role: Type.Optional(oneOf(ROLES)),
    organisationId: Type.Optional(Id),
    buildingIds: Type.Optional(Type.Array(Id, { maxItems: 10_000 })),
    unitId: Type.Optional(nullable(Id)),
    locale: Type.Optional(Locale),
    password: Type.Optional(NewPassword),
    disabled: Type.Optional(Type.Boolean()),
  },
  { minProperties: 1 },
);

export const Login = body("Login", {
  email: Type.String({ minLength: 1, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
});

export const InvitationAcceptance = body("InvitationAcceptance", {
  token: Type.String({ minLength: 1, maxLength: 200 }),
  password: NewPassword,
});

const sessionProperties = {
  expiresAt: nullable(
    Type.String({ format: "date-time", description: "Null for an API token without end." }),
  ),
  csrfToken: nullable(
    Type.String({
      description:
        "Header `x-csrf-token` of every request that changes something with the cookie; null for an API token.",
    }),
  ),
  user: ref(User),
};
export const Session = named("Session", sessionProperties);
export const NewSession = named("NewSession", { token: Type.String(), ...sessionProperties });

export const ApiToken = named("ApiToken", {
  id: Id,
  name: Type.String(),
  createdAt: Instant,
  expiresAt: nullable(Instant),
  lastUsedAt: nullable(Instant),
});
export const ApiTokenList = listOf(ApiToken);
export const CreatedApiToken = named("CreatedApiToken", {
  ...ApiToken.properties,
  token: Type.String({ description: "Shown once." }),
});
export const NewApiToken = body("NewApiToken", {
  name: text(200),
  expiresAt: Type.Optional(nullable(Instant)),
});
