// A building on a running stack for tests: registers devices, lets them speak over MQTT, and asks the API what became of it.
import { createSpeaker } from "./devices/speaker.ts";
import { signIn, type ApiClient } from "./portfolio/api-client.ts";
import type { Stack } from "./stack.ts";
import { createRandom } from "./world/random.ts";
import type { Carrier, ProfileId } from "#devices/vocabulary";

export type TestDevice = { readonly id: string; readonly secret: string };
export type AnsweredRegister = {
  readonly id: string;
  readonly name: string;
  readonly equipmentId: string;
  readonly unit: string;
  readonly carrier: Carrier | null;
  readonly supplyPointId: string | null;
  readonly role: string | null;
};
export type AnsweredReading = {
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly value: string;
  readonly unit: string;
  readonly clock: string;
  readonly flags: readonly string[];
};
export type Quarantined = { readonly reason: string; readonly detail: string; readonly payload: string };

export type TestSite = {
  readonly api: ApiClient;
  readonly buildingId: string;
  addSupplyPoint(carrier: Carrier): Promise<string>;
  addDevice(profile: ProfileId, supplyPoints?: Partial<Record<Carrier, string>>): Promise<TestDevice>;
  /** Publishes with QoS 1 and resolves after the acknowledgement. */
  tell(device: TestDevice, payload: Uint8Array, topic?: string): Promise<void>;
  registers(device: TestDevice): Promise<AnsweredRegister[]>;
  /** All readings of a register since 2000. */
  readings(register: AnsweredRegister): Promise<AnsweredReading[]>;
  quarantine(device: TestDevice): Promise<Quarantined[]>;
};

const DECADES = [
  ["2000-01-01", "2010-01-01"],
  ["2010-01-01", "2020-01-01"],
  ["2020-01-01", "2030-01-01"],
] as const;

export async function createTestSite(stack: Stack): Promise<TestSite> {
  const api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
  const building = await api.send<{ id: string }>("POST", "/v1/buildings", {
    name: "Test",
    address: "Rue des Essais 1",
    postalCode: "1000",
    country: "BE",
    region: "BE-BRU",
    timezone: "Europe/Brussels",
    dwellings: 10,
  });
  const path = `/v1/buildings/${building.id}`;
  let count = 0;
  return {
    api,
    buildingId: building.id,
    addSupplyPoint: async (carrier) => {
      const direction = carrier === "electricity" ? "both" : "import";
      const body = { carrier, direction, scope: "common", vatRate: 0.06 };
      return (await api.send<{ id: string }>("POST", `${path}/supply-points`, body)).id;
    },
    addDevice: (profile, supplyPoints = {}) =>
      api.send("POST", `${path}/devices`, { name: `${profile} ${count++}`, profile, supplyPoints }),
    tell: async ({ id, secret }, payload, topic = "telegram") => {
      const random = createRandom(count++);
      const speaker = createSpeaker({ url: stack.mqttUrl, username: id, password: secret, random });
      try {
        await speaker.ready();
        await speaker.publish(topic, payload);
      } finally {
        await speaker.close();
      }
    },
    registers: ({ id }) => api.list(`/v1/devices/${id}/registers`),
    readings: async ({ id }) => {
      const found: AnsweredReading[] = [];
      // The API answers ten years at once.
      for (const [from, to] of DECADES) {
        found.push(
          ...(await api.list<AnsweredReading>(`/v1/registers/${id}/readings?from=${from}&to=${to}`)),
        );
      }
      return found;
    },
    quarantine: ({ id }) => api.list(`/v1/quarantine?deviceId=${id}`),
  };
}
