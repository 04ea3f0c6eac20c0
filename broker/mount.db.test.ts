// I8: a credential reaches its own device's mount and nothing else, whatever form the topic has.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MqttClient } from "mqtt";
import { until } from "#testing";
import { openClient, openSite, RawClient, senml, type Site } from "./test-site.ts";

let site: Site;
let meter: MqttClient;
beforeAll(async () => {
  site = await openSite();
  meter = await openClient(site.port, site.meter, { clientId: "meter" });
});
afterAll(async () => {
  await meter.endAsync();
  await site.close();
});

/** Collects what a client hears as `topic payload`. */
function hears(client: MqttClient): string[] {
  const heard: string[] = [];
  client.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  return heard;
}

test("a stranger hears nothing of a device, whatever filter it subscribes to", async () => {
  const stranger = await openClient(site.port, site.stranger);
  const heard = hears(stranger);
  const { id } = site.meter;
  const filters = [
    "#",
    "+/+/+",
    `d/${id}/#`,
    `d/${id}/secret`,
    "../#",
    `../${id}/#`,
    "d/+/#",
    "/#",
    "+/secret",
    "secret",
  ];
  for (const filter of filters) await stranger.subscribeAsync(filter, { qos: 1 });
  await meter.publishAsync("secret", senml("power", 1), { qos: 1 });
  await meter.publishAsync(`../${site.stranger.id}/secret`, senml("power", 2), { qos: 1 });
  await meter.publishAsync(`d/${site.stranger.id}/secret`, senml("power", 3), { qos: 1 });
  // Its own message comes after them, and is the only one.
  await stranger.publishAsync("mine", "x", { qos: 1 });
  await until(() => heard.length > 0, "the stranger hears itself");
  expect(new Set(heard)).toEqual(new Set(["mine x"]));
  await stranger.endAsync();
});

test("$SYS and shared subscriptions are refused with 128 [MQTT-3.9.3-2]", async () => {
  const client = new RawClient(site.port);
  client.connect(site.meter);
  await client.take("connack");
  const subscriptions = ["$SYS/#", "$share/g/#", "$SYS/broker", "ok"].map((topic) => ({
    topic,
    qos: 1 as const,
  }));
  client.write({ cmd: "subscribe", messageId: 1, subscriptions });
  expect(await client.take("suback")).toMatchObject({ granted: [128, 128, 128, 1] });
  client.socket.destroy();
});

test("what a stranger publishes to another device's topics is its own reading", async () => {
  const client = await openClient(site.port, site.stranger);
  for (const topic of [`d/${site.meter.id}/x`, `../${site.meter.id}/x`, "x"]) {
    await client.publishAsync(topic, senml("stolen", 1), { qos: 1 });
  }
  const { rows } = await site.pool.query<{ device_id: number }>(
    "select device_id from register where name = 'stolen'",
  );
  expect(rows).toEqual([{ device_id: site.stranger.id }]);
  await client.endAsync();
});

test("a device hears its other connections under the names that it knows, and stops when it unsubscribes", async () => {
  const listener = await openClient(site.port, site.meter, { clientId: "listener" });
  const heard = hears(listener);
  await listener.subscribeAsync("cmnd/+/POWER", { qos: 1 });
  await meter.publishAsync("cmnd/plug/POWER", "ON", { qos: 1 });
  await until(() => heard.length === 1, "the command arrives");
  expect(heard).toEqual(["cmnd/plug/POWER ON"]);
  await listener.unsubscribeAsync("cmnd/+/POWER");
  await listener.subscribeAsync("done");
  await meter.publishAsync("cmnd/plug/POWER", "OFF", { qos: 1 });
  await meter.publishAsync("done", "x", { qos: 1 });
  await until(() => heard.length > 1, "the last message arrives");
  expect(heard).toEqual(["cmnd/plug/POWER ON", "done x"]);
  await listener.endAsync();
});

test("an UNSUBSCRIBE that came before the CONNACK is honoured too [MQTT-3.1.4-5]", async () => {
  const client = new RawClient(site.port);
  client.connect(site.meter, { clientId: "hasty" });
  client.write(
    { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "early", qos: 0 }] },
    { cmd: "unsubscribe", messageId: 2, unsubscriptions: ["early"] },
  );
  await client.take("unsuback");
  await meter.publishAsync("early", "x", { qos: 1 });
  client.write({ cmd: "pingreq" });
  await client.take("pingresp");
  expect(client.packets.filter((packet) => packet.cmd === "publish")).toEqual([]);
  client.socket.destroy();
});

test("telemetry is not retained, and a session is always clean", async () => {
  // Somebody listens, so the message goes all the way through aedes, which would retain it.
  const listener = await openClient(site.port, site.meter, { clientId: "listener" });
  const heard = hears(listener);
  await listener.subscribeAsync("kept");
  await meter.publishAsync("kept", senml("power", 4), { qos: 1, retain: true });
  await until(() => heard.length === 1, "the message was distributed");
  await listener.endAsync();
  const client = new RawClient(site.port);
  client.connect(site.meter, { clientId: "later", clean: false });
  expect(await client.take("connack")).toMatchObject({ sessionPresent: false });
  client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "kept", qos: 1 }] });
  await client.take("suback");
  client.write({ cmd: "pingreq" });
  await client.take("pingresp");
  expect(client.packets).toEqual([]);
  client.socket.destroy();
  await client.closed;

  await meter.publishAsync("kept", senml("power", 5), { qos: 1 });
  const again = new RawClient(site.port);
  again.connect(site.meter, { clientId: "later", clean: false });
  expect(await again.take("connack")).toMatchObject({ sessionPresent: false });
  again.socket.destroy();
});

test("a message is delivered with no more than the quality that was granted [MQTT-3.8.4-6]", async () => {
  const client = new RawClient(site.port);
  client.connect(site.meter, { clientId: "modest" });
  await client.take("connack");
  client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "level/+", qos: 1 }] });
  await client.take("suback");
  await meter.publishAsync("level/two", "x", { qos: 2 });
  expect(await client.take("publish")).toMatchObject({ topic: "level/two", qos: 1 });
  client.socket.destroy();
});
