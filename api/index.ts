// The door to the API: everything it takes to answer HTTP, given a database.
export { createApi, type ApiOptions, type ApiServer } from "./server.ts";
