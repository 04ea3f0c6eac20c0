// The reference of the query benchmark as a process of its own: a plain Fastify route that answers the same JSON always.
import Fastify from "fastify";

const app = Fastify();
app.get("/", () => ({ id: "1", name: "constant", value: 42, unit: "Wh" }));
const http = await app.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ ready: true, http });
process.once("disconnect", () => void app.close());
process.once("SIGTERM", () => void app.close().then(() => process.exit(0)));
