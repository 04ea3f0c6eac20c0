// A reconnect storm: every device has another secret, all of them come back at once, and the store is asked a few times.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, RawClient, type Site } from "./test-site.ts";

const COUNT = 500;
let site: Site;
let ids: number[];

beforeAll(async () => {
  site = await openSite();
  const { rows } = await site.pool.query<{ id: number }>(
    `with added as (
       insert into device (building_id, name, profile)
       select building.id, 'storm', 'senml'
       from building
       cross join generate_series(1, $1)
       returning id
     ),
     secret as (
       insert into device_credential (device_id, secret_hash, created_at)
       select id, sha256(convert_to('secret of ' || id, 'UTF8')), now()
       from added
     )
     select id from added`,
    [COUNT],
  );
  ids = rows.map(({ id }) => id);
});
afterAll(() => site.close());

async function lookUps(): Promise<number> {
  return Number(/^koprogo_mqtt_credential_lookups_total (\d+)/m.exec(await site.broker.metrics())?.[1]);
}

test("500 devices that come back at once are all let in with a few queries, and those with another's secret are not", async () => {
  const before = await lookUps();
  const clients = ids.map((id, index) => {
    const client = new RawClient(site.port);
    // Every tenth brings its neighbour's secret.
    const wrong = index % 10 === 9;
    client.connect({ username: String(id), password: `secret of ${wrong ? id - 1 : id}` });
    return { client, wrong };
  });
  for (const { client, wrong } of clients) {
    // Some of the wrong ones meet the lock-out of their address meanwhile: it is 4 as well.
    expect(await client.take("connack")).toMatchObject({ returnCode: wrong ? 4 : 0 });
  }
  expect((await lookUps()) - before).toBeLessThan(COUNT / 5);
  for (const { client } of clients) client.socket.destroy();
  await Promise.all(clients.map(({ client }) => client.closed));
});
