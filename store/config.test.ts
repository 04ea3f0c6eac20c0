// The environment: defaults, conversion, and all faults named in one message.
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("an empty environment gives the documented defaults, bound to loopback", () => {
  expect(readConfig({})).toEqual({
    METRICS_HOST: "127.0.0.1",
    MQTT_BUILDING_RATE_MAX: 20_000,
    MQTT_DEVICE_RATE_MAX: 2000,
    MQTT_PORT: 1883,
    MQTT_UPSTREAM_GROUP: "koprogo",
    MQTT_HOST: "127.0.0.1",
    HTTP_PORT: 8080,
    HTTP_HOST: "127.0.0.1",
    KOPROGO_DATA_DIR: ".koprogo",
    KOPROGO_COHORT_MIN: 10,
    KOPROGO_CONNECTOR_PRIVATE: false,
    LOG_LEVEL: "info",
  });
});

test("an empty variable counts as absent and a number is read as one", () => {
  const config = readConfig({ MQTT_PORT: "0", HTTP_HOST: "" });
  expect(config.MQTT_PORT).toBe(0);
  expect(config.HTTP_HOST).toBe("127.0.0.1");
});

test("every wrong variable is named at once, with what it must be", () => {
  const read = () =>
    readConfig({ MQTT_PORT: "70000", HTTP_PORT: "eight", LOG_LEVEL: "loud", MQTTS_PORT: "8883" }, [
      "DATABASE_URL",
    ]);
  expect(read).toThrow(/MQTT_PORT is "70000"/);
  expect(read).toThrow(/HTTP_PORT is "eight"/);
  expect(read).toThrow(/LOG_LEVEL is "loud", but must be one of trace/);
  expect(read).toThrow(/MQTTS_PORT needs TLS_CERT_FILE/);
  expect(read).toThrow(/DATABASE_URL is required/);
});

test("a wrong password or address is named but never shown", () => {
  const read = () =>
    readConfig({ KOPROGO_ADMIN_PASSWORD: "hunter2", DATABASE_URL: "mysql://root:hunter2@db" });
  expect(read).toThrow(/KOPROGO_ADMIN_PASSWORD/);
  expect(read).toThrow(/DATABASE_URL/);
  expect(read).not.toThrow(/hunter2/);
});
